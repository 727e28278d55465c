// How well a pipeline does on rows its fit has not seen: on the part held out, on each fold in turn, or, when neither
// was asked for, on the training rows themselves.
import type { RunChart, Split } from "@massif/api";
import {
  crossValidate,
  evaluateRows,
  type FitContext,
  type FittedPipeline,
  groupKFold,
  type Split as LearnSplit,
  mainInterval,
  ParamError,
  type PipelineSpec,
  repeatedKFold,
  repeatedStratifiedKFold,
  stratifiedGroupKFold,
  type Table,
  type Target,
  takeRows,
  takeTarget,
  takeValues,
  timeOrderedSplit,
  trainTestSplit,
} from "@massif/learn";
import { chartSample } from "./chart-sample.ts";

/** Columns and target of the same rows; clustering and outliers have no target. */
export interface Part {
  readonly table: Table;
  readonly target?: Target;
  /** How much each row counts in a fit; absent: all alike. */
  readonly weights?: Float64Array;
  /** Code of each row's group, and its time, where the folds go by these. */
  readonly groups?: Int32Array;
  readonly times?: Float64Array;
}

/** The rows of a part that have these indices. */
export function takePart({ table, target, weights }: Part, rows: Uint32Array): Part {
  return {
    table: takeRows(table, rows),
    target: takeTarget(target, rows),
    weights: weights && takeValues(weights, rows),
  };
}

/** What the rows said about the pipeline. */
export interface Judgement {
  readonly metrics: Record<string, number>;
  readonly chart: RunChart;
}

/** The rows to fit on and those to judge on; folds fit the final model on all rows. */
export function splitRows(how: Split, whole: Part, seed: number): { train: Part; test: Part } {
  if (how.kind !== "holdout") return { train: whole, test: whole };
  const { table, target } = whole;
  const stratify = target?.kind === "class" ? target.codes : undefined;
  const parts = trainTestSplit(table.rows, { testShare: how.testFraction, seed, stratify });
  return { train: takePart(whole, parts.train), test: takePart(whole, parts.test) };
}

type FoldSplit = Extract<Split, { kind: "folds" }>;

/** Folds that cannot be are the split's fault, not the pipeline's. */
export function checkedFolds(split: FoldSplit, part: Part, seed: number): LearnSplit[] {
  try {
    return foldsOf(split, part, seed);
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    throw new ParamError("split", error.message, { cause: error });
  }
}

function foldsOf({ folds, repeats = 1 }: FoldSplit, part: Part, seed: number): LearnSplit[] {
  const { table, target, groups, times } = part;
  const codes = target?.kind === "class" ? target.codes : undefined;
  if (times !== undefined) return timeOrderedSplit(times, { folds });
  if (groups !== undefined) {
    return codes === undefined ? groupKFold(groups, { folds }) : stratifiedGroupKFold(codes, groups, { folds });
  }
  const options = { folds, repeats, seed };
  return codes === undefined ? repeatedKFold(table.rows, options) : repeatedStratifiedKFold(codes, options);
}

/** Judges by cross-validation: the metrics are means over the folds, the chart is of every row when it was held out. */
export async function judgeByFolds(
  spec: PipelineSpec,
  part: Part,
  context: FitContext & { readonly split: FoldSplit },
): Promise<Judgement> {
  const splits = checkedFolds(context.split, part, context.seed);
  const found = await crossValidate(spec, part, { ...context, splits, weights: part.weights });
  const { mean, folds, tested, prediction } = found;
  return { metrics: { ...mean }, chart: chartSample(takeTarget(part.target, tested), prediction, folds) };
}

/** Judges a fitted pipeline on rows; where it has not seen them, also how sure the figure is. */
export function judge(pipeline: FittedPipeline, part: Part, { unseen = false } = {}): Judgement {
  const { metrics, prediction } = evaluateRows(pipeline, part);
  const interval = unseen ? mainInterval(part.target, prediction) : undefined;
  return { metrics: { ...metrics }, chart: { ...chartSample(part.target, prediction), interval } };
}
