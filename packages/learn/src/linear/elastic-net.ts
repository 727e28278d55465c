// Least squares with an L1 and an L2 penalty.
import type { EstimatorSpec } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { SPARSE_PARAMS, SparseRegressor } from "./sparse-regressor.ts";

const PARAMS = {
  ...SPARSE_PARAMS,
  l1Ratio: {
    type: "float",
    default: 0.5,
    min: 0,
    max: 1,
    doc: "Share of the L1 penalty: alpha (l1Ratio |w| + (1 - l1Ratio) / 2 |w|^2); 1 is the lasso, 0 is ridge.",
    search: { min: 0.05, max: 1 },
  },
} as const satisfies ParamTable;

/** Leaves columns out as the lasso does, and shares weight among columns that say the same; scale the columns. */
export class ElasticNet extends SparseRegressor<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "ElasticNet",
    doc: "Linear regression with an L1 and an L2 penalty: leaves columns out, and keeps like columns together.",
    source:
      "Zou & Hastie 2005; Friedman, Hastie & Tibshirani 2010 (coordinate descent); Ndiaye et al. 2017 (screening)",
    params: PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  protected get l1Share(): number {
    return this.params.l1Ratio;
  }
}
