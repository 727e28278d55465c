// Logistic regression by gradient descent.
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { DESCENT_PARAMS } from "./descent-params.ts";
import { descend } from "./gradient-descent.ts";
import { LinearClassifier, outputsOf } from "./linear-classifier.ts";

/** Logistic loss for two classes, softmax for more; losses in its history are mean log losses. */
export class GradientDescentClassifier extends LinearClassifier<typeof DESCENT_PARAMS> {
  readonly spec: EstimatorSpec<typeof DESCENT_PARAMS> = {
    name: "GradientDescentClassifier",
    doc: "Logistic regression by batch, stochastic or mini-batch gradient descent.",
    source: "Robbins & Monro 1951; Polyak 1964 (momentum); Bottou, Curtis & Nocedal 2018",
    params: DESCENT_PARAMS,
    task: "classification",
    input: "matrix",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const columns = numberColumns(table, this.spec.name);
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const outputs = outputsOf(classes.length);
    const startLoss = Math.log(classes.length);
    const { coefficients, intercepts, details } = await descend(
      outputs === 1
        ? {
            kind: "logistic",
            outputs,
            columns,
            refuse,
            target: writeSigns(codes, new Float64Array(codes.length)),
            startLoss,
            lossScale: 1,
          }
        : { kind: "softmax", outputs, columns, refuse, target: codes, startLoss, lossScale: 1 },
      this.params,
      context,
    );
    return this.learned({ schema: tableSchema(table), classes, coefficients, intercepts }, details);
  }
}

/** Writes classes 0 and 1 as -1 and 1 to `signs`, and gives it back. */
export function writeSigns(codes: Int32Array, signs: Float64Array): Float64Array {
  for (let i = 0; i < codes.length; i++) signs[i] = 2 * codes[i] - 1;
  return signs;
}
