// The regression that every other one has to beat: the same number for every row.
import {
  Estimator,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
} from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { numberTarget } from "../matrix/target-values.ts";

const PARAMS = {
  strategy: {
    type: "choice",
    choices: ["mean", "median"],
    default: "mean",
    doc: "What to predict: the mean is best for squared errors, the median for absolute ones.",
  },
} as const satisfies ParamTable;

/** Predicts the target's mean or median; the columns are not looked at. */
export class MeanRegressor extends Estimator<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "MeanRegressor",
    doc: "Predicts the mean or median of the target for every row: a baseline.",
    source: "a constant minimises the squared error at the mean and the absolute error at the median",
    params: PARAMS,
    task: "regression",
    input: "table",
  };
  #value: number | undefined;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { values } = numberTarget(target, table.rows, this.spec.name);
    this.#value = this.params.strategy === "mean" ? mean(values) : median(values);
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  predict(table: Table): Prediction {
    return { kind: "number", values: new Float64Array(table.rows).fill(this.#fitted) };
  }

  compileRow(): RowPredict {
    const value = this.#fitted;
    return (_frame, out) => {
      out[0] = value;
    };
  }

  getState(): FittedState {
    return { tensors: { value: tensor(Float64Array.of(this.#fitted)) }, meta: {} };
  }

  setState(state: FittedState): void {
    this.#value = readTensor(state, "value", { owner: this.spec.name, type: Float64Array, length: 1 })[0];
  }

  get #fitted(): number {
    if (this.#value === undefined) throw this.notFitted();
    return this.#value;
  }
}

// Internal

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
