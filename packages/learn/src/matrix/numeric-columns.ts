// The numbers behind a table, for estimators that compute with matrices: every column must be numeric and finite.
import { ShapeError } from "../base/errors.ts";
import { alignTable } from "../base/schema.ts";
import type { Column, ColumnSchema, Table } from "../base/table.ts";

const CURES = {
  category: "add a OneHotEncoder or OrdinalEncoder step, or leave the column out",
  date: "add a DateParts step, or leave the column out",
  text: "leave the column out",
} as const;

/** The columns' values; throws ShapeError that names the first column which `owner` cannot take, and the cure. */
export function numericColumns(table: Table, owner: string): Float64Array[] {
  if (table.columns.length === 0) throw new ShapeError(`${owner} needs at least one column`);
  return table.columns.map((column) => numbersOf(column, owner));
}

/** `numericColumns` of the columns that `owner` was fitted with, found by name. */
export function fittedColumns(schema: readonly ColumnSchema[], table: Table, owner: string): Float64Array[] {
  return numericColumns(alignTable(schema, table, owner), owner);
}

// Internal

function numbersOf(column: Column, owner: string): Float64Array {
  if (column.kind !== "number") {
    throw new ShapeError(`${owner} needs numbers, "${column.name}" is a ${column.kind} column; ${CURES[column.kind]}`);
  }
  const { values, name } = column;
  // One pass without branches: a product with 0 is 0 for finite numbers and NaN for all others.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  if (sum === 0) return values;
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (Number.isNaN(values[row])) {
    throw new ShapeError(`${owner} cannot take missing values: row ${row} of "${name}"; add a SimpleImputer step`);
  }
  throw new ShapeError(`row ${row} of "${name}" is ${values[row]}; ${owner} needs finite numbers: clip or drop it`);
}
