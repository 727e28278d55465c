// Linear regression by gradient descent.
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import { DESCENT_PARAMS, epochsOf } from "./descent-params.ts";
import type { DescentProblem } from "./gradient-descent.ts";
import { unpackModel } from "./linear-model.ts";
import { LinearRegressor } from "./linear-regressor.ts";
import { checkPartial, PartialDescent } from "./partial-descent.ts";
import { descendTogether } from "./ranked-descent.ts";

/** Squared loss by batch, stochastic or mini-batch gradient descent; losses in its history are mean squared errors. */
export class GradientDescentRegressor extends LinearRegressor<typeof DESCENT_PARAMS> {
  readonly spec: EstimatorSpec<typeof DESCENT_PARAMS> = {
    name: "GradientDescentRegressor",
    doc: "Linear regression by batch, stochastic or mini-batch gradient descent.",
    source: "Robbins & Monro 1951; Polyak 1964 (momentum); Bottou, Curtis & Nocedal 2018",
    params: DESCENT_PARAMS,
    task: "regression",
    input: "matrix",
    onRanks: true,
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { details, ...weights } = await descendTogether(this.#problem(table, target), this.params, context);
    return this.learned({ schema: tableSchema(table), ...weights }, details);
  }

  override passes(): number {
    return epochsOf(this.params);
  }

  override async beginPartial(sample: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    checkPartial(this.spec.name, this.params);
    const { details, ...weights } = this.#parts.begin(this.#problem(sample, target), this.params, context);
    return this.learned({ schema: tableSchema(sample), ...weights }, details);
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    checkPartial(this.spec.name, this.params);
    const state = this.getState();
    const { schema } = unpackModel(state, this.spec.name, 1);
    const problem = this.#problem(alignTable(schema, table, this.spec.name), target);
    const { details, ...weights } = await this.#parts.part(problem, { params: this.params, state, context });
    return this.learned({ schema, ...weights }, details);
  }

  // Internal

  readonly #parts = new PartialDescent();

  #problem(table: Table, target: Target): DescentProblem {
    const columns = numberColumns(table, this.spec.name);
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    return {
      kind: "squared",
      outputs: 1,
      columns,
      refuse,
      target: values,
      startLoss: meanSquare(values) / 2,
      lossScale: 2,
    };
  }
}

// Internal

function meanSquare(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum / values.length;
}
