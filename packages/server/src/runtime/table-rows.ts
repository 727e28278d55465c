// Rows of a table as callers would send them: for measuring, and as examples.
import type { Column, ColumnSchema, Table } from "@massif/learn";

type Value = number | string | null;

/** Up to `limit` rows, spread over the table, with the columns of `input`. */
export function tableRows(table: Table, input: readonly ColumnSchema[], limit: number): Record<string, Value>[] {
  const columns = input.map(({ name }) => table.columns.find((column) => column.name === name) as Column);
  const count = Math.min(limit, table.rows);
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor((i * table.rows) / count);
    return Object.fromEntries(columns.map((column) => [column.name, valueAt(column, row)]));
  });
}

// Internal

function valueAt(column: Column, row: number): Value {
  if (column.kind === "category") return column.categories[column.codes[row]] ?? null;
  const value = column.values[row];
  if (typeof value !== "number") return value;
  if (Number.isNaN(value)) return null;
  return column.kind === "date" ? new Date(value).toISOString() : value;
}
