// From rows, in memory or in parts, to the trees of a boosting fit.
import type { FitContext } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { numberedParts, type RowPart, type RowParts } from "../base/row-parts.ts";
import { shareRows } from "../base/row-share.ts";
import { stackTables } from "../base/stack-tables.ts";
import type { Table } from "../base/table.ts";
import { Binning } from "../tree/binning.ts";
import { fitBinningParts } from "../tree/binning-parts.ts";
import { checkFeatures } from "../tree/inputs.ts";
import { outputCount, type TreeModel } from "../tree/tree-model.ts";
import { type CountedRows, holdOut, holdOutTogether, type Laid, onesBelow, reorder } from "./boost-layout.ts";
import type { Loss } from "./boost-loss.ts";
import { type BoostMemory, placeBoost, reserveBoost } from "./boost-memory.ts";
import type { BoostParams } from "./boost-params.ts";
import { codeParts } from "./boost-parts.ts";
import { Booster } from "./booster.ts";

/** What trees are grown for, whatever the rows. */
export interface GrowthInput<C> {
  readonly classes: readonly string[] | null;
  readonly params: BoostParams;
  readonly context: C;
  readonly monotone: Int8Array | undefined;
  readonly combination: "sum" | "exponential";
}

/** Rows in memory. */
export interface BoostInput extends CountedRows, GrowthInput<FitContext> {}

/** What a fit of parts is given. */
export type PartsContext = Omit<FitContext, "weights" | "watched" | "communicator">;

/** Rows that are read in parts. */
export interface PartsInput extends GrowthInput<PartsContext> {
  readonly rows: RowParts;
  readonly owner: string;
}

/** What becomes of the targets of parts. */
export interface PartsTaker {
  readonly take: Parameters<typeof codeParts>[2];
  readonly makeLoss: LossMaker;
}

/** `weights`: those of the training rows, as they lie in memory. */
export type LossMaker = (placed: BoostMemory, laid: Laid, weights: Float64Array | undefined) => Promise<Loss>;

/** The model of rows in memory. */
export async function boost(input: BoostInput, makeLoss: LossMaker): Promise<TreeModel> {
  const { table, classes, params, context, monotone } = input;
  const { runtime, seed, communicator } = context;
  const share = communicator === undefined ? undefined : await shareRows(communicator, table.rows);
  const binning =
    share === undefined
      ? Binning.fit(runtime, table, { maxBins: params.maxBins, seed, weights: input.weights })
      : await Binning.fitTogether(runtime, table, { share, maxBins: params.maxBins, seed });
  const laid = share === undefined ? holdOut(table.rows, params, seed) : holdOutTogether(share, params, seed);
  const { order, trainRows, ranks } = laid;
  const watched = order === undefined && ranks === undefined ? context.watched : undefined;
  const rows = watched === undefined ? table : stackTables(table, watched.table);
  const weights = input.weights && reorder(onesBelow(input.weights, rows.rows), order);
  const laidRows = { binning, table: rows, order, trainRows, outputs: outputCount(classes), weights, monotone };
  return runtime.scope(async (memory) => {
    const placed = placeBoost(runtime, memory, laidRows, params);
    return growModel(placed, await makeLoss(placed, laid, weights?.subarray(0, trainRows)), { ...input, laid });
  });
}

/** `boost` of rows that are read in parts. */
export async function boostParts(input: PartsInput, { take, makeLoss }: PartsTaker): Promise<TreeModel> {
  const { rows, owner, classes, params, context, monotone } = input;
  const { runtime, seed } = context;
  const { maxBins } = params;
  const check = (table: Table) => checkFeatures(owner, table);
  const binning = await fitBinningParts(runtime, rows, { maxBins, seed, owner, check });
  const laid = holdOut(rows.rows, params, seed);
  const { order, trainRows } = laid;
  const space = { binning, rows: rows.rows, trainRows, outputs: outputCount(classes), monotone, mayCopy: false };
  return runtime.scope(async (memory) => {
    const placed = reserveBoost(runtime, memory, space, params);
    await codeParts(placed, { rows, order, owner }, take);
    return growModel(placed, await makeLoss(placed, laid, undefined), { ...input, laid });
  });
}

/** The first part that has rows. Throws ShapeError and ParamError where trees cannot learn from it. */
export async function firstPart(rows: RowParts, owner: string): Promise<RowPart> {
  for await (const part of numberedParts(rows)) {
    checkFeatures(owner, part.table);
    return part;
  }
  throw new ShapeError(`${owner} needs at least one row to learn from`);
}

// Internal

interface GrowInput extends GrowthInput<PartsContext> {
  readonly laid: Laid;
}

/** Grows the trees on rows that lie in memory. */
async function growModel(placed: BoostMemory, loss: Loss, input: GrowInput): Promise<TreeModel> {
  const { classes, params, context, combination, monotone, laid } = input;
  const options = {
    ...params,
    rounds: params.nEstimators,
    maxLeaves: params.maxLeaves ?? Number.POSITIVE_INFINITY,
    maxDepth: params.maxDepth ?? Number.POSITIVE_INFINITY,
    patience: laid.order !== undefined ? params.patience : null,
    ranks: laid.ranks,
    monotone,
  };
  const booster = new Booster(placed, loss, options, context.seed);
  const trees = await booster.run((progress) => context.report(progress), context.checkpoint);
  return { binning: placed.binning, trees, combination, base: loss.base, classes };
}
