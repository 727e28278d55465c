// The regression that every other one has to beat: the same number for every row.
import {
  Estimator,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
} from "../base/component.ts";
import { median } from "../base/median.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights, unequal } from "../base/row-weights.ts";
import { alignTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { numberTarget } from "../matrix/target-values.ts";

const PARAMS = {
  strategy: {
    type: "choice",
    choices: ["mean", "median"],
    default: "mean",
    doc: "What to predict: the mean is best for squared errors, the median for absolute ones.",
  },
} as const satisfies ParamTable;

/** Predicts the target's mean or median; the columns' values are not looked at. */
export class MeanRegressor extends Estimator<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "MeanRegressor",
    doc: "Predicts the mean or median of the target for every row: a baseline.",
    source: "a constant minimises the squared error at the mean and the absolute error at the median",
    params: PARAMS,
    task: "regression",
    input: "table",
    weights: "exact",
  };
  #model: { readonly schema: readonly ColumnSchema[]; readonly value: number } | undefined;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { values } = numberTarget(target, table.rows, this.spec.name);
    const weights = unequal(rowWeights(context, table.rows, this.spec));
    const value = this.params.strategy === "mean" ? mean(values, weights) : middle(values, weights);
    this.#model = { schema: tableSchema(table), value };
    await context.report({ step: 1, total: 1, unit: "pass" });
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, value } = this.#fitted;
    alignTable(schema, table, this.spec.name);
    return { kind: "number", values: new Float64Array(table.rows).fill(value) };
  }

  compileRow(): RowPredict {
    const { value } = this.#fitted;
    return (_frame, out) => {
      out[0] = value;
    };
  }

  getState(): FittedState {
    const { schema, value } = this.#fitted;
    return { tensors: { value: tensor(Float64Array.of(value)) }, meta: { columns: schemaToJson(schema) } };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const [value] = readTensor(state, "value", { owner, type: Float64Array, length: 1 });
    this.#model = { schema: schemaFromJson(readMeta(state, "columns", owner), owner), value };
  }

  get #fitted() {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

function mean(values: Float64Array, weights: Float64Array | undefined): number {
  if (weights === undefined) return values.reduce((sum, value) => sum + value, 0) / values.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, row) => sum + weights[row] * value, 0) / total;
}

/** The median; by weights a value with at most half of them on either side, or the middle of two such. */
function middle(values: Float64Array, weights: Float64Array | undefined): number {
  if (weights === undefined) return median(values.slice());
  const order = Uint32Array.from(values.keys()).filter((row) => weights[row] > 0);
  order.sort((i, j) => values[i] - values[j]);
  const half = order.reduce((sum, row) => sum + weights[row], 0) / 2;
  let sum = 0;
  let at = -1;
  while (sum < half) sum += weights[order[++at]];
  const next = order[Math.min(at + 1, order.length - 1)];
  return sum === half ? (values[order[at]] + values[next]) / 2 : values[order[at]];
}
