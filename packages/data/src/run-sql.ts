// Runs a user's SELECT over dataset versions, in an engine that can reach nothing but their files: external access
// off, configuration locked, memory, time and rows limited. Isolation from crashes is the caller's child process.
import type { DuckDBConnection, DuckDBResult, Json } from "@duckdb/node-api";
import { DataError } from "./data-error.ts";
import { type Engine, type EngineOptions, engineError, engineFault, Interruption, withEngine } from "./engine.ts";
import { refuseMissing } from "./read-table.ts";
import { guardSql } from "./sql-guard.ts";
import { identifier, literal, literals } from "./sql-text.ts";

/** Limits of one query. */
export interface SqlLimits {
  seconds: number;
  memoryMB: number;
  rows: number;
}

/** A query over versions: `tables` maps the names used in `sql` to Parquet paths. */
export interface RunSqlOptions extends Pick<EngineOptions, "threads" | "workDir" | "signal"> {
  tables: Readonly<Record<string, string>>;
  sql: string;
  limits?: Partial<SqlLimits>;
}

/** A result as JSON: whole numbers beyond 2^53, dates and times are strings; `truncated` if rows were left out. */
export interface SqlResult {
  columns: { name: string; type: string }[];
  rows: Json[][];
  truncated: boolean;
}

/** Limits where the caller names none. */
export const DEFAULT_SQL_LIMITS: SqlLimits = { seconds: 30, memoryMB: 1024, rows: 10_000 };

/** Runs one SELECT. Errors: SQL_INVALID, SQL_NOT_ALLOWED, SQL_TIMEOUT, OUT_OF_MEMORY. */
export async function runSql(options: RunSqlOptions): Promise<SqlResult> {
  const { tables, sql, threads, workDir, signal } = options;
  const limits = { ...DEFAULT_SQL_LIMITS, ...options.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0)) throw new DataError("BAD_OPTION", `\`limits.${name}\` must be a number > 0, got ${value}`);
  }
  for (const path of Object.values(tables)) await refuseMissing(path);
  try {
    return await withEngine({ threads, workDir, signal, memoryLimitMB: Math.ceil(limits.memoryMB) }, async (engine) => {
      await lockIn(engine, tables);
      await guardSql(engine, sql, Object.keys(tables));
      return await limited(engine.connection, sql, limits);
    });
  } catch (error) {
    throw sqlError(error, { sql, signal });
  }
}

// Internal

/** Views first, while files can be reached; then everything but their files is closed, for good. */
async function lockIn(engine: Engine, tables: Readonly<Record<string, string>>): Promise<void> {
  const paths = Object.values(tables);
  await engine.run(`SET allowed_paths = [${literals(paths)}]`);
  for (const [name, path] of Object.entries(tables)) {
    await engine.run(`CREATE VIEW ${identifier(name)} AS SELECT * FROM read_parquet(${literal(path)})`);
  }
  await engine.run("SET max_temp_directory_size = '1GB'");
  await engine.run("SET enable_external_access = false");
  await engine.run("SET lock_configuration = true");
}

async function limited(connection: DuckDBConnection, sql: string, limits: SqlLimits): Promise<SqlResult> {
  let late = false;
  const interruption = new Interruption(connection);
  const timer = setTimeout(() => {
    late = true;
    interruption.begin();
  }, limits.seconds * 1000);
  try {
    return await collect(await connection.stream(sql), limits.rows);
  } catch (error) {
    if (!late) throw error;
    const text = `the query ran longer than ${limits.seconds} s and was stopped; narrow it or raise the time limit`;
    throw new DataError("SQL_TIMEOUT", text, { cause: error });
  } finally {
    clearTimeout(timer);
    interruption.end();
  }
}

async function collect(result: DuckDBResult, limit: number): Promise<SqlResult> {
  const names = result.columnNames();
  const columns = names.map((name, i) => ({ name, type: result.columnType(i).toString() }));
  const rows: Json[][] = [];
  for await (const batch of result.yieldRowsJson()) {
    for (const row of batch) {
      if (rows.length >= limit) return { columns, rows, truncated: true };
      rows.push(row.map((value, i) => plainNumber(value, columns[i].type)));
    }
  }
  return { columns, rows, truncated: false };
}

/** BIGINTs come as strings; those a double holds exactly become numbers. */
function plainNumber(value: Json, type: string): Json {
  if (typeof value !== "string" || !WHOLE_TYPES.has(type)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const WHOLE_TYPES = new Set(["BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT"]);

function sqlError(error: unknown, { sql, signal }: { sql: string; signal: AbortSignal | undefined }): DataError {
  const fault = error instanceof DataError ? undefined : engineFault(error);
  if (fault === undefined || signal?.aborted || fault.type === "Out of Memory" || fault.errno !== undefined) {
    return engineError(error, signal);
  }
  if (fault.type === "Permission") {
    return new DataError("SQL_NOT_ALLOWED", "the query reaches for something outside its tables; use only the tables", {
      cause: error,
    });
  }
  const where = fault.position === undefined ? "" : ` (at character ${fault.position + 1} of ${sql.length})`;
  const hint = fault.candidates ? `; did you mean ${fault.candidates}?` : "";
  return new DataError("SQL_INVALID", `the query failed: ${fault.message}${where}${hint}`, { cause: error });
}
