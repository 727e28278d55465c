// Columns of a Parquet version (or of any relation in an engine) as typed arrays. Casts, missing values and
// category codes are made in SQL by all threads; here each chunk of 2,048 values is one copy into its place.
import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { DuckDBVector } from "@duckdb/node-api";
import type { Column, Table, ColumnKind as TableKind } from "@massif/learn";
import type { ColumnInfo, ColumnKind, ColumnStorage } from "./column-info.ts";
import { DataError, shown } from "./data-error.ts";
import { attachParquet, type Engine, type EngineOptions, engineError, withEngine } from "./engine.ts";
import { checkParquetFrame } from "./parquet-frame.ts";
import { identifier, literal } from "./sql-text.ts";

/** What to read of a version; `kinds` overrules how a column is read, `limit` and `offset` count rows. */
export interface ReadTableOptions extends EngineOptions {
  path: string;
  columns?: readonly string[];
  kinds?: Readonly<Record<string, TableKind>>;
  limit?: number;
  offset?: number;
}

/** Where a column comes from: the SQL that gives it in the relation, and the kind of column it becomes. */
export interface ColumnSource {
  name: string;
  sql: string;
  kind: TableKind;
  storage: ColumnStorage;
}

/** Key of the column kinds in a version's Parquet metadata. */
export const KINDS_KEY = "massif.columns";

/**
 * Reads columns of a version into memory. Category codes index the categories of the whole version in code point
 * order (numbers in their own), whatever rows are asked for, so that parts of one version agree.
 */
export async function readTable(options: ReadTableOptions): Promise<Table> {
  const { path, columns, kinds = {}, limit, offset } = options;
  await refuseMissing(path);
  try {
    return await withEngine(options, async (engine) => {
      await attachParquet(engine, "version", path);
      const stored = await storedColumns(engine, path);
      const wanted = columns ?? stored.map((column) => column.name);
      const sources = wanted.map((name) => sourceOf(stored, name, kinds));
      const range = { sources, limit, offset };
      if (limit === undefined && offset === undefined) return tableFrom(engine, "version", range);
      // By row number, the engine leaves out the row groups that hold none of the rows; by OFFSET it reads them all.
      const isFree = stored.every((column) => column.name !== ROW_NUMBER);
      return tableFrom(engine, "version", { ...range, numbered: isFree ? numberedScan(path) : undefined });
    });
  } catch (error) {
    throw engineError(error, options.signal);
  }
}

/** Where the version's column `name` comes from; `kinds` overrules its kind. */
export function sourceOf(
  stored: Awaited<ReturnType<typeof storedColumns>>,
  name: string,
  kinds: Readonly<Record<string, TableKind>>,
): ColumnSource {
  const found = stored.find((column) => column.name === name);
  if (!found)
    throw unknownColumn(
      name,
      stored.map((column) => column.name),
    );
  const asked = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  return { name, sql: identifier(name), kind: asked ?? tableKind(found), storage: found.storage };
}

/** The kind under which a column enters a learning table: words for a boolean stay words, so they are categories. */
export function tableKind({ kind, storage }: { kind: ColumnKind; storage: ColumnStorage }): TableKind {
  if (kind === "boolean") return storage === "VARCHAR" ? "category" : "number";
  return kind;
}

export interface TableSelection {
  sources: readonly ColumnSource[];
  limit?: number;
  offset?: number;
  /** The relation with a column of row numbers, where it has one. */
  numbered?: string;
}

