// Regression by all training rows within a radius.
import type { EstimatorSpec, FitContext, FittedState, RowPredict, Slot } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { numberTarget } from "../matrix/target-values.ts";
import type { Within } from "./norm-search.ts";
import { RADIUS_PARAMS, RadiusNeighbors } from "./radius-neighbors.ts";

/** Predicts the mean target of the training rows within the radius, and without any the mean of all. */
export class RadiusNeighborsRegressor extends RadiusNeighbors {
  readonly spec: EstimatorSpec<typeof RADIUS_PARAMS> = {
    name: "RadiusNeighborsRegressor",
    doc: "Predicts the mean target of the training rows within a radius; of all training rows where there is none.",
    source: "Bentley 1975 (KD-tree); a Nadaraya-Watson estimate with a box kernel",
    params: RADIUS_PARAMS,
    task: "regression",
    input: "matrix",
  };
  #targets: Float64Array = new Float64Array(0);
  #mean = 0;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { values } = numberTarget(target, table.rows, this.spec.name);
    this.remember(table);
    this.#adopt(values.slice());
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  predict(table: Table): Prediction {
    const values = new Float64Array(table.rows);
    this.search(table, (row, found) => {
      values[row] = this.#valueOf(found);
    });
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const find = this.compileSearch(inputs);
    return (frame, out) => {
      out[0] = this.#valueOf(find(frame));
    };
  }

  getState(): FittedState {
    const { tensors, meta } = this.packPoints();
    return { tensors: { ...tensors, targets: tensor(this.#targets) }, meta };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const targets = readTensor(state, "targets", { owner, type: Float64Array });
    if (targets.length === 0) throw new ShapeError(`the state of ${owner} has no rows`);
    this.unpackPoints(state, targets.length);
    this.#adopt(targets);
  }

  // Internal

  #adopt(targets: Float64Array): void {
    this.#targets = targets;
    this.#mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  }

  #valueOf({ count, numbers, ranks }: Within): number {
    if (count === 0) return this.#mean;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += ranks[i] * this.#targets[numbers[i]];
    return sum;
  }
}
