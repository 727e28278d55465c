// From a table and a target to a fitted model of one or many independent trees.
import type { FitContext } from "../base/component.ts";
import type { Table, Target } from "../base/table.ts";
import { Binning } from "./binning.ts";
import { type GrowOptions, growTrees } from "./grow-trees.ts";
import { checkFeatures, classTarget, numberTarget } from "./inputs.ts";
import { outputCount, type TreeModel } from "./tree-model.ts";

export interface ForestOptions {
  readonly trees: number;
  readonly bootstrap: boolean;
  readonly maxBins: number;
  readonly grow: Omit<GrowOptions, "trees" | "bootstrap" | "classes" | "centre">;
  readonly context: FitContext;
}

/** Trees whose leaves hold means of the target. Throws ParamError and ShapeError naming `owner`. */
export async function fitRegressor(
  owner: string,
  table: Table,
  target: Target,
  options: ForestOptions,
): Promise<TreeModel> {
  checkFeatures(owner, table);
  const { values } = numberTarget(owner, target, table.rows);
  return grow(table, values, null, options);
}

/** Trees whose leaves hold shares of the classes. Throws ParamError and ShapeError naming `owner`. */
export async function fitClassifier(
  owner: string,
  table: Table,
  target: Target,
  options: ForestOptions,
): Promise<TreeModel> {
  checkFeatures(owner, table);
  const { codes, classes } = classTarget(owner, target, table.rows);
  // Two classes are a number target of 0 and 1: its squared error is Gini's index.
  return grow(table, classes.length > 2 ? codes : Float64Array.from(codes), classes, options);
}

// Internal

async function grow(
  table: Table,
  targets: Float64Array | Int32Array,
  classes: readonly string[] | null,
  { trees, bootstrap, maxBins, grow, context }: ForestOptions,
): Promise<TreeModel> {
  const outputs = outputCount(classes);
  const binning = Binning.fit(context.runtime, table, maxBins, context.seed);
  const options = { ...grow, trees, bootstrap, classes: outputs === 1 ? 0 : outputs, centre: classes === null };
  const set = await growTrees({ binning, table, targets }, options, context);
  return { binning, trees: set, combination: "mean", base: new Float64Array(outputs), classes };
}
