// What coordinate descent sees of the rows of a squared loss; R = y - Xw is the residual of the centred columns and target.
import type { Allocations } from "@massif/kernels";
import type { Moments } from "./target-moments.ts";

/** All rows; a look at them is one pass over the data. */
export interface SquaredRows {
  readonly rows: number;
  readonly moments: Moments;
  /**
   * Figures at `weights`, computed anew; correlations of the `wanted` columns alone. Where a column without a weight has
   * one that is less than `least` for sure, it may be larger than it is, but less than that.
   */
  figures(weights: Float64Array, wanted: Uint32Array, least: number): ResidualFigures;
  /** R in a form that is cheap to move by chosen columns, at the weights of the last figures. */
  working(memory: Allocations, sweeping: Sweeping): WorkingResidual;
}

export interface ResidualFigures {
  /** Products of the columns with R. */
  readonly correlations: Float64Array;
  /** R'R. */
  readonly square: number;
  /** R'y. */
  readonly withTarget: number;
}

/** A descent over the `chosen` columns, from the weights at which all columns have these figures. */
export interface Sweeping {
  readonly chosen: Uint32Array;
  readonly figures: ResidualFigures;
  /** Of all columns. */
  readonly coefficients: Float64Array;
  readonly l1: number;
  readonly l2: number;
}

/** The chosen columns are known by their places among the chosen. */
export interface WorkingResidual {
  /** Minimises along each of `places` in turn; gives back the largest move as a share of the largest coefficient. */
  sweep(places: Uint32Array): number;
  /** Where the chosen columns' coefficients stand. */
  readonly coefficients: Float64Array;
  /** Products of the chosen columns with R. */
  readonly correlations: Float64Array;
}
