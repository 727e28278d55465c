// The classification that every other one has to beat: the classes' shares, whatever the row.
import {
  Estimator,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
} from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readStrings, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { classTarget } from "../matrix/target-values.ts";

const PARAMS = {} as const satisfies ParamTable;

interface Shares {
  readonly schema: readonly ColumnSchema[];
  readonly classes: readonly string[];
  readonly shares: Float64Array;
}

/** Predicts the most frequent class, with the shares of all classes as probabilities; the columns' values are not looked at. */
export class MajorityClassifier extends Estimator<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "MajorityClassifier",
    doc: "Predicts the most frequent class for every row, with the classes' shares as probabilities: a baseline.",
    source: "constant probabilities minimise the log loss at the classes' shares",
    params: PARAMS,
    task: "classification",
    input: "table",
    weights: "exact",
  };
  #model: Shares | undefined;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const weights = rowWeights(context, table.rows, this.spec);
    const shares = new Float64Array(classes.length);
    let total = 0;
    for (let row = 0; row < codes.length; row++) {
      const weight = weights?.[row] ?? 1;
      shares[codes[row]] += weight;
      total += weight;
    }
    for (let k = 0; k < shares.length; k++) shares[k] /= total;
    this.#model = { schema: tableSchema(table), classes, shares };
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, classes, shares } = this.#fitted;
    alignTable(schema, table, this.spec.name);
    const probabilities = new Float64Array(table.rows * classes.length);
    for (let i = 0; i < table.rows; i++) probabilities.set(shares, i * classes.length);
    return { kind: "class", classes, probabilities, codes: mostProbable(probabilities, classes.length) };
  }

  compileRow(): RowPredict {
    const { shares } = this.#fitted;
    return (_frame, out) => {
      for (let k = 0; k < shares.length; k++) out[k] = shares[k];
    };
  }

  getState(): FittedState {
    const { schema, classes, shares } = this.#fitted;
    return { tensors: { shares: tensor(shares) }, meta: { classes, columns: schemaToJson(schema) } };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const classes = readStrings(state, "classes", owner);
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const shares = readTensor(state, "shares", { owner, type: Float64Array, length: classes.length });
    this.#model = { schema, classes, shares };
  }

  get #fitted(): Shares {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}
