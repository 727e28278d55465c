// What all linear classifiers share once they are fitted: with two classes one score and the logistic function, with
// more a score per class and softmax.
import { Estimator, type FittedState, type Json, type RowPredict, type Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { readStrings } from "../base/state.ts";
import type { Prediction, Table } from "../base/table.ts";
import { compileScore, type LinearModel, packModel, scoresOf, unpackModel } from "../matrix/linear-model.ts";
import { mostProbable } from "../matrix/most-probable.ts";

interface Fitted extends LinearModel {
  readonly classes: readonly string[];
}

/** How many scores tell `classes` classes apart. */
export function outputsOf(classes: number): number {
  return classes === 2 ? 1 : classes;
}

/** Predicts class probabilities from weighted sums of the columns. */
export abstract class LinearClassifier<T extends ParamTable = ParamTable> extends Estimator<T> {
  #fittedModel: Fitted | undefined;
  #details: Readonly<Record<string, Json>> = {};

  /** One row of weights per score, row-major: one score for two classes. Throws NotFittedError. */
  get coefficients(): Float64Array {
    return this.#fitted.coefficients;
  }

  /** One per score. Throws NotFittedError. */
  get intercepts(): Float64Array {
    return this.#fitted.intercepts;
  }

  predict(table: Table): Prediction {
    const model = this.#fitted;
    const { classes } = model;
    const byOutput = scoresOf(model, table, this.spec.name);
    const probabilities = new Float64Array(table.rows * classes.length);
    const row = new Float64Array(classes.length);
    for (let i = 0; i < table.rows; i++) {
      for (let k = 0; k < byOutput.length; k++) row[k] = byOutput[k][i];
      toProbabilities(row);
      for (let k = 0; k < row.length; k++) probabilities[i * row.length + k] = row[k];
    }
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const model = this.#fitted;
    const score = compileScore(model, inputs);
    const outputs = model.intercepts.length;
    const row = new Float64Array(model.classes.length);
    return (frame, out) => {
      for (let k = 0; k < outputs; k++) row[k] = score(frame, k);
      toProbabilities(row);
      for (let k = 0; k < row.length; k++) out[k] = row[k];
    };
  }

  getState(): FittedState {
    return packModel(this.#fitted, { ...this.#details, classes: this.#fitted.classes });
  }

  setState(state: FittedState): void {
    const classes = readStrings(state, "classes", this.spec.name);
    this.#fittedModel = { ...unpackModel(state, this.spec.name, outputsOf(classes.length)), classes };
    this.#details = state.meta;
  }

  /** Keeps what a fit learned. */
  protected learned(model: Fitted, details: Readonly<Record<string, Json>>): this {
    this.#fittedModel = model;
    this.#details = details;
    return this;
  }

  get #fitted(): Fitted {
    if (this.#fittedModel === undefined) throw this.notFitted();
    return this.#fittedModel;
  }
}

// Internal

/** Turns a row's scores (for two classes: the first) into probabilities that sum to 1. */
function toProbabilities(row: Float64Array): void {
  if (row.length === 2) {
    const e = Math.exp(-Math.abs(row[0]));
    const larger = 1 / (1 + e);
    const smaller = e / (1 + e);
    row[1] = row[0] >= 0 ? larger : smaller;
    row[0] = row[0] >= 0 ? smaller : larger;
    return;
  }
  let top = row[0];
  for (let k = 1; k < row.length; k++) if (row[k] > top) top = row[k];
  let sum = 0;
  for (let k = 0; k < row.length; k++) {
    row[k] = Math.exp(row[k] - top);
    sum += row[k];
  }
  for (let k = 0; k < row.length; k++) row[k] /= sum;
}
