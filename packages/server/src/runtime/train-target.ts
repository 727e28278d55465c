// The target apart from the columns, and only rows that have one.
import { type Column, ParamError, type Table, type Target, takeRows } from "@massif/learn";

/** Takes the target out of a table, and with it the rows in which it is missing. Throws ParamError. */
export function splitTarget(
  whole: Table,
  { target: name, task }: { target: string; task: "regression" | "classification" },
): { table: Table; target: Target } {
  const present = rowsWithTarget(whole, name);
  if (present.length < 2)
    throw new ParamError("target", `only ${present.length} rows have a "${name}"; training needs at least 2`);
  const kept = present.length === whole.rows ? whole : takeRows(whole, present);
  const column = find(kept, name);
  const columns = kept.columns.filter((other) => other !== column);
  return { table: { rows: kept.rows, columns }, target: targetOf(column, task) };
}

/** The rows in which the column `name` has a value. Throws ParamError when there is no such column. */
export function rowsWithTarget(table: Table, name: string): Uint32Array {
  return rowsWith(find(table, name));
}

// Internal

function find(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new ParamError("target", `there is no column "${name}"`);
  return column;
}

function rowsWith(column: Column): Uint32Array {
  if (column.kind === "text") return new Uint32Array(0);
  const values = column.kind === "category" ? column.codes : column.values;
  const isThere = column.kind === "category" ? (code: number) => code >= 0 : (value: number) => !Number.isNaN(value);
  const rows = new Uint32Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) if (isThere(values[row])) rows[count++] = row;
  return rows.slice(0, count);
}

function targetOf(column: Column, task: "regression" | "classification"): Target {
  if (task === "regression" && column.kind === "number")
    return { kind: "number", name: column.name, values: column.values };
  if (task === "classification" && column.kind === "category") {
    return { kind: "class", name: column.name, codes: column.codes, classes: column.categories };
  }
  throw new ParamError("target", `"${column.name}" is a ${column.kind} column, which does not suit ${task}`);
}
