// The numbers behind a table, for estimators that compute with matrices: every column must be numeric and finite.
import { ShapeError } from "../base/errors.ts";
import { alignTable } from "../base/schema.ts";
import type { Column, ColumnSchema, Table } from "../base/table.ts";

const CURES = {
  category: "add a OneHotEncoder or OrdinalEncoder step, or leave the column out",
  date: "add a DateParts step, or leave the column out",
  text: "add a TfidfVectorizer step, or leave the column out",
} as const;

/** The columns' values; throws ShapeError that names the first column which `owner` cannot take, and the cure. */
export function numericColumns(table: Table, owner: string): Float64Array[] {
  const columns = numberColumns(table, owner);
  if (!columns.every(areFinite)) refuseNonFinite(table, owner);
  return columns;
}

/** `numericColumns` without a look at the values, for those who look while they copy and then `refuseNonFinite`. */
export function numberColumns(table: Table, owner: string): Float64Array[] {
  if (table.columns.length === 0) throw new ShapeError(`${owner} needs at least one column`);
  return table.columns.map((column) => numbersOf(column, owner));
}

/** `numericColumns` of the columns that `owner` was fitted with, found by name. */
export function fittedColumns(schema: readonly ColumnSchema[], table: Table, owner: string): Float64Array[] {
  return numericColumns(alignTable(schema, table, owner), owner);
}

/** Throws ShapeError that names a value which is missing or infinite, or else one too large for a float32. */
export function refuseNonFinite(table: Table, owner: string): never {
  const bad = firstWhere(table, (value) => !Number.isFinite(value));
  if (bad === undefined) {
    const large = firstWhere(table, (value) => !Number.isFinite(Math.fround(value)));
    const where = large === undefined ? "a value" : `row ${large.row} of "${large.name}", ${large.value},`;
    throw new ShapeError(`${where} is too large for the float32 arithmetic of ${owner}; scale the column`);
  }
  const { row, name, value } = bad;
  if (Number.isNaN(value)) {
    throw new ShapeError(`${owner} cannot take missing values: row ${row} of "${name}"; add a SimpleImputer step`);
  }
  throw new ShapeError(`row ${row} of "${name}" is ${value}; ${owner} needs finite numbers: clip or drop it`);
}

/** Whether all are finite. Without branches: a product with 0 is 0 for finite numbers and NaN for all others. Four sums need not wait in turn. */
export function areFinite(values: Float64Array): boolean {
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

// Internal

function numbersOf(column: Column, owner: string): Float64Array {
  if (column.kind === "number") return column.values;
  throw new ShapeError(`${owner} needs numbers, "${column.name}" is a ${column.kind} column; ${CURES[column.kind]}`);
}

function firstWhere(table: Table, holds: (value: number) => boolean) {
  for (const column of table.columns) {
    if (column.kind !== "number") continue;
    const row = column.values.findIndex(holds);
    if (row >= 0) return { row, name: column.name, value: column.values[row] };
  }
  return undefined;
}
