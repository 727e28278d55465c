// What classifiers by Bayes's rule share: a likelihood of the row within each class, and how common the classes are.
import { Estimator, type FittedState, type RowPredict, type Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { schemaFromJson, schemaToJson } from "../base/schema.ts";
import { readMeta, readStrings } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { fittedColumns } from "../matrix/numeric-columns.ts";

/** Classes and columns of a fitted model. */
export interface Known {
  readonly schema: readonly ColumnSchema[];
  readonly classes: readonly string[];
}

/** A classifier by P(class) P(row | class); `M` is what it learned. */
export abstract class GenerativeClassifier<T extends ParamTable, M> extends Estimator<T> {
  #model: (Known & { readonly learned: M }) | undefined;

  predict(table: Table): Prediction {
    const { schema, classes, learned } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const probabilities = new Float64Array(table.rows * classes.length);
    const joint = this.compileJoint(learned, columns.length);
    const row = new Float64Array(columns.length);
    const out = new Float64Array(classes.length);
    for (let i = 0; i < table.rows; i++) {
      for (let j = 0; j < row.length; j++) row[j] = columns[j][i];
      joint(row, out);
      normalise(out);
      probabilities.set(out, i * classes.length);
    }
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const joint = this.compileJoint(this.#fitted.learned, slots.length);
    const row = new Float64Array(slots.length);
    return (frame, out) => {
      for (let j = 0; j < row.length; j++) row[j] = frame[slots[j]];
      joint(row, out);
      normalise(out);
    };
  }

  getState(): FittedState {
    const { schema, classes, learned } = this.#fitted;
    const { tensors, meta } = this.pack(learned);
    return { tensors, meta: { ...meta, columns: schemaToJson(schema), classes } };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const classes = readStrings(state, "classes", owner);
    this.#model = { schema, classes, learned: this.unpack(state, { schema, classes }) };
  }

  /** What a fit learned, and of what. Throws NotFittedError. */
  protected get fitted(): Known & { readonly learned: M } {
    return this.#fitted;
  }

  protected keep(known: Known, learned: M): this {
    this.#model = { ...known, learned };
    return this;
  }

  /** Writes ln P(class, row) of each class, up to a constant of the row. */
  protected abstract compileJoint(learned: M, columns: number): (row: Float64Array, out: Float64Array) => void;
  protected abstract pack(learned: M): FittedState;
  /** Throws ShapeError. */
  protected abstract unpack(state: FittedState, known: Known): M;

  get #fitted() {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** From logarithms to shares that sum to 1; where nothing is known, all alike. */
function normalise(out: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < out.length; k++) if (out[k] > largest) largest = out[k];
  let sum = 0;
  for (let k = 0; k < out.length; k++) {
    out[k] = Math.exp(out[k] - largest);
    sum += out[k];
  }
  for (let k = 0; k < out.length; k++) out[k] /= sum;
}
