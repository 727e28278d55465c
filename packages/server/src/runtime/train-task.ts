// One training, in the task process: reads the columns, splits, fits, evaluates on rows the fit has not seen, measures a
// single prediction, writes the model file.
import { readFile, writeFile } from "node:fs/promises";
import { compilePredictor, createRuntime, fitPipeline, loadModel, type Progress, saveModel } from "@massif/learn";
import { FileCheckpoint, fitOf } from "./file-checkpoint.ts";
import { judge, judgeByFolds, type Part, splitRows, takePart } from "./held-out.ts";
import { linearWeights } from "./linear-weights.ts";
import { LossHistory } from "./loss-history.ts";
import { measureMicros } from "./model-predictor.ts";
import { rankedTask } from "./ranks/ranked-task.ts";
import { readPart } from "./read-part.ts";
import { rowRoles } from "./row-roles.ts";
import { signatureOf } from "./run-signature.ts";
import { streamTask } from "./stream-task.ts";
import { tableRows } from "./table-rows.ts";
import type { TaskContext } from "./task-process.ts";
import type { GrowthOutcome, RunOutcome, TrainGrowth, TrainTask } from "./train-protocol.ts";

/** Rows to measure a single prediction on. */
const MEASURED_ROWS = 256;

/** Losses before a failure that are told whatever was left out before: they show how it came. */
const LAST_LOSSES = 20;

/** Trains; throws ParamError, ShapeError, ConvergenceWarning, DataError. */
export async function trainTask(task: TrainTask, taskContext: TaskContext): Promise<RunOutcome> {
  const { limits, report } = taskContext;
  if (task.ranks !== undefined) return rankedTask(task, task.ranks, taskContext);
  if (task.chunkRows !== undefined || task.growth?.incremental) return streamTask(task, taskContext);
  await report({ stage: "read" }, true);
  const { train, test, newRows } = await partsOf(task, limits.threads);
  const history = new LossHistory();
  let last: Progress | undefined;
  const readSeconds = process.uptime();
  const runtime = createRuntime({ threads: limits.threads });
  const started = performance.now();
  const context = {
    runtime,
    seed: task.seed,
    weights: train.weights,
    checkpoint: task.checkpoint && new FileCheckpoint(task.checkpoint, fitOf(task)),
    report: async (progress: Progress) => {
      history.add(progress);
      last = progress;
      await report({ stage: "fit", ...progress }, progress.step === progress.total);
    },
  };
  const judged = () => {
    if (task.split.kind !== "folds")
      return judge(pipeline, test, { unseen: task.split.kind === "holdout" || task.growth !== undefined });
    const tell = (progress: Progress) => report({ stage: "cross-validate", ...progress });
    return judgeByFolds(task.pipeline, train, {
      ...context,
      checkpoint: undefined,
      split: task.split,
      report: tell,
    });
  };
  const pipeline = await fitPipeline(task.pipeline, train, context).catch(async (error) => {
    for (const point of history.points().slice(-LAST_LOSSES)) await report({ stage: "fit", ...point }, true);
    throw error;
  });
  const fitSeconds = (performance.now() - started) / 1000;
  await report({ stage: "evaluate" }, true);
  const evaluating = performance.now();
  const { metrics, chart } = await judged();
  const growth = task.growth === undefined ? undefined : await judgeCurrent(task.growth, { test, newRows });
  const { dataHash, seed } = task;
  const model = await saveModel(pipeline, { dataHash, seed, metrics });
  await writeFile(task.output, model.bytes);
  const rows = tableRows(test.table, pipeline.input, MEASURED_ROWS);
  const predictor = compilePredictor(pipeline);
  return {
    metrics,
    history: history.points(),
    linear: linearWeights(predictor, rows),
    chart,
    signature: signatureOf(task, pipeline, train.table),
    modelBytes: model.bytes.byteLength,
    fitSeconds,
    predictMicros: measureMicros(predictor, rows),
    rowsTrained: train.table.rows,
    phases: {
      readSeconds,
      evaluateSeconds: (performance.now() - evaluating) / 1000,
      testRows: test.table.rows,
      threads: limits.threads,
      steps: last?.step ?? 1,
      totalSteps: last?.total ?? 1,
    },
    growth,
  };
}

// Internal

/** The rows to fit on and those to judge on; of a retraining, the latter are of the newest rows alone. */
async function partsOf(task: TrainTask, threads: number): Promise<{ train: Part; test: Part; newRows: number }> {
  const whole = await readPart({ ...task, features: task.pipeline.features }, threads);
  if (task.growth === undefined) return { ...splitRows(task.split, whole, task.seed), newRows: 0 };
  const roles = await rowRoles(task, threads);
  const part = (rows: Uint32Array) => takePart(whole, placesOf(rows, roles.present));
  return { train: part(roles.train), test: part(roles.test), newRows: roles.newRows };
}

/** Where rows with these numbers are among those numbered `present`. */
function placesOf(numbers: Uint32Array, present: Uint32Array): Uint32Array {
  const places = new Uint32Array(numbers.length);
  let at = 0;
  for (let i = 0; i < numbers.length; i++) {
    while (present[at] < numbers[i]) at++;
    places[i] = at;
  }
  return places;
}

async function judgeCurrent(
  growth: TrainGrowth,
  { test, newRows }: { test: Part; newRows: number },
): Promise<GrowthOutcome> {
  const { pipeline } = await loadModel(await readFile(growth.current));
  const { metrics } = judge(pipeline, test);
  return { currentMetrics: metrics, newRows, testRows: test.table.rows, incremental: false };
}
