// Logistic regression to convergence by L-BFGS: two classes by one score, more by softmax.
import type { EstimatorSpec, FitContext, Json } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { tableSchema } from "../base/schema.ts";
import type { ClassTarget, Table, Target } from "../base/table.ts";
import { copyF64, copyI32, type DenseRows, packRows } from "../matrix/dense-rows.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { signsOf } from "./gradient-descent-classifier.ts";
import { GradientPass } from "./gradient-pass.ts";
import { type LbfgsResult, minimise, type Objective } from "./lbfgs.ts";
import { LinearClassifier, outputsOf } from "./linear-classifier.ts";
import { weightsToModel } from "./linear-model.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Inverse of the strength of the L2 penalty: |w|^2 / 2 is added to c times the summed loss.",
    search: { min: 1e-4, max: 1e4, log: true },
  },
  fitIntercept: { type: "boolean", default: true, doc: "Whether to learn an intercept; it is not penalised." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stops when no entry of the mean loss's gradient is larger.",
  },
  maxIterations: { type: "int", default: 1000, min: 1, doc: "Largest number of L-BFGS iterations." },
} as const satisfies ParamTable;

/** Minimises the log loss with an L2 penalty; `converged` and `iterations` are in the state's meta. */
export class LogisticRegression extends LinearClassifier<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LogisticRegression",
    doc: "Logistic regression with an L2 penalty, fitted to convergence by L-BFGS.",
    source: "Cox 1958; Liu & Nocedal 1989 (L-BFGS)",
    params: PARAMS,
    task: "classification",
    input: "matrix",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numberColumns(table, this.spec.name);
    const known = classTarget(target, table.rows, this.spec.name);
    const outputs = outputsOf(known.classes.length);
    return await context.runtime.scope(async (memory) => {
      const intercept = this.params.fitIntercept;
      const x = packRows(context.runtime, memory, {
        columns,
        rows: table.rows,
        intercept,
        refuse: () => refuseNonFinite(table, this.spec.name),
      });
      const y =
        outputs === 1
          ? copyF64(context.runtime, memory, signsOf(known.codes))
          : copyI32(context.runtime, memory, known.codes);
      const kind = outputs === 1 ? "logistic" : "softmax";
      const pass = new GradientPass(context.runtime, memory, { kind, x, y, outputs });
      const result = await this.#minimise(pass, x, context);
      const { iterations, converged, value } = result;
      const details: Record<string, Json> = { iterations, converged, loss: value };
      return this.#keep({ result, x, table, known }, details);
    });
  }

  // Internal

  async #minimise(pass: GradientPass, x: DenseRows, context: FitContext): Promise<LbfgsResult> {
    const { tolerance, maxIterations, c } = this.params;
    const onIteration = (step: number, loss: number) =>
      context.report({ step, total: maxIterations, unit: "iteration", loss });
    const objective = penalisedMean(pass, x, 1 / (c * x.rows));
    return await minimise(objective, new Float64Array(pass.width), { tolerance, maxIterations, onIteration });
  }

  #keep(
    { result, x, table, known }: { result: LbfgsResult; x: DenseRows; table: Table; known: ClassTarget },
    details: Readonly<Record<string, Json>>,
  ): this {
    const { coefficients, intercepts } = weightsToModel(result.x, x);
    return this.learned({ schema: tableSchema(table), classes: known.classes, coefficients, intercepts }, details);
  }
}

// Internal

/** The mean loss plus penalty / 2 |w|^2, the intercept left out. */
function penalisedMean(pass: GradientPass, x: DenseRows, penalty: number): Objective {
  return (weights, gradient) => {
    const loss = pass.run(weights, gradient) / x.rows;
    let square = 0;
    for (let j = 0; j < weights.length; j++) {
      const weight = j % x.stride === x.intercept ? 0 : weights[j];
      square += weight * weight;
      gradient[j] = gradient[j] / x.rows + penalty * weight;
    }
    return loss + 0.5 * penalty * square;
  };
}
