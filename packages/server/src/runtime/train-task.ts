// One training, in the task process: reads the columns, splits, fits, evaluates on rows the fit has not seen, measures a
// single prediction, writes the model file.
import { writeFile } from "node:fs/promises";
import type { RowSignature } from "@massif/api";
import { readTable } from "@massif/data";
import {
  compilePredictor,
  createRuntime,
  evaluate,
  type FittedPipeline,
  fitPipeline,
  type Progress,
  saveModel,
  type Table,
  type Target,
  takeRows,
  takeTarget,
  trainTestSplit,
} from "@massif/learn";
import { chartSample } from "./chart-sample.ts";
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

interface Part {
  readonly table: Table;
  readonly target: Target;
}

/** Trains; throws ParamError, ShapeError, ConvergenceWarning, DataError. */
export async function trainTask(task: TrainTask, { limits, report }: TaskContext): Promise<RunOutcome> {
  await report({ stage: "read" }, true);
  const { train, test } = split(task, await read(task, limits.threads));
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
  const pipeline = await fitPipeline(task.pipeline, train, context).catch(async (error) => {
    for (const point of history.points().slice(-LAST_LOSSES)) await report({ stage: "fit", ...point }, true);
    throw error;
  });
  const fitSeconds = (performance.now() - started) / 1000;
  await report({ stage: "evaluate" }, true);
  const prediction = pipeline.predict(test.table);
  const metrics = evaluate(task.task, test.target, prediction);
  const { dataHash, seed } = task;
  const model = await saveModel(pipeline, { dataHash, seed, metrics });
  await writeFile(task.output, model.bytes);
  const rows = tableRows(test.table, pipeline.input, MEASURED_ROWS);
  const predictor = compilePredictor(pipeline);
  return {
    metrics,
    history: history.points(),
    linear: linearWeights(predictor, rows),
    chart: chartSample(test.target, prediction),
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
  const columns = features === undefined ? undefined : [...features, target];
  const kinds = { [target]: task === "regression" ? ("number" as const) : ("category" as const) };
  return splitTarget(await readTable({ path: data, threads, columns, kinds }), { target, task });
}

function split({ split: how, seed }: TrainTask, { table, target }: Part): { train: Part; test: Part } {
  // Without a split the figures are of the training rows, as the request asked.
  if (how.kind === "none") return { train: { table, target }, test: { table, target } };
  const stratify = target.kind === "class" ? target.codes : undefined;
  const parts = trainTestSplit(table.rows, { testShare: how.testFraction, seed, stratify });
  const part = (rows: Uint32Array): Part => ({ table: takeRows(table, rows), target: takeTarget(target, rows) });
  return { train: part(parts.train), test: part(parts.test) };
}

function signatureOf({ task, target }: TrainTask, pipeline: FittedPipeline, table: Table): RowSignature {
  const { input, output } = pipeline;
  const [first] = tableRows(table, input, 1);
  const inputs = input.map((column): RowSignature["inputs"][number] => {
    const example = first[column.name] ?? null;
    const { name, kind } = column;
    return column.kind === "category"
      ? { name, kind, categories: [...column.categories], example }
      : { name, kind, example };
  });
  return { task, target, classes: output.kind === "class" ? [...output.classes] : null, inputs };
}