/** Reads `sources` of a relation into a table. */
export async function tableFrom(engine: Engine, relation: string, selection: TableSelection): Promise<Table> {
  const { sources, limit, offset, numbered } = selection;
  const rows = await rowsOf(engine, relation, selection);
  const builders = await buildersOf(engine, relation, { sources, rows });
  if (builders.length > 0 && rows > 0) {
    const range = `${limit === undefined ? "" : ` LIMIT ${limit}`}${offset === undefined ? "" : ` OFFSET ${offset}`}`;
    const from =
      numbered === undefined
        ? `${relation}${range}`
        : `${numbered} WHERE ${ROW_NUMBER} >= ${offset ?? 0} AND ${ROW_NUMBER} < ${(offset ?? 0) + rows}`;
    const sql = `SELECT ${builders.map((builder) => builder.sql).join(", ")} FROM ${from}`;
    const result = await engine.connection.stream(sql);
    let at = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (let i = 0; i < builders.length; i++) builders[i].take(chunk.getColumnVector(i), at);
      at += chunk.rowCount;
    }
  }
  return { rows, columns: builders.map((builder) => builder.column) };
}

/** Names the column nearest to a name that does not exist. */
export function unknownColumn(name: string, names: readonly string[]): DataError {
  const near = names.find((other) => other.toLowerCase().trim() === name.toLowerCase().trim());
  const some = names.slice(0, 12).join(", ") + (names.length > 12 ? ", …" : "");
  const cure = near ? `did you mean ${shown(near)}?` : `the columns are ${some}`;
  return new DataError("UNKNOWN_COLUMN", `there is no column ${shown(name)}; ${cure}`, { column: name });
}

/** Refuses a path at which no readable Parquet file lies. */
export async function refuseMissing(path: string): Promise<void> {
  const name = basename(path);
  try {
    await (await open(path)).close();
  } catch (cause) {
    throw new DataError("FILE_NOT_FOUND", `there is no readable file ${name}; check the path`, { cause });
  }
  await checkParquetFrame(path, name);
}

/** Rows of each row group of a version, in order: what can be read apart without reading the rest. */
export async function rowGroups({ path, ...options }: EngineOptions & { path: string }): Promise<number[]> {
  await refuseMissing(path);
  try {
    return await withEngine(options, async (engine) => {
      const sql = `SELECT DISTINCT row_group_id AS id, row_group_num_rows::DOUBLE AS rows
        FROM parquet_metadata(${literal(path)}) ORDER BY id`;
      return (await engine.rows(sql)).map(({ rows }) => rows as number);
    });
  } catch (error) {
    throw engineError(error, options.signal);
  }
}

/** Names, kinds and storage of the columns of a version. */
export async function storedColumns(
  engine: Engine,
  path: string,
): Promise<Pick<ColumnInfo, "name" | "kind" | "storage">[]> {
  const described = await engine.rows("DESCRIBE version");
  const [meta] = await engine.rows(
    `SELECT decode(value) AS json FROM parquet_kv_metadata(${literal(path)}) WHERE decode(key) = '${KINDS_KEY}'`,
  );
  const kinds: Record<string, ColumnKind> = meta === undefined ? {} : JSON.parse(meta.json as string);
  return described.map(({ column_name, column_type }) => {
    const name = column_name as string;
    const storage = column_type as ColumnStorage;
    return { name, storage, kind: kinds[name] ?? PLAIN_KINDS[storage] ?? "number" };
  });
}

// Internal

/** DuckDB's name of a Parquet row's number. */
const ROW_NUMBER = "file_row_number";

function numberedScan(path: string): string {
  return `read_parquet(${literal(path)}, file_row_number = true)`;
}

/** Kinds in a Parquet file that carries none. */
const PLAIN_KINDS: Partial<Record<string, ColumnKind>> = {
  VARCHAR: "category",
  BOOLEAN: "boolean",
  TIMESTAMP: "date",
  DATE: "date",
};

/** Collects one column chunk by chunk. */
export interface ColumnBuilder {
  sql: string;
  column: Column;
  take(vector: DuckDBVector, at: number): void;
}

