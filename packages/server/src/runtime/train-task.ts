// One training, in the task process: reads the columns, splits, fits, evaluates on rows the fit has not seen, measures a
// single prediction, writes the model file.
import { writeFile } from "node:fs/promises";
import type { RowSignature } from "@massif/api";
import { readTable } from "@massif/data";
import {
  compilePredictor,
  createRuntime,
  type FittedPipeline,
  fitPipeline,
  type Progress,
  saveModel,
  type Table,
} from "@massif/learn";
import { judge, judgeByFolds, type Part, splitRows } from "./held-out.ts";
import { linearWeights } from "./linear-weights.ts";
import { LossHistory } from "./loss-history.ts";
import { measureMicros } from "./model-predictor.ts";
import { tableRows } from "./table-rows.ts";
import type { TaskContext } from "./task-process.ts";
import type { RunOutcome, TrainTask } from "./train-protocol.ts";
import { splitTarget } from "./train-target.ts";

/** Rows to measure a single prediction on. */
const MEASURED_ROWS = 256;

/** Losses before a failure that are told whatever was left out before: they show how it came. */
const LAST_LOSSES = 20;

/** Trains; throws ParamError, ShapeError, ConvergenceWarning, DataError. */
export async function trainTask(task: TrainTask, { limits, report }: TaskContext): Promise<RunOutcome> {
  await report({ stage: "read" }, true);
  const { train, test } = splitRows(task.split, await read(task, limits.threads), task.seed);
  const history = new LossHistory();
  const runtime = createRuntime({ threads: limits.threads });
  const started = performance.now();
  const context = {
    runtime,
    seed: task.seed,
    report: async (progress: Progress) => {
      history.add(progress);
      await report({ stage: "fit", ...progress }, progress.step === progress.total);
    },
  };
  const judged = () => {
    if (task.split.kind !== "folds") return judge(pipeline, test);
    const tell = (progress: Progress) => report({ stage: "cross-validate", ...progress });
    return judgeByFolds(task.pipeline, train, { ...context, folds: task.split.folds, report: tell });
  };
  const pipeline = await fitPipeline(task.pipeline, train, context).catch(async (error) => {
    for (const point of history.points().slice(-LAST_LOSSES)) await report({ stage: "fit", ...point }, true);
    throw error;
  });
  const fitSeconds = (performance.now() - started) / 1000;
  await report({ stage: "evaluate" }, true);
  const { metrics, chart } = await judged();
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
  };
}

// Internal

async function read({ data, target, task, pipeline }: TrainTask, threads: number): Promise<Part> {
  const { features } = pipeline;
  if (target === null || task === "clustering") {
    return { table: await readTable({ path: data, threads, columns: features }) };
  }
  const columns = features === undefined ? undefined : [...features, target];
  const kinds = { [target]: task === "regression" ? ("number" as const) : ("category" as const) };
  return splitTarget(await readTable({ path: data, threads, columns, kinds }), { target, task });
}

function signatureOf({ task }: TrainTask, pipeline: FittedPipeline, table: Table): RowSignature {
  const { input, output } = pipeline;
  const [first] = tableRows(table, input, 1);
  const inputs = input.map((column): RowSignature["inputs"][number] => {
    const example = first[column.name] ?? null;
    const { name, kind } = column;
    return column.kind === "category"
      ? { name, kind, categories: [...column.categories], example }
      : { name, kind, example };
  });
  return { task, target: output.name, classes: output.kind === "class" ? [...output.classes] : null, inputs };
}
