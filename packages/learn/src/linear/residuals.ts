// The residual of a linear fit in two forms. Where rows outnumber columns the products of all pairs of columns stand for
// the rows, which are then never read again; otherwise the residual itself is kept and every column read when needed.
import type { KernelRuntime } from "@massif/kernels";
import type { Residual, ResidualFigures } from "./coordinate-descent.ts";
import { gram } from "./gram.ts";

interface ShiftedColumns {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  /** What is taken off every column, and last off the target. */
  readonly shifts: readonly number[];
  /** How much each row's squared error counts; absent: all alike. */
  readonly weights?: Float64Array;
}

/** The products of so many columns take 128 MiB. */
const MAX_GRAM_COLUMNS = 4096;

/** The residual at weights of 0, in the cheaper form. */
export function residualOf(runtime: KernelRuntime, data: ShiftedColumns): Residual {
  const { columns, target } = data;
  return columns.length <= Math.min(target.length, MAX_GRAM_COLUMNS)
    ? new GramResidual(runtime, data)
    : new RowResidual(data);
}

/** X'R = X'y - X'X w, moved by one column of X'X at a time. */
export class GramResidual implements Residual {
  readonly squares: Float64Array;
  readonly targetSquare: number;
  readonly #count: number;
  /** X'X, row by row. */
  readonly #products: readonly Float64Array[];
  /** X'y. */
  readonly #pulls: Float64Array;
  readonly #correlations: Float64Array;

  constructor(runtime: KernelRuntime, { columns, target, shifts, weights }: ShiftedColumns) {
    const count = columns.length;
    const { products, width } = gram(runtime, [...columns, target], shifts, weights);
    this.#count = count;
    this.#products = columns.map((_, i) =>
      Float64Array.from({ length: count }, (_, j) => products[Math.max(i, j) * width + Math.min(i, j)]),
    );
    this.squares = Float64Array.from(this.#products, (row, j) => row[j]);
    this.#pulls = products.slice(count * width, count * width + count);
    this.#correlations = this.#pulls.slice();
    this.targetSquare = products[count * width + count];
  }

  correlation(j: number): number {
    return this.#correlations[j];
  }

  move(j: number, delta: number): void {
    const row = this.#products[j];
    const correlations = this.#correlations;
    for (let k = 0; k < row.length; k++) correlations[k] -= delta * row[k];
  }

  figures(weights: Float64Array): ResidualFigures {
    const correlations = this.#correlations;
    correlations.set(this.#pulls);
    for (let j = 0; j < this.#count; j++) if (weights[j] !== 0) this.move(j, weights[j]);
    let [withTarget, withFit] = [this.targetSquare, 0];
    for (let j = 0; j < this.#count; j++) {
      withTarget -= weights[j] * this.#pulls[j];
      withFit += weights[j] * correlations[j];
    }
    // R'R = R'y - R'Xw.
    return { correlations: correlations.slice(), square: Math.max(0, withTarget - withFit), withTarget };
  }
}

/** R itself, beside shifted copies of the columns; rows with weights are all times their weights' roots. */
export class RowResidual implements Residual {
  readonly squares: Float64Array;
  readonly targetSquare: number;
  readonly #columns: readonly Float64Array[];
  readonly #target: Float64Array;
  readonly #residual: Float64Array;

  constructor({ columns, target, shifts, weights }: ShiftedColumns) {
    const roots = weights?.map(Math.sqrt);
    this.#columns = columns.map((values, j) => scaled(shifted(values, shifts[j]), roots));
    this.#target = scaled(shifted(target, shifts[columns.length]), roots);
    this.#residual = this.#target.slice();
    this.squares = Float64Array.from(this.#columns, (values) => dot(values, values));
    this.targetSquare = dot(this.#target, this.#target);
  }

  correlation(j: number): number {
    return dot(this.#columns[j], this.#residual);
  }

  move(j: number, delta: number): void {
    const column = this.#columns[j];
    const residual = this.#residual;
    for (let i = 0; i < residual.length; i++) residual[i] -= delta * column[i];
  }

  figures(weights: Float64Array): ResidualFigures {
    this.#residual.set(this.#target);
    for (let j = 0; j < weights.length; j++) if (weights[j] !== 0) this.move(j, weights[j]);
    const residual = this.#residual;
    return {
      correlations: Float64Array.from(this.#columns, (values) => dot(values, residual)),
      square: dot(residual, residual),
      withTarget: dot(residual, this.#target),
    };
  }
}

// Internal

/** `map` as a plain loop, which takes a tenth of the time. */
function shifted(values: Float64Array, by: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] - by;
  return out;
}

/** Multiplies each row by its own, in place. */
function scaled(values: Float64Array, by: Float64Array | undefined): Float64Array {
  if (by !== undefined) for (let i = 0; i < values.length; i++) values[i] *= by[i];
  return values;
}

/** Four sums need not wait for one another. */
function dot(a: Float64Array, b: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const last = a.length - 3;
  let i = 0;
  for (; i < last; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < a.length; i++) s0 += a[i] * b[i];
  return s0 + s1 + (s2 + s3);
}
