// Which SQL a user may send: one SELECT over the named tables. DuckDB's own parser gives the statement as a tree;
// every table and every table function in it must be on a list. This stands before the engine's own locks (no
// external access, configuration locked), because some table functions change the engine itself: one call of
// `enable_logging` with a path is enough to make DuckDB abort the process when it closes.
import { DataError, shown } from "./data-error.ts";
import type { Engine } from "./engine.ts";
import { literal } from "./sql-text.ts";

/** Refuses SQL that is not one SELECT over `tables`. */
export async function guardSql(engine: Engine, sql: string, tables: readonly string[]): Promise<void> {
  if (sql.length > MAX_SQL_CHARACTERS) {
    throw new DataError("SQL_NOT_ALLOWED", `the SQL has more than ${MAX_SQL_CHARACTERS} characters; shorten it`);
  }
  // A zero byte would end the text early inside the engine.
  if (sql.includes("\0")) throw new DataError("SQL_INVALID", "the SQL has a zero byte; remove it");
  const [{ tree }] = await engine.rows(`SELECT CAST(json_serialize_sql(${literal(sql)}) AS VARCHAR) AS tree`);
  const { error, error_type, error_message, statements } = JSON.parse(tree as string) as SerializedSql;
  if (error && error_type === "not implemented") {
    throw new DataError("SQL_NOT_ALLOWED", "only SELECT is allowed; write the query as one SELECT (or WITH … SELECT)");
  }
  if (error) throw new DataError("SQL_INVALID", `the SQL cannot be read: ${(error_message ?? "").split("\n")[0]}`);
  if (statements.length !== 1) {
    const what = statements.length === 0 ? "no statement" : `${statements.length} statements`;
    throw new DataError("SQL_NOT_ALLOWED", `the SQL has ${what}; send exactly one SELECT`);
  }
  const known = new Set(tables.map((name) => name.toLowerCase()));
  walk(statements[0], (node) => pushCommonTables(node, known));
  walk(statements[0], (node) => checkNode(node, known, tables));
}

// Internal

const MAX_SQL_CHARACTERS = 100_000;

interface SerializedSql {
  error: boolean;
  error_type?: string;
  error_message?: string;
  statements: unknown[];
}

type Node = Record<string, unknown>;

/** Table functions that only make rows. */
const TABLE_FUNCTIONS = new Set([
  "range",
  "generate_series",
  "unnest",
  "repeat",
  "json_each",
  "json_tree",
  "generate_subscripts",
]);

/** Functions that reach beyond the query's rows, or sleep where an interrupt may not reach them. */
const FORBIDDEN_FUNCTIONS = new Set([
  "write_log",
  "current_setting",
  "getvariable",
  "getenv",
  "json_execute_serialized_sql",
  "nextval",
  "currval",
  "pg_get_viewdef",
  "sleep_ms",
  "pg_sleep",
]);

/** Visits every object of the tree; an own stack, because a tree may be deep. */
function walk(root: unknown, visit: (node: Node) => void): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) open.push(...value);
    else if (typeof value === "object" && value !== null) {
      visit(value as Node);
      open.push(...Object.values(value));
    }
  }
}

function pushCommonTables(node: Node, known: Set<string>): void {
  const map = (node.cte_map as { map?: { key: string }[] } | undefined)?.map ?? [];
  for (const { key } of map) known.add(key.toLowerCase());
}

function checkNode(node: Node, known: ReadonlySet<string>, tables: readonly string[]): void {
  if (node.type === "BASE_TABLE") checkTable(node, known, tables);
  else if (node.type === "TABLE_FUNCTION") {
    const name = String((node.function as Node | undefined)?.function_name).toLowerCase();
    if (!TABLE_FUNCTIONS.has(name)) {
      throw new DataError(
        "SQL_NOT_ALLOWED",
        `the table function ${shown(name)} is not allowed; query the tables ${list(tables)}`,
      );
    }
  } else if (node.type === "FUNCTION") {
    const name = String(node.function_name).toLowerCase();
    if (!FORBIDDEN_FUNCTIONS.has(name)) return;
    throw new DataError("SQL_NOT_ALLOWED", `the function ${shown(name)} is not allowed; leave it out`);
  } else if (node.type === "VALUE_PARAMETER") {
    throw new DataError("SQL_NOT_ALLOWED", "the SQL has parameters ($1 or ?), which nothing fills; write the values");
  } else if (node.type === "SHOW_REF" && node.query === null) {
    throw new DataError(
      "SQL_NOT_ALLOWED",
      `SHOW is not allowed; the tables are ${list(tables)}, DESCRIBE shows their columns`,
    );
  }
}

function checkTable(node: Node, known: ReadonlySet<string>, tables: readonly string[]): void {
  const name = String(node.table_name);
  const plain = node.schema_name === "" && node.catalog_name === "";
  if (plain && known.has(name.toLowerCase())) return;
  throw new DataError("SQL_NOT_ALLOWED", `there is no table ${shown(name)}; the tables are ${list(tables)}`);
}

function list(tables: readonly string[]): string {
  return tables.map((name) => JSON.stringify(name)).join(", ") || "(none)";
}
