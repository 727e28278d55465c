// One-class support vector machines: what region most rows are in, learned without a target.
import {
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  OutlierDetector,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { alikeRows } from "./alike-rows.ts";
import { fitMachine } from "./fit-machine.ts";
import { KERNEL_PARAMS, kernelFunction } from "./kernel-function.ts";
import { compileOne, type OneMachine, oneFromState, oneToState, predictOne, supportOf } from "./one-machine.ts";
import { SOLVER_PARAMS } from "./solver-params.ts";

const PARAMS = {
  nu: {
    type: "float",
    default: 0.5,
    min: 0,
    max: 1,
    exclusiveMin: true,
    doc: "At most this share of the rows is outside, and at least this share are support vectors.",
    search: { min: 0.01, max: 0.5, log: true },
  },
  ...KERNEL_PARAMS,
  ...SOLVER_PARAMS,
} as const satisfies ParamTable;

/** Tells unusual rows by how little they resemble the support vectors of the others; scale the columns. */
export class OneClassSVM extends OutlierDetector<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "OneClassSVM",
    doc: "One-class support vector machine: draws a border around most rows; for up to some ten thousand rows.",
    source: "Schölkopf et al. 2001; Fan, Chen & Lin 2005 (LIBSVM's SMO) in blocks (Joachims 1999)",
    params: PARAMS,
    task: "outliers",
    input: "matrix",
    weights: "exact",
  };
  #model: OneMachine | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    noTarget(target, this.spec.name);
    const all = numericColumns(table, this.spec.name);
    const { rows, weights } = alikeRows(all, rowWeights(context, table.rows, this.spec));
    const columns = all.map((values) => Float64Array.from(rows, (row) => values[row]));
    const kernel = kernelFunction(this.params, columns, weights);
    const found = fitMachine(
      context.runtime,
      { ...this.params, columns, kernel, refuse: () => refuseNonFinite(table, this.spec.name) },
      {
        linear: new Float64Array(rows.length),
        low: new Float64Array(rows.length),
        high: weights,
        epsilon: 0,
        start: firstRows(weights, this.params.nu),
      },
    );
    this.#model = { ...supportOf(found, columns, kernel), schema: tableSchema(table) };
    await context.report({ step: 1, total: 1, unit: "machine" });
    return this;
  }

  predict(table: Table): Prediction {
    const values = predictOne(this.#fitted, table, this.spec.name);
    for (let i = 0; i < values.length; i++) values[i] = -values[i];
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    return compileOne(this.#fitted, inputs, -1);
  }

  getState(): FittedState {
    return oneToState(this.#fitted);
  }

  setState(state: FittedState): void {
    this.#model = oneFromState(state, this.spec.name);
  }

  get #fitted(): OneMachine {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** Betas of the wanted sum, the share `nu` of all weights: those of the first rows are full. */
function firstRows(weights: Float64Array, nu: number): Float64Array {
  let left = nu * weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => {
    const own = Math.min(weight, left);
    left -= own;
    return own;
  });
}
