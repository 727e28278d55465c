// Support vector regression: a function of kernels within a tube of the targets.
import {
  Estimator,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { tableSchema } from "../base/schema.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { numericColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { alikeRows } from "./alike-rows.ts";
import { fitMachine } from "./fit-machine.ts";
import { KERNEL_PARAMS, kernelFunction } from "./kernel-function.ts";
import { compileOne, type OneMachine, oneFromState, oneToState, predictOne, supportOf } from "./one-machine.ts";
import { SOLVER_PARAMS } from "./solver-params.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Most weight of a single row; larger values follow the targets more closely.",
    search: { min: 1e-2, max: 1e3, log: true },
  },
  epsilon: {
    type: "float",
    default: 0.1,
    min: 0,
    doc: "Errors up to here cost nothing, in units of the target.",
    search: { min: 1e-3, max: 1, log: true },
  },
  ...KERNEL_PARAMS,
  ...SOLVER_PARAMS,
} as const satisfies ParamTable;

/** Predicts numbers by similarity to support vectors; time grows with the square of the rows. Scale columns and target. */
export class SVR extends Estimator<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "SVR",
    doc: "Support vector regression with the kernels rbf, linear, poly and sigmoid; for up to some ten thousand rows.",
    source: "Smola & Schölkopf 2004; Fan, Chen & Lin 2005 (LIBSVM's SMO) in blocks (Joachims 1999)",
    params: PARAMS,
    task: "regression",
    input: "matrix",
    weights: "exact",
  };
  #model: OneMachine | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const known = numberTarget(target, table.rows, this.spec.name);
    const all = numericColumns(table, this.spec.name);
    const { rows, weights } = alikeRows([...all, known.values], rowWeights(context, table.rows, this.spec));
    const columns = all.map((values) => Float64Array.from(rows, (row) => values[row]));
    const kernel = kernelFunction(this.params, columns, weights);
    const high = weights.map((weight) => this.params.c * weight);
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const found = fitMachine(
      context.runtime,
      { ...this.params, columns, kernel, refuse },
      {
        linear: Float64Array.from(rows, (row) => known.values[row]),
        low: high.map((limit) => -limit),
        high,
        epsilon: this.params.epsilon,
      },
    );
    this.#model = { ...supportOf(found, columns, kernel), schema: tableSchema(table) };
    await context.report({ step: 1, total: 1, unit: "machine" });
    return this;
  }

  predict(table: Table): Prediction {
    return { kind: "number", values: predictOne(this.#fitted, table, this.spec.name) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    return compileOne(this.#fitted, inputs, 1);
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
