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
  if (areFinite(values)) return values;
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (Number.isNaN(values[row])) {
    throw new ShapeError(`${owner} cannot take missing values: row ${row} of "${name}"; add a SimpleImputer step`);
  }
  throw new ShapeError(`row ${row} of "${name}" is ${values[row]}; ${owner} needs finite numbers: clip or drop it`);
}

/** Without branches: a product with 0 is 0 for finite numbers and NaN for all others. Four sums need not wait in turn. */
function areFinite(values: Float64Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const last = values.length - 3;
  let i = 0;
  for (; i < last; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  for (; i < values.length; i++) a += values[i] * 0;
  return a + b + c + d === 0;
}
