// How well a pipeline does on rows its fit has not seen: on the part held out, on each fold in turn, or, when neither
// was asked for, on the training rows themselves.
import type { RunChart, Split } from "@massif/api";
import {
  crossValidate,
  evaluateRows,
  type FitContext,
  type FittedPipeline,
  type PipelineSpec,
  type Table,
  type Target,
  takeRows,
  takeTarget,
  trainTestSplit,
} from "@massif/learn";
import { chartSample } from "./chart-sample.ts";

/** Columns and target of the same rows; clustering has no target. */
export interface Part {
  readonly table: Table;
  readonly target?: Target;
}

/** What the rows said about the pipeline. */
export interface Judgement {
  readonly metrics: Record<string, number>;
  readonly chart: RunChart;
}

/** The rows to fit on and those to judge on; folds fit the final model on all rows. */
export function splitRows(how: Split, { table, target }: Part, seed: number): { train: Part; test: Part } {
  if (how.kind !== "holdout") return { train: { table, target }, test: { table, target } };
  const stratify = target?.kind === "class" ? target.codes : undefined;
  const parts = trainTestSplit(table.rows, { testShare: how.testFraction, seed, stratify });
  const part = (rows: Uint32Array): Part => ({ table: takeRows(table, rows), target: takeTarget(target, rows) });
  return { train: part(parts.train), test: part(parts.test) };
}

/** Judges by cross-validation: the metrics are means over the folds, the chart is of every row when it was held out. */
export async function judgeByFolds(
  spec: PipelineSpec,
  part: Part,
  context: FitContext & { readonly folds: number },
): Promise<Judgement> {
  const { mean, folds, prediction } = await crossValidate(spec, part, context);
  return { metrics: { ...mean }, chart: chartSample(part.target, prediction, folds) };
}

/** Judges a fitted pipeline on rows. */
export function judge(pipeline: FittedPipeline, part: Part): Judgement {
  const { metrics, prediction } = evaluateRows(pipeline, part);
  return { metrics: { ...metrics }, chart: chartSample(part.target, prediction) };
}
