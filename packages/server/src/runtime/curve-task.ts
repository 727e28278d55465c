// One learning or validation curve, in the task process: reads the rows and fits at each place over each fold.
import { createRuntime, learningCurve, validationCurve } from "@massif/learn";
import { checkedFolds } from "./held-out.ts";
import { readPart } from "./read-part.ts";
import type { TaskContext } from "./task-process.ts";
import type { CurveOutcome, CurveTask } from "./task-protocol.ts";

/** Computes; throws ParamError, ShapeError, ConvergenceWarning, DataError. */
export async function curveTask(task: CurveTask, { limits, report }: TaskContext): Promise<CurveOutcome> {
  const { pipeline, split, seed, metric, sizes, param, values } = task;
  const part = await readPart({ ...task, features: pipeline.features }, limits.threads);
  const { table, target, weights } = part;
  if (target === undefined) return { points: [] };
  const options = {
    runtime: createRuntime({ threads: limits.threads }),
    seed,
    weights,
    metric,
    splits: checkedFolds(split, part, seed),
    report: () => report({ stage: "fit" }),
  };
  const rows = { table, target };
  const found =
    param === undefined
      ? await learningCurve(pipeline, rows, { ...options, sizes })
      : await validationCurve(pipeline, rows, { ...options, param, values: values ?? [] });
  const known = (figures: readonly number[]) => figures.map((figure) => (Number.isFinite(figure) ? figure : null));
  return { points: found.map(({ at, train, test }) => ({ at, train: known(train), test: known(test) })) };
}
