// Regression by the nearest training rows.
import type { EstimatorSpec, FitContext, FittedState, RowPredict, Slot } from "../base/component.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { KNeighbors, NEIGHBOR_PARAMS } from "./k-neighbors.ts";
import type { Neighbours } from "./row-search.ts";

/** Predicts the mean target of the k nearest training rows. */
export class KNeighborsRegressor extends KNeighbors {
  readonly spec: EstimatorSpec<typeof NEIGHBOR_PARAMS> = {
    name: "KNeighborsRegressor",
    doc: "Predicts the mean target of the k nearest training rows.",
    source: "Cover & Hart 1967; Bentley 1975 (KD-tree), Omohundro 1989 (ball tree), Malkov & Yashunin 2018 (HNSW)",
    params: NEIGHBOR_PARAMS,
    task: "regression",
    input: "matrix",
  };
  #targets: Float64Array = new Float64Array(0);

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { values } = numberTarget(target, table.rows, this.spec.name);
    await this.remember(table, context);
    this.#targets = values.slice();
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  predict(table: Table): Prediction {
    const values = new Float64Array(table.rows);
    this.search(table, (row, found) => {
      values[row] = this.#mean(found);
    });
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const find = this.compileSearch(inputs);
    return (frame, out) => {
      out[0] = this.#mean(find(frame));
    };
  }

  getState(): FittedState {
    const { tensors, meta } = this.packPoints();
    return { tensors: { ...tensors, targets: tensor(this.#targets) }, meta };
  }

  setState(state: FittedState): void {
    const targets = readTensor(state, "targets", { owner: this.spec.name, type: Float64Array });
    this.unpackPoints(state, targets.length);
    this.#targets = targets;
  }

  // Internal

  #mean(found: Neighbours): number {
    const weights = this.weigh(found);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) sum += weights[i] * this.#targets[found.numbers[i]];
    return sum;
  }
}
