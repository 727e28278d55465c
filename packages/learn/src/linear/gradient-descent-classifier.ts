// Logistic regression by gradient descent.
import { CLASS_WEIGHT, refuseClassWeight, weightsByClass } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext, PartialContext } from "../base/component.ts";
import { knownClasses } from "../base/known-classes.ts";
import type { ParamTable } from "../base/params.ts";
import { unequal } from "../base/row-weights.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import { readStrings } from "../base/state.ts";
import type { Table, Target } from "../base/table.ts";
import { unpackModel } from "../matrix/linear-model.ts";
import { numberColumns, refuseNonFinite } from "../matrix/numeric-columns.ts";
import { classTarget } from "../matrix/target-values.ts";
import { DESCENT_PARAMS, epochsOf } from "./descent-params.ts";
import type { DescentProblem } from "./gradient-descent.ts";
import { LinearClassifier, outputsOf } from "./linear-classifier.ts";
import { checkPartial, PartialDescent } from "./partial-descent.ts";
import { descendTogether } from "./ranked-descent.ts";
import { CLASS_LOSSES, classLoss, lossAtZero } from "./score-losses.ts";

const PARAMS = {
  ...DESCENT_PARAMS,
  loss: {
    type: "choice",
    choices: CLASS_LOSSES,
    default: "logistic",
    doc: "What an error costs; the hinges separate each class from the rest, and give no true probabilities.",
  },
  classWeight: CLASS_WEIGHT,
} as const satisfies ParamTable;

/** Logistic loss for two classes, softmax for more; losses in its history are mean log losses. */
export class GradientDescentClassifier extends LinearClassifier<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "GradientDescentClassifier",
    doc: "Logistic regression by batch, stochastic or mini-batch gradient descent.",
    source: "Robbins & Monro 1951; Polyak 1964 (momentum); Bottou, Curtis & Nocedal 2018",
    params: PARAMS,
    task: "classification",
    input: "matrix",
    onRanks: true,
    weights: "drawn",
  };

  async fit(table: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    const known = classTarget(target, table.rows, this.spec.name);
    const given = unequal(weightsByClass(context, known, this));
    const problem = this.#problem(table, target, given);
    const { details, ...weights } = await descendTogether(problem, this.params, context);
    return this.learned({ schema: tableSchema(table), classes: classesOf(target), ...weights }, details);
  }

  override passes(): number {
    return epochsOf(this.params);
  }

  override async beginPartial(sample: Table, target: Target, context: FitContext): Promise<this> {
    this.validate();
    refuseClassWeight(this);
    checkPartial(this.spec.name, this.params, context);
    const { details, ...weights } = this.#parts.begin(this.#problem(sample, target), this.params, context);
    return this.learned({ schema: tableSchema(sample), classes: classesOf(target), ...weights }, details);
  }

  override async partialFit(table: Table, target: Target, context: PartialContext): Promise<this> {
    refuseClassWeight(this);
    checkPartial(this.spec.name, this.params, context);
    const { name } = this.spec;
    const state = this.getState();
    const classes = readStrings(state, "classes", name);
    const { schema } = unpackModel(state, name, outputsOf(classes.length));
    const known = target.kind === "class" ? knownClasses(target, classes, name) : target;
    const problem = this.#problem(alignTable(schema, table, name), known);
    const { details, ...weights } = await this.#parts.part(problem, { params: this.params, state, context });
    return this.learned({ schema, classes, ...weights }, details);
  }

  // Internal

  readonly #parts = new PartialDescent();

  #problem(table: Table, target: Target, weights?: Float64Array): DescentProblem {
    const columns = numberColumns(table, this.spec.name);
    const refuse = () => refuseNonFinite(table, this.spec.name);
    const { codes, classes } = classTarget(target, table.rows, this.spec.name);
    const outputs = outputsOf(classes.length);
    const shared = { outputs, columns, weights, refuse, startLoss: Math.log(classes.length), lossScale: 1 };
    const loss = classLoss(this.params.loss);
    const laid =
      outputs > 1
        ? ({ kind: "softmax", target: codes, ...shared } as const)
        : ({ kind: "logistic", target: writeSigns(codes, new Float64Array(codes.length)), ...shared } as const);
    return loss === undefined
      ? laid
      : { ...laid, loss, startLoss: lossAtZero(loss, laid.target, { outputs, weights }) };
  }
}

/** Writes classes 0 and 1 as -1 and 1 to `signs`, and gives it back. */
export function writeSigns(codes: Int32Array, signs: Float64Array): Float64Array {
  for (let i = 0; i < codes.length; i++) signs[i] = 2 * codes[i] - 1;
  return signs;
}

// Internal

function classesOf(target: Target): readonly string[] {
  return target.kind === "class" ? target.classes : [];
}
