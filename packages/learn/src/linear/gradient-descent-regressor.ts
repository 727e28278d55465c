// Linear regression by gradient descent.
import type { EstimatorSpec, FitContext, Json, PartialContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights, unequal } from "../base/row-weights.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { unpackModel } from "../matrix/linear-model.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { DESCENT_PARAMS, epochsOf } from "./descent-params.ts";
import type { DescentProblem } from "./gradient-descent.ts";
import { isAdaptive } from "./optimizer.ts";
import { checkPartial, PartialDescent } from "./partial-descent.ts";
import { descendTogether } from "./ranked-descent.ts";
import { deviation, lossAtZero, REGRESSION_LOSSES, regressionLoss } from "./score-losses.ts";

const PARAMS = {
  ...DESCENT_PARAMS,
  loss: {
    type: "choice",
    choices: REGRESSION_LOSSES,
    default: "squared",
    doc: "What an error costs; poisson predicts the exponential of the weighted sum, for counts.",
  },
  epsilon: {
    type: "float",
    default: 0.1,
    min: 0,
    doc: "Errors up to this cost their square under huber, and nothing under epsilonInsensitive.",
  },
  quantile: {
    type: "float",
    default: 0.5,
    min: 0,
    max: 1,
    exclusiveMin: true,
    exclusiveMax: true,
    doc: "Share of the rows that the quantile loss wants below the prediction.",
  },
} as const satisfies ParamTable;

/** Squared loss (or another) by batch, stochastic or mini-batch gradient descent; losses in its history are mean squared errors, or means of that loss. */
export class GradientDescentRegressor extends LinearRegressor<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "GradientDescentRegressor",
    doc: "Linear regression by batch, stochastic or mini-batch gradient descent.",
    source: "Robbins & Monro 1951; Polyak 1964 (momentum); Bottou, Curtis & Nocedal 2018",
    params: PARAMS,
    task: "regression",
    input: "matrix",
    onRanks: true,
    weights: "drawn",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const given = unequal(rowWeights(context, table.rows, this.spec));
    const problem = this.#problem(table, target, given);
    const { details, ...weights } = await descendTogether(problem, this.params, context);
    return this.learned({ schema: tableSchema(table), ...weights }, this.#described(details));
  }

  override passes(): number {
    return epochsOf(this.params);
  }

  override async beginPartial(sample: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    checkPartial(this.spec.name, this.params, context);
    const { details, ...weights } = this.#parts.begin(this.#problem(sample, target), this.params, context);
    return this.learned({ schema: tableSchema(sample), ...weights }, this.#described(details));
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    checkPartial(this.spec.name, this.params, context);
    const state = this.getState();
    const { schema } = unpackModel(state, this.spec.name, 1);
    const problem = this.#problem(alignTable(schema, table, this.spec.name), target);
    const { details, ...weights } = await this.#parts.part(problem, { params: this.params, state, context });
    return this.learned({ schema, ...weights }, this.#described(details));
  }

  // Internal

  readonly #parts = new PartialDescent();

  #problem(table: Table, target: Target, weights?: Float64Array): DescentProblem {
    const columns = numberColumns(table, this.spec.name);
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    const shared = { kind: "squared", outputs: 1, columns, refuse, target: values, weights } as const;
    const loss = regressionLoss(this.params, values);
    if (this.params.loss === "poisson") refuseNegative(values, target.name);
    const spread = this.params.loss === "poisson" || !isAdaptive(this.params) ? 1 : deviation(values);
    if (loss === undefined) return { ...shared, spread, startLoss: meanSquare(values, weights) / 2, lossScale: 2 };
    return { ...shared, loss, spread, startLoss: lossAtZero(loss, values, { weights }), lossScale: 1 };
  }

  #described(details: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
    return this.params.loss === "poisson" ? { ...details, link: "log" } : details;
  }
}

// Internal

function refuseNegative(values: Float64Array, name: string): void {
  const row = values.findIndex((value) => value < 0);
  if (row < 0) return;
  const problem = `row ${row} of the target "${name}" is ${values[row]}; the poisson loss needs counts of 0 and more`;
  throw new ParamError("loss", problem);
}

function meanSquare(values: Float64Array, weights: Float64Array | undefined): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    sum += weight * values[i] * values[i];
    total += weight;
  }
  return sum / total;
}
