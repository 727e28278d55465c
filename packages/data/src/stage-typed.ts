// Typed rows (JSON, Parquet) into the table `staged`: structs are flattened to `outer.inner` columns, the engine's
// many types become the five that are staged, and what is no table (lists, maps, bytes) is refused by name.
import { type DuckDBStructType, type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { refuseDuplicates } from "./csv-dialect.ts";
import { DataError } from "./data-error.ts";
import type { Engine } from "./engine.ts";
import { isMissing } from "./missing.ts";
import { identifier, literal } from "./sql-text.ts";
import type { ReadLimits, StagedColumn, StagedTable, StagedType } from "./staged-table.ts";

/** Reads `relation` (a table function call or a view) into `staged`; `file` names it in errors. */
export async function stageTyped(
  engine: Engine,
  relation: string,
  { file, limits }: { file: string; limits: ReadLimits },
): Promise<StagedTable> {
  const leaves = await leavesOf(engine, relation, file);
  if (leaves.length > limits.maxColumns) {
    throw new DataError(
      "TOO_MANY_COLUMNS",
      `${file} has ${leaves.length} columns, the limit is ${limits.maxColumns}; drop columns or turn the table on its side`,
    );
  }
  refuseDuplicates(
    leaves.map((leaf) => leaf.name),
    file,
  );
  const selected = leaves.map((leaf, i) => `${stagedExpression(leaf, file)} AS c${i}`).join(", ");
  await engine.run(`CREATE TABLE staged AS SELECT ${selected} FROM ${relation} LIMIT ${limits.maxRows + 1}`);
  await refuseNestedJson(engine, leaves, file);
  const [{ rows }] = await engine.rows("SELECT count(*)::DOUBLE AS rows FROM staged");
  const columns = leaves.map(
    (leaf, i): StagedColumn => ({ id: `c${i}`, name: leaf.name, type: stagedType(leaf), unnamed: false }),
  );
  return { rows: rows as number, columns, warnings: [], decimalComma: false };
}

// Internal

/** A column that is no struct: its dotted name, the SQL that reads it, and its type. */
interface Leaf {
  name: string;
  sql: string;
  type: DuckDBType;
}

const WHOLE_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);
const REAL_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);
const DATE_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);
const TEXT_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.ENUM,
  DuckDBTypeId.UUID,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIME_TZ,
  DuckDBTypeId.TIME_NS,
  DuckDBTypeId.INTERVAL,
  DuckDBTypeId.SQLNULL,
]);

async function leavesOf(engine: Engine, relation: string, file: string): Promise<Leaf[]> {
  const statement = await engine.connection.prepare(`SELECT * FROM ${relation}`);
  try {
    const leaves: Leaf[] = [];
    for (let i = 0; i < statement.columnCount; i++) {
      const name = statement.columnName(i);
      pushLeaves({ name, sql: identifier(name), type: statement.columnType(i) }, leaves);
    }
    if (leaves.length === 0) throw new DataError("NOT_A_TABLE", `${file} has no columns; give a table`);
    return leaves;
  } finally {
    statement.destroySync();
  }
}

function pushLeaves(leaf: Leaf, leaves: Leaf[]): void {
  if (leaf.type.typeId !== DuckDBTypeId.STRUCT) {
    leaves.push(leaf);
    return;
  }
  const struct = leaf.type as DuckDBStructType;
  struct.entryNames.forEach((inner, i) => {
    const sql = `struct_extract(${leaf.sql}, ${literal(inner)})`;
    pushLeaves({ name: `${leaf.name}.${inner}`, sql, type: struct.entryTypes[i] }, leaves);
  });
}

function stagedType({ type }: Leaf): StagedType {
  if (WHOLE_TYPES.has(type.typeId)) return "BIGINT";
  if (REAL_TYPES.has(type.typeId)) return "DOUBLE";
  if (DATE_TYPES.has(type.typeId)) return "TIMESTAMP";
  return type.typeId === DuckDBTypeId.BOOLEAN ? "BOOLEAN" : "VARCHAR";
}

function isJson({ type }: Leaf): boolean {
  return type.typeId === DuckDBTypeId.VARCHAR && type.alias === "JSON";
}

function stagedExpression(leaf: Leaf, file: string): string {
  const { type, sql, name } = leaf;
  const staged = stagedType(leaf);
  if (staged === "VARCHAR" && !TEXT_TYPES.has(type.typeId)) {
    throw nestedError(file, name, `holds ${DuckDBTypeId[type.typeId].toLowerCase()} values`);
  }
  const cast = `CAST(${sql} AS ${staged})`;
  // JSON text is unwrapped after the check that nothing nested is in it.
  if (staged !== "VARCHAR" || isJson(leaf)) return cast;
  return `CASE WHEN ${isMissing(cast)} THEN NULL ELSE ${cast} END`;
}

function nestedError(file: string, column: string, what: string, row?: number): DataError {
  const where = row === undefined ? "" : ` in row ${row}`;
  return new DataError(
    "NESTED_VALUE",
    `column ${JSON.stringify(column)} of ${file} ${what}${where}; give one value per column (unnest or drop it)`,
    { column, row },
  );
}

/** Columns of mixed JSON scalars become text; an object or a list among them is refused by row. */
async function refuseNestedJson(engine: Engine, leaves: readonly Leaf[], file: string): Promise<void> {
  for (const [i, leaf] of leaves.entries()) {
    if (!isJson(leaf)) continue;
    const [nested] = await engine.rows(
      `SELECT (rowid + 1)::DOUBLE AS row, json_type(c${i}) AS type FROM staged
       WHERE json_type(c${i}) IN ('OBJECT', 'ARRAY') ORDER BY rowid LIMIT 1`,
    );
    if (nested !== undefined) {
      const what = nested.type === "ARRAY" ? "holds a list" : "holds an object beside other values";
      throw nestedError(file, leaf.name, what, nested.row as number);
    }
    await engine.run(`UPDATE staged SET c${i} = json_extract_string(c${i}, '$')`);
  }
}
