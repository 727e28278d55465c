// The rows behind a lasso, as the table has them: nothing is copied, and a look at all of them is one pass over the columns.
// For a descent over some columns it gives what is cheap to move: products of pairs of those, or the residual itself.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { columnProducts } from "../matrix/column-passes.ts";
import { gram } from "./gram.ts";
import { addScores, product } from "./shifted-columns.ts";
import type { ResidualFigures, SquaredRows, Sweeping, WorkingResidual } from "./squared-rows.ts";
import { type LinearRows, type Moments, momentsOf } from "./target-moments.ts";
import { ProductResidual, RowResidual } from "./working-residuals.ts";

export interface LassoData extends LinearRows {
  /** In which form a descent moves the residual; absent: the cheaper one. */
  readonly form?: "products" | "rows";
}

/** Products of all pairs of columns cost no more than some ten sweeps over rows if this share of the rows or less. */
const MAX_SHARE = 0.5;
/** The products of so many columns take 128 MiB. */
const MAX_PRODUCTS = 4096;

/** R = y - Xw of the centred columns and target, at any weights. */
export class ResidualRows implements SquaredRows {
  readonly moments: Moments;
  readonly #runtime: KernelRuntime;
  readonly #data: LassoData;
  /** R and R with each entry times its row's weight, as at the last `figures`. */
  readonly #residual: Float64Array;
  readonly #weighed: Float64Array;

  constructor(runtime: KernelRuntime, data: LassoData) {
    this.#runtime = runtime;
    this.#data = data;
    this.#residual = new Float64Array(data.target.length);
    this.#weighed = data.weights === undefined ? this.#residual : new Float64Array(data.target.length);
    this.moments = momentsOf(runtime, data);
  }

  get rows(): number {
    return this.#data.target.length;
  }

  figures(weights: Float64Array, wanted: Uint32Array): ResidualFigures {
    const { means, pulls, targetSquare, targetMean } = this.moments;
    this.#takeResidual(weights);
    if (weights.every((weight) => weight === 0)) {
      return { correlations: pulls.slice(), square: targetSquare, withTarget: targetSquare };
    }
    const found = columnProducts(this.#runtime, this.#chosen(wanted), this.#weighed);
    const correlations = new Float64Array(means.length);
    for (let k = 0; k < wanted.length; k++) correlations[wanted[k]] = found[k];
    return {
      correlations,
      square: product(this.#residual, 0, this.#weighed),
      withTarget: product(this.#data.target, targetMean, this.#weighed),
    };
  }

  working(memory: Allocations, sweeping: Sweeping): WorkingResidual {
    const { squares } = this.moments;
    const isFew = sweeping.chosen.length <= Math.min(MAX_PRODUCTS, MAX_SHARE * this.rows);
    const { columns, middles } = this.#chosen(sweeping.chosen);
    const { weights } = this.#data;
    if ((this.#data.form ?? (isFew ? "products" : "rows")) === "products") {
      const { products } = gram(this.#runtime, columns, middles, weights);
      return new ProductResidual(this.#runtime, memory, { ...sweeping, squares, products });
    }
    const rows = { columns, middles, weights, residual: this.#residual };
    return new RowResidual(this.#runtime, memory, { ...sweeping, squares, ...rows });
  }

  // Internal

  #chosen(chosen: Uint32Array) {
    const { means } = this.moments;
    const { columns } = this.#data;
    return {
      columns: Array.from(chosen, (j) => columns[j]),
      middles: Float64Array.from(chosen, (j) => means[j]),
    };
  }

  #takeResidual(weights: Float64Array): void {
    const { means, targetMean } = this.moments;
    const { columns, target, weights: own } = this.#data;
    const residual = this.#residual;
    for (let i = 0; i < residual.length; i++) residual[i] = target[i] - targetMean;
    const negative = weights.map((weight) => -weight);
    addScores({ columns, shifts: means }, negative, residual);
    if (own === undefined) return;
    for (let i = 0; i < residual.length; i++) this.#weighed[i] = residual[i] * own[i];
  }
}
