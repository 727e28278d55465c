// The rows of a version as tables of so many rows each, as often as wanted: what learns out of core reads. One chunk is
// in memory at a time; all chunks share the categories of the whole version.
import type { Column, Table, ColumnKind as TableKind } from "@massif/learn";
import { DataError } from "./data-error.ts";
import { attachParquet, type Engine, type EngineOptions, engineError, withEngine } from "./engine.ts";
import { buildersOf, type ColumnBuilder, refuseMissing, sourceOf, storedColumns } from "./read-table.ts";

/** What to read; `kinds` overrules how a column is read. */
export interface ReadChunksOptions extends EngineOptions {
  path: string;
  columns?: readonly string[];
  kinds?: Readonly<Record<string, TableKind>>;
  /** Rows of every chunk but the last. */
  chunkRows: number;
  /** Rows to leave out at the beginning. */
  offset?: number;
}

/** A version that can be read through several times. */
export interface ChunkSource {
  readonly rows: number;
  /** The rows after the offset, in order; a table belongs to the caller. */
  chunks(): AsyncGenerator<Table, void, void>;
}

/** Opens a version, hands it to `use`, and closes it. */
export async function withChunks<T>(options: ReadChunksOptions, use: (source: ChunkSource) => Promise<T>): Promise<T> {
  const { path, chunkRows, columns, offset = 0, kinds = {} } = options;
  if (!Number.isSafeInteger(chunkRows) || chunkRows < 1) {
    throw new DataError("BAD_OPTION", `\`chunkRows\` must be an integer ≥ 1, got ${chunkRows}`);
  }
  await refuseMissing(path);
  let failed: unknown;
  try {
    return await withEngine(options, async (engine) => {
      await attachParquet(engine, "version", path);
      const stored = await storedColumns(engine, path);
      const names = columns ?? stored.map(({ name }) => name);
      const sources = names.map((name) => sourceOf(stored, name, kinds));
      const [{ rows }] = await engine.rows("SELECT count(*)::DOUBLE AS rows FROM version");
      // A vector of the engine that begins in one chunk and ends in the next needs room behind the first.
      const builders = await buildersOf(engine, "version", { sources, rows: chunkRows + VECTOR_ROWS });
      const chunks = () => readThrough(engine, builders, { chunkRows, offset });
      return await use({ rows: rows as number, chunks }).catch((error: unknown) => {
        failed = error;
        throw error;
      });
    });
  } catch (error) {
    // What the caller threw is the caller's.
    throw failed === undefined ? engineError(error, options.signal) : error;
  }
}

// Internal

/** The largest vector DuckDB hands over. */
const VECTOR_ROWS = 2048;

async function* readThrough(
  engine: Engine,
  builders: readonly ColumnBuilder[],
  { chunkRows, offset }: { chunkRows: number; offset: number },
) {
  if (builders.length === 0) return;
  const from = offset === 0 ? "version" : `version OFFSET ${offset}`;
  const result = await engine.connection.stream(`SELECT ${builders.map(({ sql }) => sql).join(", ")} FROM ${from}`);
  let at = 0;
  for (let part = await result.fetchChunk(); part && part.rowCount > 0; part = await result.fetchChunk()) {
    for (let i = 0; i < builders.length; i++) builders[i].take(part.getColumnVector(i), at);
    at += part.rowCount;
    // A chunk smaller than a vector may be filled several times by one.
    for (; at >= chunkRows; at -= chunkRows) {
      yield tableOf(builders, chunkRows);
      for (const { column } of builders) shift(column, chunkRows, at);
    }
  }
  if (at > 0) yield tableOf(builders, at);
}

/** A copy of the first rows. */
function tableOf(builders: readonly ColumnBuilder[], rows: number): Table {
  return { rows, columns: builders.map(({ column }) => firstRows(column, rows)) };
}

function firstRows(column: Column, rows: number): Column {
  if (column.kind === "category") return { ...column, codes: column.codes.slice(0, rows) };
  if (column.kind === "text") return { ...column, values: column.values.slice(0, rows) };
  return { ...column, values: column.values.slice(0, rows) };
}

/** Moves rows [by, end) to the front. */
function shift(column: Column, by: number, end: number): void {
  if (column.kind === "category") column.codes.copyWithin(0, by, end);
  else if (column.kind === "text") (column.values as (string | null)[]).copyWithin(0, by, end);
  else column.values.copyWithin(0, by, end);
}
