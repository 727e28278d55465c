// The rounds of recursive elimination: fit, ask what the model makes of each column, drop those it makes least of.
import type { Estimator, FitContext } from "../base/component.ts";
import { largestScores } from "./column-selector.ts";
import type { Data } from "./folds.ts";
import { importancesOf } from "./inner-estimator.ts";

/** The parameter that says how many columns a round drops. */
export const ELIMINATION_STEP = {
  type: "float",
  default: 1,
  min: 0,
  exclusiveMin: true,
  doc: "Columns dropped per fit: from 1 on so many, below 1 this share of all columns.",
} as const;

/** How many columns are left in each round, from all of `count` to `least`. */
export function eliminationSizes(count: number, { least, step }: { least: number; step: number }): number[] {
  const drop = step < 1 ? Math.max(1, Math.floor(step * count)) : Math.floor(step);
  const sizes = [count];
  while (sizes[sizes.length - 1] > least) sizes.push(Math.max(least, sizes[sizes.length - 1] - drop));
  return sizes;
}

export interface Elimination {
  readonly sizes: readonly number[];
  readonly context: FitContext;
  /** Is given the columns of each round, the last included, and the model of them. */
  readonly judge?: (left: readonly number[], model: Estimator) => void;
}

/** The columns that are left after each round, all of them first, as positions in the table, which rise. */
export async function eliminate(
  make: () => Estimator,
  { table, target }: Data,
  { sizes, context, judge }: Elimination,
): Promise<readonly (readonly number[])[]> {
  let left = [...table.columns.keys()];
  const rounds = [left];
  const seen = () => ({ rows: table.rows, columns: left.map((i) => table.columns[i]) });
  for (const size of sizes.slice(1)) {
    const model = make();
    const chosen = new Set(largestScores(await importancesOf(model, { table: seen(), target }, context), size));
    judge?.(left, model);
    left = left.filter((_, i) => chosen.has(i));
    rounds.push(left);
  }
  if (judge !== undefined) judge(left, await make().fit(seen(), target, context));
  return rounds;
}
