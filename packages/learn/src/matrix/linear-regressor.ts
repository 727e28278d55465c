// What all linear regressors share once they are fitted; how they learn is the subclasses' affair.
import { Estimator, type FittedState, type Json, type RowPredict, type Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import type { Prediction, Table } from "../base/table.ts";
import { compileScore, type LinearModel, packModel, scoresOf, unpackModel } from "./linear-model.ts";

/** Predicts a weighted sum of the columns plus an intercept, or its exponential where the details have `link` "log". */
export abstract class LinearRegressor<T extends ParamTable = ParamTable> extends Estimator<T> {
  #model: LinearModel | undefined;
  #details: Readonly<Record<string, Json>> = {};

  /** One weight per column given to `fit`. Throws NotFittedError. */
  get coefficients(): Float64Array {
    return this.#fitted.coefficients;
  }

  /** The prediction where all columns are 0. Throws NotFittedError. */
  get intercept(): number {
    return this.#fitted.intercepts[0];
  }

  predict(table: Table): Prediction {
    const model = this.#fitted;
    const [values] = scoresOf(model, table, this.spec.name);
    if (this.#isLog) for (let i = 0; i < values.length; i++) values[i] = Math.exp(values[i]);
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const score = compileScore(this.#fitted, inputs);
    if (this.#isLog) {
      return (frame, out) => {
        out[0] = Math.exp(score(frame, 0));
      };
    }
    return (frame, out) => {
      out[0] = score(frame, 0);
    };
  }

  getState(): FittedState {
    return packModel(this.#fitted, this.#details);
  }

  setState(state: FittedState): void {
    this.#model = unpackModel(state, this.spec.name, 1);
    this.#details = state.meta;
  }

  /** Keeps what a fit learned. */
  protected learned(model: LinearModel, details: Readonly<Record<string, Json>>): this {
    this.#model = model;
    this.#details = details;
    return this;
  }

  /** The weighted sum is the logarithm of what is predicted, as the details' `link` says. */
  get #isLog(): boolean {
    return this.#details.link === "log";
  }

  get #fitted(): LinearModel {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}
