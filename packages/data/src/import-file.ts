// Imports a file: read, typed, written as one Parquet version, profiled. And the same without the version, for
// those who only want the columns in memory.
import { dirname } from "node:path";
import type { Table } from "@massif/learn";
import type { ColumnInfo, ColumnKind } from "./column-info.ts";
import { DataError } from "./data-error.ts";
import { describeColumns } from "./describe-columns.ts";
import { type Engine, type EngineOptions, engineError, withEngine } from "./engine.ts";
import { type Profile, profileOf } from "./profile.ts";
import { tableFrom, tableKind } from "./read-table.ts";
import { type ReadOptions, stageFile } from "./stage-file.ts";
import { typeColumns } from "./type-columns.ts";
import { writeVersion } from "./version-file.ts";

/** Where an import is: `fraction` of the stage (0 to 1) where known, `rows` once they are counted. */
export interface ImportProgress {
  stage: "read" | "infer" | "write" | "profile";
  fraction?: number;
  rows?: number;
}

/** How to import; `kinds` overrules what would be found for a column. */
export interface ImportOptions extends EngineOptions, ReadOptions {
  source: string;
  outPath: string;
  kinds?: Readonly<Record<string, ColumnKind>>;
  onProgress?: (progress: ImportProgress) => void;
}

/** An imported version. */
export interface ImportResult {
  rows: number;
  columns: ColumnInfo[];
  profile: Profile;
  /** Of the file as a whole; what concerns a column is among its flags. */
  warnings: string[];
  path: string;
  bytes: number;
  sha256: string;
}

/** Imports `source` as the Parquet file `outPath`, which is whole or absent whatever happens. */
export async function importFile(options: ImportOptions): Promise<ImportResult> {
  const { source, outPath, onProgress } = options;
  if (!outPath) throw new DataError("BAD_OPTION", "`outPath` must name the file to write");
  const engineOptions = { ...options, workDir: options.workDir ?? dirname(outPath) };
  try {
    return await withEngine(engineOptions, async (engine) => {
      const stages = new Stages(engine, onProgress);
      try {
        const { rows, columns, sql, warnings } = await typedFile(engine, source, { ...options, stages });
        stages.enter("write", rows);
        const written = columns.map((info, i) => ({ sql: sql[i], info }));
        const file = await writeVersion(engine, "typed", { columns: written, path: outPath });
        stages.enter("profile", rows);
        const sources = columns.map((info, i) => ({ info, sql: sql[i] }));
        const profile = await profileOf(engine, "typed", { sources, rows });
        return { rows, columns, profile, warnings, ...file };
      } finally {
        stages.stop();
      }
    });
  } catch (error) {
    throw engineError(error, options.signal);
  }
}

/** How to read a file into memory; `workDir` is where its temporary files go. */
export interface ReadFileOptions extends EngineOptions, ReadOptions {
  source: string;
  kinds?: Readonly<Record<string, ColumnKind>>;
}

/** Reads a file's columns into memory as `importFile` and `readTable` would, without a version in between. */
export async function readFileTable(
  options: ReadFileOptions,
): Promise<{ table: Table; columns: ColumnInfo[]; warnings: string[] }> {
  try {
    return await withEngine(options, async (engine) => {
      const { columns, sql, warnings } = await typedFile(engine, options.source, options);
      const sources = columns.map((info, i) => ({
        name: info.name,
        sql: sql[i],
        kind: tableKind(info),
        storage: info.storage,
      }));
      return { table: await tableFrom(engine, "typed", { sources }), columns, warnings };
    });
  } catch (error) {
    throw engineError(error, options.signal);
  }
}

/** A file in the engine's table `typed`; `sql[i]` gives column i of the file. */
export interface TypedFile {
  rows: number;
  columns: ColumnInfo[];
  sql: string[];
  warnings: string[];
}

/** Reads a file and finds the types of its columns. */
export async function typedFile(
  engine: Engine,
  source: string,
  options: ReadOptions & { kinds?: Readonly<Record<string, ColumnKind>>; stages?: Stages },
): Promise<TypedFile> {
  options.stages?.enter("read");
  const staged = await stageFile(engine, source, options);
  options.stages?.enter("infer", staged.rows);
  const typed = await typeColumns(engine, staged, options.kinds);
  const columns = await describeColumns(engine, typed, staged.rows);
  return { rows: staged.rows, columns, sql: typed.map((column) => column.sql), warnings: staged.warnings };
}

// Internal

/** How often progress within a stage is asked for, in milliseconds. */
const PROGRESS_MS = 200;

/** Reports each stage as it begins, and how far the engine's present query is. */
export class Stages {
  readonly #onProgress: ImportOptions["onProgress"];
  #current: ImportProgress = { stage: "read" };
  #timer: NodeJS.Timeout | undefined;

  constructor(engine: Engine, onProgress: ImportOptions["onProgress"]) {
    this.#onProgress = onProgress;
    if (!onProgress) return;
    this.#timer = setInterval(() => {
      const { percentage } = engine.connection.progress;
      if (percentage > 0) onProgress({ ...this.#current, fraction: Math.min(1, percentage / 100) });
    }, PROGRESS_MS);
    this.#timer.unref();
  }

  enter(stage: ImportProgress["stage"], rows?: number): void {
    this.#current = rows === undefined ? { stage } : { stage, rows };
    this.#onProgress?.(this.#current);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
