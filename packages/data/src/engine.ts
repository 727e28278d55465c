// One private in-memory DuckDB for the length of one call: limits set, temporary files in a folder of its own,
// everything closed and removed at the end, and DuckDB's errors turned into `DataError`s by their structured type.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DataError } from "./data-error.ts";
import { literal } from "./sql-text.ts";

/** What one call may use: memory in MB, threads, and the folder under which it keeps its temporary files. */
export interface EngineOptions {
  memoryLimitMB?: number;
  threads?: number;
  workDir?: string;
  signal?: AbortSignal;
}

/** A row of a small result: column name to JavaScript value (bigints stay bigints). */
export type Row = Record<string, unknown>;

/** A connection to the call's own database, and the folder that lives as long as it does. */
export interface Engine {
  readonly connection: DuckDBConnection;
  readonly folder: string;
  /** Runs statements for their effect. */
  run(sql: string): Promise<void>;
  /** Runs a query with a small result. */
  rows(sql: string): Promise<Row[]>;
}

/** Opens an engine, hands it to `use`, and closes it and removes its folder whatever happens. */
export async function withEngine<T>(options: EngineOptions, use: (engine: Engine) => Promise<T>): Promise<T> {
  const { signal, workDir = tmpdir() } = options;
  refuseAborted(signal);
  const folder = await makeFolder(workDir);
  try {
    const instance = await DuckDBInstance.create(":memory:", settings(options, folder));
    const connection = await instance.connect();
    const interruption = new Interruption(connection);
    const interrupt = () => interruption.begin();
    signal?.addEventListener("abort", interrupt);
    try {
      await connection.run("SET errors_as_json = true; SET TimeZone = 'UTC'");
      return await use(engineOn(connection, folder, signal));
    } finally {
      signal?.removeEventListener("abort", interrupt);
      interruption.end();
      connection.closeSync();
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Interrupts a connection until its work has ended: DuckDB forgets an interruption that meets it between two queries. */
export class Interruption {
  readonly #connection: DuckDBConnection;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  begin(): void {
    this.#connection.interrupt();
    this.#timer ??= setInterval(() => this.#connection.interrupt(), INTERRUPT_MS);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

/** Throws the ABORTED error if the signal has fired. */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new DataError("ABORTED", "the work was cancelled before it ended", { cause: signal.reason });
}

/** What DuckDB reports when `errors_as_json` is on; `type` is its exception class. */
export interface EngineFault {
  type: string;
  message: string;
  errno?: number;
  position?: number;
  candidates?: string;
}

/** Reads the structured part of a DuckDB error, or undefined if the error is none of DuckDB's. */
export function engineFault(error: unknown): EngineFault | undefined {
  const text = error instanceof Error ? error.message : "";
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  try {
    const fault: unknown = JSON.parse(text.slice(start));
    if (typeof fault !== "object" || fault === null || !("exception_type" in fault)) return undefined;
    const { exception_type, exception_message, errno, position, candidates } = fault as Record<string, string>;
    return {
      type: exception_type,
      message: (exception_message ?? "").split("\n")[0],
      errno: errno === undefined ? undefined : Number(errno),
      position: position === undefined ? undefined : Number(position),
      candidates,
    };
  } catch {
    return undefined;
  }
}

/** The `DataError` for a DuckDB error that no caller knows better about. */
export function engineError(error: unknown, signal?: AbortSignal): DataError {
  if (error instanceof DataError) return error;
  if (signal?.aborted)
    return new DataError("ABORTED", "the work was cancelled before it ended", { cause: signal.reason });
  const fault = engineFault(error);
  if (fault?.type === "Out of Memory") {
    return new DataError(
      "OUT_OF_MEMORY",
      "the data does not fit in the memory limit; raise the memory limit, or free space in the temporary folder",
      { cause: error },
    );
  }
  if (fault?.errno === ENOSPC) return diskFull(error);
  const detail = fault ? `${fault.type}: ${fault.message}` : error instanceof Error ? error.message : String(error);
  return new DataError("ENGINE_FAILED", `the data engine failed (${detail})`, { cause: error });
}

/** The error of a disk without space. */
export function diskFull(cause: unknown): DataError {
  return new DataError("DISK_FULL", "the disk is full; free some space and import again (nothing was kept)", { cause });
}

// Internal

const INTERRUPT_MS = 100;
/** `ENOSPC` on Linux and macOS alike. */
const ENOSPC = 28;

async function makeFolder(workDir: string): Promise<string> {
  try {
    await mkdir(workDir, { recursive: true });
    return await mkdtemp(join(workDir, "massif-data-"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw diskFull(error);
    throw new DataError(
      "WRITE_FAILED",
      `cannot make a temporary folder in ${workDir}; give a folder that is writable`,
      {
        cause: error,
      },
    );
  }
}

function settings({ memoryLimitMB, threads }: EngineOptions, folder: string): Record<string, string> {
  const chosen: Record<string, string> = {
    temp_directory: folder,
    preserve_insertion_order: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  };
  if (memoryLimitMB !== undefined) chosen.memory_limit = `${positive("memoryLimitMB", memoryLimitMB)}MB`;
  if (threads !== undefined) chosen.threads = String(positive("threads", threads));
  return chosen;
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new DataError("BAD_OPTION", `\`${name}\` must be an integer ≥ 1, got ${value}`);
}

function engineOn(connection: DuckDBConnection, folder: string, signal: AbortSignal | undefined): Engine {
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    refuseAborted(signal);
    try {
      return await work();
    } catch (error) {
      refuseAborted(signal);
      throw error;
    }
  };
  return {
    connection,
    folder,
    run: (sql) => guard(async () => void (await connection.run(sql))),
    rows: (sql) => guard(async () => (await connection.runAndReadAll(sql)).getRowObjectsJS()),
  };
}

/** A view over one Parquet file under a name. */
export async function attachParquet(engine: Engine, name: string, path: string): Promise<void> {
  await engine.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet(${literal(path)})`);
}
