// Passive-aggressive regression: rows within a tube around the line change nothing, others move it just far enough.
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import type { Table, Target } from "../base/table.ts";
import { unpackModel } from "../matrix/linear-model.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { numberTarget } from "../matrix/target-values.ts";
import {
  learnOnline,
  learnPart,
  ONLINE_PARAMS,
  type OnlineRows,
  type OnlineRule,
  PARTIAL_PASSES,
} from "./online-learning.ts";
import { tubeRule } from "./online-rules.ts";

const PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "How far a single row may move the model.",
    search: { min: 1e-4, max: 10, log: true },
  },
  epsilon: { type: "float", default: 0.1, min: 0, doc: "Errors up to this change nothing." },
  loss: {
    type: "choice",
    choices: ["epsilonInsensitive", "squaredEpsilonInsensitive"],
    default: "epsilonInsensitive",
    doc: "The first moves by at most c (PA-I), the second by more the larger the error (PA-II).",
  },
  ...ONLINE_PARAMS,
} as const satisfies ParamTable;

/** Changes as little as brings each row into the tube; scale the columns. */
export class PassiveAggressiveRegressor extends LinearRegressor<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "PassiveAggressiveRegressor",
    doc: "Passive-aggressive regression: every row that is off by more than epsilon moves the line just far enough.",
    source: "Crammer et al. 2006, Online Passive-Aggressive Algorithms",
    params: PARAMS,
    task: "regression",
    input: "matrix",
    weights: "drawn",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const rows = this.#rows(table, target, context);
    const model = nothing(table);
    const details = await learnOnline(rows, model, { rule: this.#rule(), settings: this.params, context });
    return this.learned({ schema: tableSchema(table), ...model }, details);
  }

  override passes(): number {
    return Math.min(PARTIAL_PASSES, this.params.epochs);
  }

  override async beginPartial(sample: Table, target: Target): Promise<this> {
    this.validate();
    numberTarget(target, sample.rows, this.spec.name);
    return this.learned({ schema: tableSchema(sample), ...nothing(sample) }, {});
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    const { schema, ...fitted } = unpackModel(this.getState(), this.spec.name, 1);
    const model = { coefficients: fitted.coefficients.slice(), intercepts: fitted.intercepts.slice() };
    const rows = this.#rows(alignTable(schema, table, this.spec.name), target, context);
    const seed = context.seed + context.pass;
    const loss = learnPart(rows, model, { rule: this.#rule(), settings: this.params, seed });
    const { pass, passes, endsPass } = context;
    if (endsPass) await context.report({ step: pass + 1, total: passes, unit: "epoch", loss });
    return this.learned({ schema, ...model }, { loss });
  }

  // Internal

  #rule(): OnlineRule {
    const { c, epsilon, loss } = this.params;
    return tubeRule(epsilon, { c, isSquared: loss === "squaredEpsilonInsensitive" });
  }

  #rows(table: Table, target: Target, context: FitContext): OnlineRows {
    const columns = numericColumns(table, this.spec.name);
    const { values } = numberTarget(target, table.rows, this.spec.name);
    return { columns, target: values, weights: rowWeights(context, table.rows, this.spec) };
  }
}

// Internal

function nothing(table: Table): { coefficients: Float64Array; intercepts: Float64Array } {
  return { coefficients: new Float64Array(table.columns.length), intercepts: new Float64Array(1) };
}
