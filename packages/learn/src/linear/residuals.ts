// The rows behind a lasso, as the table has them: nothing is copied, and a look at all of them is one pass over the columns.
// For a descent over some columns it gives what is cheap to move: products of pairs of those, or the residual itself.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { columnProducts } from "../matrix/column-passes.ts";
import { gram } from "./gram.ts";
import { Reach } from "./reach.ts";
import { addScores, product } from "./shifted-columns.ts";
import type { ResidualFigures, SquaredRows, Sweeping, WorkingResidual } from "./squared-rows.ts";
import { type LinearRows, type Moments, momentsOf } from "./target-moments.ts";
import { ProductResidual, RowResidual } from "./working-residuals.ts";

export interface LassoData extends LinearRows {
  /** In which form a descent moves the residual; absent: the cheaper one. */
  readonly form?: "products" | "rows";
}

/** Products of all pairs of columns cost as much as a few sweeps over rows, if they are this share of the rows. */
const MAX_SHARE = 0.25;
/** The products of so many columns take 128 MiB. */
const MAX_PRODUCTS = 4096;

interface KnownProducts {
  /** Where each column is among those that they are of; -1: nowhere. */
  readonly places: Int32Array;
  readonly products: Float64Array;
  readonly size: number;
}

/** R = y - Xw of the centred columns and target, at any weights. */
export class ResidualRows implements SquaredRows {
  readonly moments: Moments;
  readonly #runtime: KernelRuntime;
  readonly #data: LassoData;
  /** R and R with each entry times its row's weight, as at the last `figures`. */
  readonly #residual: Float64Array;
  readonly #weighed: Float64Array;
  readonly #last: Float64Array;
  readonly #reach: Reach;
  #known: KnownProducts | undefined;

  constructor(runtime: KernelRuntime, data: LassoData) {
    this.#runtime = runtime;
    this.#data = data;
    this.#residual = new Float64Array(data.target.length);
    this.#weighed = data.weights === undefined ? this.#residual : new Float64Array(data.target.length);
    this.#last = new Float64Array(data.target.length);
    this.moments = momentsOf(runtime, data);
    this.#reach = new Reach(this.moments.squares);
  }

  get rows(): number {
    return this.#data.target.length;
  }

  figures(weights: Float64Array, wanted: Uint32Array, least: number): ResidualFigures {
    const { pulls, targetSquare, targetMean } = this.moments;
    const length = this.#takeResidual(weights);
    if (weights.every((weight) => weight === 0)) {
      this.#reach.start(pulls);
      return { correlations: pulls.slice(), square: targetSquare, withTarget: targetSquare };
    }
    this.#reach.move(length);
    const looked = wanted.filter((j) => weights[j] !== 0 || this.#reach.most(j) >= least);
    const found = columnProducts(this.#runtime, this.#chosen(looked), this.#weighed);
    this.#reach.set(looked, found);
    return {
      correlations: this.#reach.correlations(wanted),
      square: product(this.#residual, 0, this.#weighed),
      withTarget: product(this.#data.target, targetMean, this.#weighed),
    };
  }

  working(memory: Allocations, sweeping: Sweeping): WorkingResidual {
    const { squares } = this.moments;
    const isFew = sweeping.chosen.length <= Math.min(MAX_PRODUCTS, MAX_SHARE * this.rows);
    if ((this.#data.form ?? (isFew ? "products" : "rows")) === "products") {
      const products = this.#productsOf(sweeping.chosen);
      return new ProductResidual(this.#runtime, memory, { ...sweeping, squares, products });
    }
    const rows = { ...this.#chosen(sweeping.chosen), weights: this.#data.weights, residual: this.#residual };
    return new RowResidual(this.#runtime, memory, { ...sweeping, squares, ...rows });
  }

  // Internal

  /** Products of all pairs of the chosen columns; of columns that were chosen together before, those of then. */
  #productsOf(chosen: Uint32Array): Float64Array {
    const size = chosen.length;
    const known = this.#known;
    if (known === undefined || !chosen.every((j) => known.places[j] >= 0)) {
      const { columns, middles } = this.#chosen(chosen);
      const { products } = gram(this.#runtime, columns, middles, this.#data.weights);
      const places = new Int32Array(this.#data.columns.length).fill(-1);
      for (let k = 0; k < size; k++) places[chosen[k]] = k;
      this.#known = { places, products, size };
      return products;
    }
    const out = new Float64Array(size * size);
    for (let k = 0; k < size; k++) {
      const row = known.places[chosen[k]] * known.size;
      for (let i = 0; i < size; i++) out[k * size + i] = known.products[row + known.places[chosen[i]]];
    }
    return out;
  }

  #chosen(chosen: Uint32Array) {
    const { means } = this.moments;
    const { columns } = this.#data;
    const [own, middles] = [new Array<Float64Array>(chosen.length), new Float64Array(chosen.length)];
    for (let k = 0; k < chosen.length; k++) [own[k], middles[k]] = [columns[chosen[k]], means[chosen[k]]];
    return { columns: own, middles };
  }

  /** Takes R at `weights`; gives back how far it is from the last one. */
  #takeResidual(weights: Float64Array): number {
    const { means, targetMean } = this.moments;
    const { columns, target, weights: own } = this.#data;
    const [residual, weighed] = [this.#residual, this.#weighed];
    const last = this.#last;
    last.set(residual);
    for (let i = 0; i < residual.length; i++) residual[i] = target[i] - targetMean;
    const negative = weights.map((weight) => -weight);
    addScores({ columns, shifts: means }, negative, residual);
    if (own !== undefined) for (let i = 0; i < residual.length; i++) weighed[i] = residual[i] * own[i];
    let square = 0;
    for (let i = 0; i < residual.length; i++) square += (own?.[i] ?? 1) * (residual[i] - last[i]) ** 2;
    return Math.sqrt(square);
  }
}
