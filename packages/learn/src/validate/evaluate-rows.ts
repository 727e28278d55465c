// A fitted pipeline judged on rows: against their target, or for clusters by the points themselves.
import type { Prediction, Table, Target } from "../base/table.ts";
import type { FittedPipeline } from "../compose/pipeline.ts";
import { evaluate } from "../metrics/evaluate.ts";

/** What a pipeline predicts for the rows of `table`, and the standard figures of that. Throws ShapeError. */
export function evaluateRows(
  pipeline: FittedPipeline,
  { table, target }: { readonly table: Table; readonly target?: Target },
): { prediction: Prediction; metrics: Record<string, number> } {
  const points = pipeline.transform(table);
  const prediction = pipeline.estimator.predict(points);
  return { prediction, metrics: evaluate(pipeline.estimator.spec.task, target, prediction, points) };
}
