// Least squares with an L1 penalty.
import type { EstimatorSpec } from "../base/component.ts";
import { SPARSE_PARAMS, SparseRegressor } from "./sparse-regressor.ts";

/** Keeps the columns that matter and gives the others a weight of exactly 0; scale the columns. */
export class Lasso extends SparseRegressor<typeof SPARSE_PARAMS> {
  readonly spec: EstimatorSpec<typeof SPARSE_PARAMS> = {
    name: "Lasso",
    doc: "Linear regression with an L1 penalty, which leaves columns out that matter little.",
    source: "Tibshirani 1996; Friedman, Hastie & Tibshirani 2010 (coordinate descent); Ndiaye et al. 2017 (screening)",
    params: SPARSE_PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };

  protected get l1Share(): number {
    return 1;
  }
}