async function rowsOf(engine: Engine, relation: string, { limit, offset = 0 }: TableSelection): Promise<number> {
  for (const [name, value] of Object.entries({ limit: limit ?? 0, offset })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new DataError("BAD_OPTION", `\`${name}\` must be an integer ≥ 0, got ${value}`);
  }
  const [{ rows }] = await engine.rows(`SELECT count(*)::DOUBLE AS rows FROM ${relation}`);
  return Math.min(Math.max(0, (rows as number) - offset), limit ?? Number.POSITIVE_INFINITY);
}

/** A builder of `rows` rows for each source; categories are those of the whole relation. */
export async function buildersOf(
  engine: Engine,
  relation: string,
  { sources, rows }: { sources: readonly ColumnSource[]; rows: number },
): Promise<ColumnBuilder[]> {
  const builders: ColumnBuilder[] = [];
  for (const [i, source] of sources.entries()) {
    if (source.kind === "category")
      builders.push(await categoryBuilder(engine, relation, { source, rows, type: `dict_${i}` }));
    else if (source.kind === "text") builders.push(textBuilder(source, rows));
    else builders.push(numberBuilder(source, rows));
  }
  return builders;
}

/** The raw values of a chunk's vector: a view of DuckDB's memory, valid until the next chunk, which `set` copies. */
function itemsOf<T>(vector: DuckDBVector): T {
  return (vector as unknown as { items: T }).items;
}

function numberBuilder({ name, sql, kind, storage }: ColumnSource, rows: number): ColumnBuilder {
  const values = new Float64Array(rows);
  const isDate = storage === "TIMESTAMP" || storage === ("DATE" as ColumnStorage);
  const number = isDate
    ? `epoch_ms(CAST(${sql} AS TIMESTAMP))`
    : storage === "VARCHAR"
      ? `TRY_CAST(${sql} AS DOUBLE)`
      : sql;
  const column: Column = kind === "date" ? { kind: "date", name, values } : { kind: "number", name, values };
  return {
    sql: `coalesce(CAST(${number} AS DOUBLE), 'nan'::DOUBLE)`,
    column,
    take: (vector, at) => values.set(itemsOf<Float64Array>(vector), at),
  };
}

async function categoryBuilder(
  engine: Engine,
  relation: string,
  { source, rows, type }: { source: ColumnSource; rows: number; type: string },
): Promise<ColumnBuilder> {
  const { name, storage } = source;
  // Negative zero equals zero but is spelled differently, so the two would not find the same category.
  const value = storage === "DOUBLE" ? `CASE WHEN ${source.sql} = 0 THEN 0 ELSE ${source.sql} END` : source.sql;
  const distinct = `SELECT DISTINCT ${value} AS value FROM ${relation} WHERE ${source.sql} IS NOT NULL`;
  await engine.run(
    `CREATE TEMP TABLE ${type}_values AS SELECT CAST(value AS VARCHAR) AS label FROM (${distinct}) ORDER BY value`,
  );
  const labels = `SELECT label FROM ${type}_values ORDER BY rowid`;
  const categories = (await engine.rows(labels)).map((row) => row.label as string);
  const codes = new Int32Array(rows).fill(-1);
  const column: Column = { kind: "category", name, codes, categories };
  // An ENUM without values cannot be made.
  if (categories.length === 0) return { sql: "CAST(-1 AS INTEGER)", column, take: () => undefined };
  await engine.run(`CREATE TYPE ${type} AS ENUM (${labels})`);
  return {
    sql: `coalesce(CAST(enum_code(CAST(CAST(${value} AS VARCHAR) AS ${type})) AS INTEGER), -1)`,
    column,
    take: (vector, at) => codes.set(itemsOf<Int32Array>(vector), at),
  };
}

function textBuilder({ name, sql }: ColumnSource, rows: number): ColumnBuilder {
  const values: (string | null)[] = new Array(rows).fill(null);
  return {
    sql: `CAST(${sql} AS VARCHAR)`,
    column: { kind: "text", name, values },
    take: (vector, at) => {
      for (let i = 0; i < vector.itemCount; i++) values[at + i] = vector.getItem(i) as string | null;
    },
  };
}
