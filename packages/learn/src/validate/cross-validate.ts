// Cross-validation: the pipeline is fitted once per fold on the other folds and judged on the fold.
import type { FitContext } from "../base/component.ts";
import { rowWeights } from "../base/row-weights.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { putPrediction, takePrediction, takeRows, takeTarget, takeValues } from "../base/take-rows.ts";
import { createEstimator } from "../catalogue.ts";
import { fitPipeline } from "../compose/pipeline.ts";
import { type PipelineSpec, validatePipeline } from "../compose/pipeline-spec.ts";
import { checkTarget } from "../compose/target.ts";
import { evaluateRows } from "./evaluate-rows.ts";
import { kFold, type Split, stratifiedKFold } from "./split.ts";

/** The context of the fits and the number of folds. */
export interface CrossValidateOptions extends FitContext {
  /** Default 5. */
  readonly folds?: number;
  /** The splits themselves, such as those of groups or of time; default: `folds` shuffled parts. */
  readonly splits?: readonly Split[];
}

/** What cross-validation found. */
export interface CrossValidation {
  /** The figures of each fold. */
  readonly folds: readonly Readonly<Record<string, number>>[];
  /** Mean over the folds that have the figure. */
  readonly mean: Readonly<Record<string, number>>;
  /** Standard deviation over the folds (population), beside each mean. */
  readonly deviation: Readonly<Record<string, number>>;
  /** The rows that were in a test part, rising: all but for splits by time. */
  readonly tested: Uint32Array;
  /** For each of these, the prediction of the last model that did not see it; each model numbers clusters anew. */
  readonly prediction: Prediction;
}

/**
 * Cross-validates `spec`; classification is stratified, `weights` count in the fits and not in the figures. `report` tells the folds done; it is awaited after each, and
 * with the same count during the fits, so that a host can stop them. Throws what `fitPipeline` and `kFold` throw.
 */
export async function crossValidate(
  spec: PipelineSpec,
  { table, target }: { table: Table; target?: Target },
  { folds: count = 5, splits, runtime, seed, report, weights }: CrossValidateOptions,
): Promise<CrossValidation> {
  const estimator = createEstimator(validatePipeline(spec).estimator.type).spec;
  checkTarget(target, table.rows, estimator);
  rowWeights({ weights }, table.rows, estimator);
  let prediction: Prediction | undefined;
  const folds: Record<string, number>[] = [];
  const parts = splits ?? splitsOf(target, table.rows, { folds: count, seed });
  const isTested = new Uint8Array(table.rows);
  const tell = () => report({ step: folds.length, total: parts.length, unit: "fold" });
  for (const split of parts) {
    const part = { table: takeRows(table, split.train), target: takeTarget(target, split.train) };
    const context = { runtime, seed, report: tell, weights: weights && takeValues(weights, split.train) };
    const fitted = await fitPipeline(spec, part, context);
    const { prediction: predicted, metrics } = evaluateRows(fitted, {
      table: takeRows(table, split.test),
      target: takeTarget(target, split.test),
    });
    prediction ??= emptyLike(predicted, table.rows);
    putPrediction(prediction, predicted, split.test);
    for (const row of split.test) isTested[row] = 1;
    folds.push(metrics);
    await tell();
  }
  const tested = Uint32Array.from({ length: table.rows }, (_, row) => row).filter((row) => isTested[row] === 1);
  return { folds, ...summarise(folds), tested, prediction: takePrediction(prediction as Prediction, tested) };
}

// Internal

function splitsOf(target: Target | undefined, rows: number, options: { folds: number; seed: number }): Split[] {
  return target?.kind === "class" ? stratifiedKFold(target.codes, options) : kFold(rows, options);
}

/** Room for so many rows of predictions like this one. */
function emptyLike(prediction: Prediction, rows: number): Prediction {
  if (prediction.kind === "number") return { kind: "number", values: new Float64Array(rows) };
  const codes = new Int32Array(rows);
  if (prediction.kind === "class") {
    return { ...prediction, codes, probabilities: new Float64Array(rows * prediction.classes.length) };
  }
  return { ...prediction, codes, distances: new Float64Array(rows * prediction.clusters) };
}

function summarise(folds: readonly Readonly<Record<string, number>>[]): Pick<CrossValidation, "mean" | "deviation"> {
  const mean: Record<string, number> = {};
  const deviation: Record<string, number> = {};
  for (const name of new Set(folds.flatMap((figures) => Object.keys(figures)))) {
    const values = folds.map((figures) => figures[name]).filter((value) => value !== undefined);
    mean[name] = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean[name]) ** 2, 0);
    deviation[name] = Math.sqrt(squares / values.length);
  }
  return { mean, deviation };
}
