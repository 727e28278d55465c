// The rows of number columns as one stretch of memory, with something in the place of what is missing; and their products.
import { ShapeError } from "../base/errors.ts";
import { checkColumns } from "../base/schema.ts";
import type { NumberColumn, Table } from "../base/table.ts";

/** Rows and their extent, row-major. */
export interface Rows {
  readonly values: Float64Array;
  readonly rows: number;
  readonly size: number;
}

/** The values of the columns, not looked at; throws ShapeError naming `owner` where one is not of numbers. */
export function numberValues(table: Table, owner: string): Float64Array[] {
  const wrong = table.columns.find(({ kind }) => kind !== "number");
  if (wrong !== undefined) throw new ShapeError(`${owner} takes number columns, "${wrong.name}" is ${wrong.kind}`);
  checkColumns(table);
  return (table.columns as readonly NumberColumn[]).map(({ values }) => values);
}

/** The columns row-major; a missing value is its column's mean, or where the column has none what stands in `others`. */
export function filledRows(columns: readonly Float64Array[], rows: number, others?: Float64Array): Float64Array {
  const size = columns.length;
  const values = new Float64Array(rows * size);
  for (let j = 0; j < size; j++) {
    const column = columns[j];
    const middle = meanOf(column, others?.[j] ?? 0);
    for (let i = 0; i < rows; i++) values[i * size + j] = Number.isNaN(column[i]) ? middle : column[i];
  }
  return values;
}

/** X'X. */
export function columnProducts({ values, rows, size }: Rows): Float64Array {
  const products = new Float64Array(size * size);
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * size, (i + 1) * size);
    for (let a = 0; a < size; a++) {
      const value = row[a];
      if (value === 0) continue;
      const at = a * size;
      for (let b = 0; b <= a; b++) products[at + b] += value * row[b];
    }
  }
  return mirrored(products, size);
}

/** Copies the lower triangle to the upper one. */
export function mirrored(matrix: Float64Array, size: number): Float64Array {
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) matrix[b * size + a] = matrix[a * size + b];
  return matrix;
}

// Internal

function meanOf(values: Float64Array, other: number): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i];
    count++;
  }
  return count === 0 ? other : sum / count;
}
