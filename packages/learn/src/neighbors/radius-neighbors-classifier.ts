// Classification by all training rows within a radius.
import type { EstimatorSpec, FitContext, FittedState, RowPredict, Slot } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readStrings, readTensor, tensor } from "../base/state.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { classTarget } from "../matrix/target-values.ts";
import type { Within } from "./norm-search.ts";
import { RADIUS_PARAMS, RadiusNeighbors } from "./radius-neighbors.ts";

/** Predicts the shares of the classes among the training rows within the radius, and without any among all. */
export class RadiusNeighborsClassifier extends RadiusNeighbors {
  readonly spec: EstimatorSpec<typeof RADIUS_PARAMS> = {
    name: "RadiusNeighborsClassifier",
    doc: "Predicts the shares of the classes among the training rows within a radius; among all where there is none.",
    source: "Bentley 1975 (KD-tree); Fix & Hodges 1951",
    params: RADIUS_PARAMS,
    task: "classification",
    input: "matrix",
  };
  #codes: Int32Array = new Int32Array(0);
  #classes: readonly string[] = [];
  /** Of the classes among all training rows. */
  #shares: Float64Array = new Float64Array(0);

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    this.remember(table);
    this.#adopt(codes.slice(), classes);
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
    if (codes.length === 0 || codes.some((code) => code < 0 || code >= classes.length)) {
      throw new ShapeError(`"codes" in the state of ${owner} must be rows of its ${classes.length} classes`);
    }
    this.unpackPoints(state, codes.length);
    this.#adopt(codes, classes);
  }

  // Internal

  #adopt(codes: Int32Array, classes: readonly string[]): void {
    this.#codes = codes;
    this.#classes = classes;
    this.#shares = new Float64Array(classes.length);
    for (const code of codes) this.#shares[code] += 1;
    for (let k = 0; k < classes.length; k++) this.#shares[k] /= codes.length;
  }

  /** Adds the neighbours' weights to their classes' entries, the first of which is at `offset`. */
  #addShares({ count, numbers, ranks }: Within, out: Float64Array, offset: number): void {
    if (count === 0) for (let k = 0; k < this.#shares.length; k++) out[offset + k] += this.#shares[k];
    for (let i = 0; i < count; i++) out[offset + this.#codes[numbers[i]]] += ranks[i];
  }
}
