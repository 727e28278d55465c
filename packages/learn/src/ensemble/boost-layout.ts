// How the rows of a boosting fit lie in memory: those that count, those that train first, watched ones after all.
import type { FitContext } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import type { RowShare } from "../base/row-share.ts";
import type { Table, Target } from "../base/table.ts";
import { takeRows, takeTarget } from "../base/take-rows.ts";
import type { BoostMemory } from "./boost-memory.ts";
import type { BoostParams } from "./boost-params.ts";
import { type BoostRanks, layRanks } from "./boost-ranks.ts";

/** The rows that a fit learns from: those with a weight. */
export interface CountedRows {
  readonly table: Table;
  readonly target: Target;
  readonly weights: Float64Array | undefined;
}

/** How the rows of a fit lie in memory, and whose they are. */
export interface Laid {
  readonly order: Uint32Array | undefined;
  readonly trainRows: number;
  readonly ranks: BoostRanks | undefined;
}

/** The rows that have a weight. Throws ParamError when the weights are too small to split any row off. */
export function countedRows({
  table,
  target,
  weights,
  owner,
  params,
}: CountedRows & { owner: string; params: BoostParams }): CountedRows {
  if (weights === undefined) return { table, target, weights };
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const least = 2 * params.minSamplesLeaf;
  if (total < least && table.rows >= least) {
    const problem = `the weights sum to ${total}, but \`minSamplesLeaf\` of ${owner} wants ${least / 2} on each side`;
    throw new ParamError("weights", `${problem} of a split; scale them so that their mean is 1, or lower it`);
  }
  if (!weights.includes(0)) return { table, target, weights };
  const rows = Uint32Array.from(weights.keys()).filter((row) => weights[row] > 0);
  return {
    table: takeRows(table, rows),
    target: takeTarget(target, rows),
    weights: weights.filter((weight) => weight > 0),
  };
}

/** The weights, and 1 for each further row. */
export function onesBelow(weights: Float64Array, rows: number): Float64Array {
  if (weights.length === rows) return weights;
  const all = new Float64Array(rows).fill(1);
  all.set(weights);
  return all;
}

/** With early stopping, a random order of the rows whose last ones validate; at least one row must train. */
export function holdOut(rows: number, params: BoostParams, seed: number): Laid {
  if (!params.earlyStopping || rows < 2) return { order: undefined, trainRows: rows, ranks: undefined };
  const held = Math.min(rows - 1, Math.max(1, Math.round(rows * params.validationFraction)));
  return { order: new Random(seed).permutation(rows), trainRows: rows - held, ranks: undefined };
}

/** `holdOut` of all ranks' rows, as this rank sees it. */
export function holdOutTogether(share: RowShare, params: BoostParams, seed: number): Laid {
  const heldShare = params.earlyStopping ? params.validationFraction : null;
  const { ranks, order } = layRanks(share, { heldShare, seed });
  return { order, trainRows: ranks.places.length, ranks };
}

/** The target of all rows in memory: where there are more of these than of `values`, the watched ones follow. */
export function watchedToo<A extends Float64Array | Int32Array>(
  values: A,
  { rows }: Pick<BoostMemory, "rows">,
  { watched }: FitContext,
): A {
  if (watched === undefined || rows === values.length) return values;
  const { target } = watched;
  const all = new (values.constructor as new (length: number) => A)(rows);
  all.set(values);
  all.set(target.kind === "class" ? target.codes : target.values, values.length);
  return all;
}

/** The values as the rows lie. */
export function reorder<A extends Float64Array | Int32Array>(values: A, order: Uint32Array | undefined): A {
  if (order === undefined) return values;
  const ordered = values.slice() as A;
  for (let i = 0; i < ordered.length; i++) ordered[i] = values[order[i]];
  return ordered;
}
