// The perceptron and the passive-aggressive classifier: one score per class against the rest, or one for two classes.
import { CLASS_WEIGHT, refuseClassWeight, weightsByClass } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamTable } from "../base/params.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import { readStrings } from "../base/state.ts";
import type { ColumnSchema, Table, Target } from "../base/table.ts";
import { unpackModel } from "../matrix/linear-model.ts";
import { numericColumns } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { writeSigns } from "./gradient-descent-classifier.ts";
import { LinearClassifier, outputsOf } from "./linear-classifier.ts";
import {
  learnOnline,
  learnPart,
  ONLINE_PARAMS,
  type OnlineRows,
  type OnlineRule,
  PARTIAL_PASSES,
} from "./online-learning.ts";
import { hingeRule, PERCEPTRON } from "./online-rules.ts";

const PERCEPTRON_PARAMS = { ...ONLINE_PARAMS, classWeight: CLASS_WEIGHT } as const satisfies ParamTable;

const AGGRESSIVE_PARAMS = {
  c: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "How far a single row may move the model.",
    search: { min: 1e-4, max: 10, log: true },
  },
  loss: {
    type: "choice",
    choices: ["hinge", "squaredHinge"],
    default: "hinge",
    doc: "The loss: hinge moves by at most c (PA-I), squaredHinge the further the larger the error (PA-II).",
  },
  ...PERCEPTRON_PARAMS,
} as const satisfies ParamTable;

abstract class OnlineClassifier<T extends typeof PERCEPTRON_PARAMS> extends LinearClassifier<T> {
  protected abstract rule(): OnlineRule;

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const { schema, classes, model } = this.#start(table, target);
    const rows = this.#rows(table, target, context);
    const details = await learnOnline(rows, model, { rule: this.rule(), settings: this.params, context });
    return this.learned({ schema, classes, ...model }, details);
  }

  override passes(): number {
    return Math.min(PARTIAL_PASSES, this.params.epochs);
  }

  override async beginPartial(sample: Table, target: Target): Promise<this> {
    this.validate();
    refuseClassWeight(this);
    const { schema, classes, model } = this.#start(sample, target);
    return this.learned({ schema, classes, ...model }, {});
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    refuseClassWeight(this);
    const { name } = this.spec;
    const state = this.getState();
    const classes = readStrings(state, "classes", name);
    const { schema, ...fitted } = unpackModel(state, name, outputsOf(classes.length));
    const model = { coefficients: fitted.coefficients.slice(), intercepts: fitted.intercepts.slice() };
    const known = target.kind === "class" ? knownClasses(target, classes, name) : target;
    const rows = this.#rows(alignTable(schema, table, name), known, context);
    const loss = learnPart(rows, model, {
      rule: this.rule(),
      settings: this.params,
      seed: context.seed + context.pass,
    });
    const { pass, passes, endsPass } = context;
    if (endsPass) await context.report({ step: pass + 1, total: passes, unit: "epoch", loss });
    return this.learned({ schema, classes, ...model }, { loss });
  }

  // Internal

  #start(table: Table, target: Target): { schema: readonly ColumnSchema[]; classes: readonly string[]; model: Model } {
    const { classes } = classTarget(target, table.rows, this.spec.name);
    const outputs = outputsOf(classes.length);
    const coefficients = new Float64Array(outputs * table.columns.length);
    return { schema: tableSchema(table), classes, model: { coefficients, intercepts: new Float64Array(outputs) } };
  }

  #rows(table: Table, target: Target, context: FitContext): OnlineRows {
    const columns = numericColumns(table, this.spec.name);
    const known = classTarget(target, table.rows, this.spec.name);
    const { codes, classes } = known;
    const own = outputsOf(classes.length) === 1 ? writeSigns(codes, new Float64Array(codes.length)) : codes;
    return { columns, target: own, weights: weightsByClass(context, known, this) };
  }
}

interface Model {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}

/** Adds every row that it gets wrong; scale the columns. Its probabilities are no true ones. */
export class Perceptron extends OnlineClassifier<typeof PERCEPTRON_PARAMS> {
  readonly spec: EstimatorSpec<typeof PERCEPTRON_PARAMS> = {
    name: "Perceptron",
    doc: "Rosenblatt's perceptron: learns from the rows that it gets wrong, one at a time.",
    source: "Rosenblatt 1958, The Perceptron",
    params: PERCEPTRON_PARAMS,
    task: "classification",
    input: "matrix",
    weights: "drawn",
  };

  protected rule(): OnlineRule {
    return PERCEPTRON;
  }
}

/** Changes as little as puts each row right; scale the columns. Its probabilities are no true ones. */
export class PassiveAggressiveClassifier extends OnlineClassifier<typeof AGGRESSIVE_PARAMS> {
  readonly spec: EstimatorSpec<typeof AGGRESSIVE_PARAMS> = {
    name: "PassiveAggressiveClassifier",
    doc: "Passive-aggressive classification: every row that is not clearly right moves the model just far enough.",
    source: "Crammer et al. 2006, Online Passive-Aggressive Algorithms",
    params: AGGRESSIVE_PARAMS,
    task: "classification",
    input: "matrix",
    weights: "drawn",
  };

  protected rule(): OnlineRule {
    return hingeRule({ c: this.params.c, isSquared: this.params.loss === "squaredHinge" });
  }
}
