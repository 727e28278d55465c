// Classification by the nearest training rows.
import type { EstimatorSpec, FitContext, FittedState, RowPredict, Slot } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readStrings, readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { classTarget } from "../matrix/target-values.ts";
import { KNeighbors, NEIGHBOR_PARAMS } from "./k-neighbors.ts";
import type { Neighbours } from "./row-search.ts";

/** Predicts the shares of the classes among the k nearest training rows. */
export class KNeighborsClassifier extends KNeighbors {
  readonly spec: EstimatorSpec<typeof NEIGHBOR_PARAMS> = {
    name: "KNeighborsClassifier",
    doc: "Predicts the shares of the classes among the k nearest training rows.",
    source: "Cover & Hart 1967; Bentley 1975 (KD-tree), Omohundro 1989 (ball tree), Malkov & Yashunin 2018 (HNSW)",
    params: NEIGHBOR_PARAMS,
    task: "classification",
    input: "matrix",
  };
  #codes: Int32Array = new Int32Array(0);
  #classes: readonly string[] = [];

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    await this.remember(table, context);
    this.#codes = codes.slice();
    this.#classes = classes;
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  predict(table: Table): Prediction {
    const classes = this.#classes;
    const probabilities = new Float64Array(table.rows * classes.length);
    this.search(table, (row, found) => this.#addShares(found, probabilities, row * classes.length));
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const find = this.compileSearch(inputs);
    return (frame, out) => {
      for (let k = 0; k < this.#classes.length; k++) out[k] = 0;
      this.#addShares(find(frame), out, 0);
    };
  }

  getState(): FittedState {
    const { tensors, meta } = this.packPoints();
    return { tensors: { ...tensors, codes: tensor(this.#codes) }, meta: { ...meta, classes: this.#classes } };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const classes = readStrings(state, "classes", owner);
    const codes = readTensor(state, "codes", { owner, type: Int32Array });
    if (codes.some((code) => code < 0 || code >= classes.length)) {
      throw new ShapeError(`"codes" in the state of ${owner} must be of its ${classes.length} classes`);
    }
    this.unpackPoints(state, codes.length);
    this.#codes = codes;
    this.#classes = classes;
  }

  // Internal

  /** Adds the neighbours' weights to their classes' entries, the first of which is at `offset`. */
  #addShares(found: Neighbours, out: Float64Array, offset: number): void {
    const weights = this.weigh(found);
    for (let i = 0; i < weights.length; i++) out[offset + this.#codes[found.numbers[i]]] += weights[i];
  }
}
