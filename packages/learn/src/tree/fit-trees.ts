// From a table and a target to a fitted model of one or many independent trees.
import { classFactors, timesFactors } from "../base/class-weights.ts";
import type { EstimatorSpec, FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { rowWeights } from "../base/row-weights.ts";
import type { Table, Target } from "../base/table.ts";
import { Binning } from "./binning.ts";
import { type GrowOptions, growTrees } from "./grow-trees.ts";
import { checkFeatures, classTarget, numberTarget } from "./inputs.ts";
import { placeLeftOut, scoreLeftOut } from "./left-out.ts";
import { outputCount, type TreeModel } from "./tree-model.ts";
import { rowsThatCount, type WeighedRows } from "./weighed-rows.ts";

/** What splits reduce, by the names the field uses. */
export type TreeCriterion = "squared_error" | "absolute_error" | "poisson" | "gini" | "entropy";

export interface ForestOptions {
  readonly trees: number;
  readonly bootstrap: boolean;
  readonly maxBins: number;
  readonly criterion: TreeCriterion;
  /** Least decrease of the mean impurity that a split, and the leaves of a branch each, must bring. */
  readonly minImpurityDecrease: number;
  readonly ccpAlpha: number;
  /** What rows of each class count, as the parameter of that name has it. */
  readonly classWeight?: readonly string[] | null;
  /** Whether to score the rows that the trees left out. */
  readonly oobScore?: boolean;
  readonly grow: Omit<
    GrowOptions,
    "trees" | "bootstrap" | "classes" | "centre" | "criterion" | "minDecrease" | "pruning"
  >;
  readonly context: FitContext;
}

type Owner = Pick<EstimatorSpec, "name" | "weights">;

/** Trees whose leaves hold means or medians of the target. Throws ParamError and ShapeError naming the owner. */
export async function fitRegressor(
  owner: Owner,
  table: Table,
  target: Target,
  options: ForestOptions,
): Promise<TreeModel> {
  checkFeatures(owner.name, table);
  const { name, values } = numberTarget(owner.name, target, table.rows);
  if (options.criterion === "poisson") checkEvents(owner.name, name, values);
  return grow(owner, table, { targets: values, classes: null }, options);
}

/** Trees whose leaves hold shares of the classes. Throws ParamError and ShapeError naming the owner. */
export async function fitClassifier(
  owner: Owner,
  table: Table,
  target: Target,
  options: ForestOptions,
): Promise<TreeModel> {
  checkFeatures(owner.name, table);
  const { codes, classes } = classTarget(owner.name, target, table.rows);
  // Two classes are a number target of 0 and 1: its squared error is Gini's index.
  return grow(owner, table, { targets: classes.length > 2 ? codes : Float64Array.from(codes), classes }, options);
}

// Internal

function checkEvents(owner: string, name: string, values: Float64Array): void {
  const row = values.findIndex((value) => value < 0);
  if (row >= 0) {
    const cure = "take another criterion, or leave such rows out";
    const problem = `row ${row} of the target "${name}" is ${values[row]}: poisson of ${owner} counts from 0; ${cure}`;
    throw new ParamError("criterion", problem);
  }
  if (values.every((value) => value === 0)) {
    throw new ParamError(
      "criterion",
      `the target "${name}" is 0 everywhere, of which poisson of ${owner} learns nothing`,
    );
  }
}

/** From the units of the kernels to the impurity that the name means. */
function impurityScale(criterion: TreeCriterion, outputs: number, classes: readonly string[] | null): number {
  if (criterion === "entropy") return 1 / Math.LN2;
  // p(1 - p) of a target of 0 and 1 is half of Gini's 1 - p² - (1 - p)².
  return classes !== null && outputs === 1 ? 2 : 1;
}

const KERNEL_CRITERIA = {
  squared_error: "squared",
  gini: "squared",
  entropy: "entropy",
  poisson: "poisson",
  absolute_error: "absolute",
} as const;

async function grow(
  owner: Owner,
  given: Table,
  { targets: all, classes }: { targets: Float64Array | Int32Array; classes: readonly string[] | null },
  {
    trees,
    bootstrap,
    maxBins,
    criterion,
    minImpurityDecrease,
    ccpAlpha,
    classWeight = null,
    oobScore,
    grow,
    context,
  }: ForestOptions,
): Promise<TreeModel> {
  const counted = rowsThatCount({ table: given, targets: all, weights: rowWeights(context, given.rows, owner) });
  const { table, targets } = counted;
  const weights = weightsOf(owner, counted, { classes, classWeight });
  const { runtime } = context;
  const outputs = outputCount(classes);
  const binning = Binning.fit(runtime, table, { maxBins, seed: context.seed, weights });
  const scale = impurityScale(criterion, outputs, classes);
  const options: GrowOptions = {
    ...grow,
    trees,
    bootstrap,
    classes: outputs === 1 ? 0 : outputs,
    centre: classes === null && criterion !== "poisson",
    criterion: KERNEL_CRITERIA[criterion],
    minDecrease: minImpurityDecrease / scale,
    pruning: ccpAlpha / scale,
  };
  return runtime.scope(async (memory) => {
    const learned = { rows: table.rows, width: outputs, targets, classes, weights: counted.weights };
    const leftOut = oobScore ? placeLeftOut(runtime, memory, learned) : undefined;
    const set = await growTrees({ binning, table, targets, weights, leftOut }, options, context);
    const outOfBag = leftOut && scoreLeftOut(runtime, leftOut);
    const model = { binning, trees: set, combination: "mean" as const, base: new Float64Array(outputs), classes };
    return outOfBag === undefined ? model : { ...model, outOfBag };
  });
}

/** The rows' weights times those of their classes. */
function weightsOf(
  owner: Owner,
  { targets, weights }: WeighedRows<Float64Array | Int32Array>,
  { classes, classWeight }: { classes: readonly string[] | null; classWeight: readonly string[] | null },
): Float64Array | undefined {
  if (classes === null || classWeight === null) return weights;
  const codes = Int32Array.from(targets);
  return timesFactors(
    weights,
    codes,
    classFactors({ spec: owner, params: { classWeight } }, { codes, classes }, weights),
  );
}
