// What the lasso and the elastic net share: parameters, and the way from a table to the minimum.
import type { FitContext } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numberColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { solveLeastSquares } from "./closed-form.ts";
import { type CoordinateResult, descendCoordinates } from "./coordinate-descent.ts";
import { ResidualRows } from "./residuals.ts";

/** Parameters of every regression with an L1 penalty. */
export const SPARSE_PARAMS = {
  alpha: {
    type: "float",
    default: 1,
    min: 0,
    doc: "Weight of the penalty against half the mean squared error; 0 is plain least squares.",
    search: { min: 1e-4, max: 10, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stops when the duality gap, an upper bound of the error, is this share of the target's squares.",
  },
  maxIterations: { type: "int", default: 1000, min: 1, doc: "Largest number of sweeps over the coefficients." },
} as const satisfies ParamTable;

/** Squared loss with an L1 and an L2 penalty; `converged`, `iterations` and `gap` are in the state's meta. */
export abstract class SparseRegressor<T extends typeof SPARSE_PARAMS> extends LinearRegressor<T> {
  /** Share of the L1 penalty in the whole. */
  protected abstract get l1Share(): number;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numberColumns(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    const schema = tableSchema(table);
    const { alpha, fitIntercept } = this.params;
    const own = rowWeights(context, table.rows, this.spec);
    const rows = own?.reduce((sum, weight) => sum + weight, 0) ?? table.rows;
    const l1 = alpha * this.l1Share * rows;
    if (l1 === 0) {
      // Without an L1 penalty nothing becomes exactly 0, and the minimum is that of a linear system.
      numericColumns(table, this.spec.name);
      const problem = { columns, target: values, alpha: alpha * rows, fitIntercept, weights: own };
      const { coefficients, intercept } = solveLeastSquares(context.runtime, problem);
      await context.report({ step: 1, total: 1, unit: "solve" });
      const details = { iterations: 0, gap: 0, converged: true };
      return this.learned({ schema, coefficients, intercepts: Float64Array.of(intercept) }, details);
    }
    const l2 = alpha * (1 - this.l1Share) * rows;
    const data = new ResidualRows(context.runtime, { columns, target: values, fitIntercept, weights: own });
    const { means, targetMean, squares } = data.moments;
    // A value that is not finite shows in its column's square, which spares a look of its own.
    if (!squares.every(Number.isFinite)) numericColumns(table, this.spec.name);
    const { weights, iterations, gap, converged } = await this.#descend(data, { l1, l2, rows }, context);
    let intercept = targetMean;
    for (let j = 0; j < weights.length; j++) intercept -= weights[j] * means[j];
    const model = { schema, coefficients: weights, intercepts: Float64Array.of(intercept) };
    return this.learned(model, { iterations, gap: gap / rows, converged });
  }

  // Internal

  async #descend(
    data: ResidualRows,
    { l1, l2, rows }: { l1: number; l2: number; rows: number },
    { report, runtime }: FitContext,
  ): Promise<CoordinateResult> {
    const { tolerance, maxIterations } = this.params;
    const onGap = async (step: number, objective: number) => {
      if (step > 0) await report({ step, total: maxIterations, unit: "sweep", loss: objective / rows });
    };
    return await descendCoordinates(runtime, data, { l1, l2, tolerance, maxIterations, onGap });
  }
}
