// Products with columns of which a shift, usually their mean, is taken off: what a linear model in double precision needs
// of the data. Columns stay as they are; nothing is copied.

/** Columns as they are, and what is to be taken off each. */
export interface ShiftedColumns {
  readonly columns: readonly Float64Array[];
  readonly shifts: readonly number[] | Float64Array;
}

/** Adds the columns' weighted sum to `out`, one entry per row. */
export function addScores({ columns, shifts }: ShiftedColumns, weights: Float64Array, out: Float64Array): void {
  for (let j = 0; j < columns.length; j++) {
    const weight = weights[j];
    if (weight === 0) continue;
    const [values, shift] = [columns[j], shifts[j]];
    for (let i = 0; i < out.length; i++) out[i] += weight * (values[i] - shift);
  }
}

/** The product of every column with `rows`, written to the first entries of `out`. */
export function writeProducts({ columns, shifts }: ShiftedColumns, rows: Float64Array, out: Float64Array): void {
  for (let j = 0; j < columns.length; j++) out[j] = product(columns[j], shifts[j], rows);
}

/** The sum of each column's squares times `rows`. */
export function squares({ columns, shifts }: ShiftedColumns, rows: Float64Array): Float64Array {
  return Float64Array.from(columns, (values, j) => {
    let sum = 0;
    for (let i = 0; i < rows.length; i++) sum += rows[i] * (values[i] - shifts[j]) ** 2;
    return sum;
  });
}

/** The intercept of the columns as they are. */
export function unshifted({ shifts }: ShiftedColumns, weights: Float64Array, intercept: number): number {
  let sum = intercept;
  for (let j = 0; j < shifts.length; j++) sum -= weights[j] * shifts[j];
  return sum;
}

/** The product of one column with `rows`. Four sums need not wait for one another. */
export function product(values: Float64Array, shift: number, rows: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const last = rows.length - 3;
  let i = 0;
  for (; i < last; i += 4) {
    s0 += rows[i] * (values[i] - shift);
    s1 += rows[i + 1] * (values[i + 1] - shift);
    s2 += rows[i + 2] * (values[i + 2] - shift);
    s3 += rows[i + 3] * (values[i + 3] - shift);
  }
  for (; i < rows.length; i++) s0 += rows[i] * (values[i] - shift);
  return s0 + s1 + (s2 + s3);
}
