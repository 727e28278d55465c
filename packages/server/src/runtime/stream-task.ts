// A training that reads its rows chunk by chunk, in the task process: out of core, or going on from a model with newer
// rows. In memory are one chunk, a sample for the steps, and a few bytes for every row: its role, its target, its
// prediction; and what the estimator keeps of it, which for boosting is a byte per value.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ChunkSource, withChunks } from "@massif/data";
import {
  compilePredictor,
  createRuntime,
  evaluate,
  type FitContext,
  type FittedPipeline,
  loadModel,
  mainInterval,
  ParamError,
  PartialPipeline,
  type Prediction,
  type Progress,
  Random,
  saveModel,
  type Table,
  takeRows,
} from "@massif/learn";
import { chartSample } from "./chart-sample.ts";
import { FeatureSpool } from "./feature-spool.ts";
import { linearWeights } from "./linear-weights.ts";
import { LossHistory } from "./loss-history.ts";
import { measureMicros } from "./model-predictor.ts";
import { type RowRoles, rowRoles } from "./row-roles.ts";
import { signatureOf } from "./run-signature.ts";
import { type LabelledRows, stackParts } from "./stack-parts.ts";
import { PredictionBuilder } from "./stream-predictions.ts";
import { tableRows } from "./table-rows.ts";
import type { TaskContext } from "./task-process.ts";
import type { GrowthOutcome, RunOutcome, TrainTask } from "./train-protocol.ts";
import { splitTarget } from "./train-target.ts";

/** Rows to measure a single prediction on. */
const MEASURED_ROWS = 256;
/** Rows that the steps are fitted to: means and quantiles of so many are as good as of all. */
const SAMPLE_ROWS = 50_000;
/** Share of the passes of a fresh fit that going on with newer rows makes. */
const FURTHER_PASSES = 0.2;
/** Memory of the reading engine in MB: it holds a few row groups, decoded. */
const ENGINE_MB = 256;
const DEFAULT_CHUNK = 50_000;

/** Trains; throws what `trainTask` throws, and ParamError for a pipeline that needs all rows at once. */
export async function streamTask(task: TrainTask, { limits, report }: TaskContext): Promise<RunOutcome> {
  const { data, target, task: kind, growth, pipeline: spec, seed } = task;
  await report({ stage: "read" }, true);
  if (task.weights !== undefined) throw new ParamError("rowWeights", "weighing rows takes all of them at once");
  const roles = await rowRoles(task, limits.threads);
  const offset = growth?.incremental ? growth.seenRows : 0;
  const columns = spec.features === undefined ? undefined : [...spec.features, target as string];
  const kinds = { [target as string]: kind === "regression" ? ("number" as const) : ("category" as const) };
  const chunkRows = task.chunkRows ?? Math.max(DEFAULT_CHUNK, roles.present.length);
  const engine = { threads: limits.threads, memoryLimitMB: ENGINE_MB };
  return withChunks({ path: data, chunkRows, columns, kinds, offset, ...engine }, async (source) => {
    const rows = new RoleReader(source, { roles, offset, task });
    const history = new LossHistory();
    let last: Progress | undefined;
    const context: FitContext = {
      runtime: createRuntime({ threads: limits.threads }),
      seed,
      report: async (progress) => {
        history.add(progress);
        last = progress;
        await report({ stage: "fit", ...progress }, progress.step === progress.total);
      },
    };
    const readSeconds = process.uptime();
    const started = performance.now();
    const pipeline = await fitChunks(task, { rows, context, turn: () => report({ stage: "fit" }) });
    const fitSeconds = (performance.now() - started) / 1000;
    await report({ stage: "evaluate" }, true);
    const evaluating = performance.now();
    const current = growth === undefined ? undefined : (await loadModel(await readFile(growth.current))).pipeline;
    const judged = await judgeChunks(rows, { pipeline, current, task });
    const model = await saveModel(pipeline, { dataHash: task.dataHash, seed, metrics: judged.metrics });
    await writeFile(task.output, model.bytes);
    const examples = tableRows(judged.example, pipeline.input, MEASURED_ROWS);
    const predictor = compilePredictor(pipeline);
    return {
      metrics: judged.metrics,
      history: history.points(),
      linear: linearWeights(predictor, examples),
      chart: judged.chart,
      signature: signatureOf(task, pipeline, judged.example),
      modelBytes: model.bytes.byteLength,
      fitSeconds,
      predictMicros: measureMicros(predictor, examples),
      rowsTrained: roles.train.length,
      phases: {
        readSeconds,
        evaluateSeconds: (performance.now() - evaluating) / 1000,
        testRows: roles.test.length,
        threads: limits.threads,
        steps: last?.step ?? 1,
        totalSteps: last?.total ?? 1,
      },
      growth: growthOf(task, roles, judged.currentMetrics),
    };
  });
}

// Internal

/** The rows of one role, chunk by chunk, as tables without the target. */
class RoleReader {
  readonly #source: ChunkSource;
  readonly #offset: number;
  readonly #task: TrainTask;
  readonly roles: RowRoles;

  constructor(source: ChunkSource, { roles, offset, task }: { roles: RowRoles; offset: number; task: TrainTask }) {
    this.#source = source;
    this.roles = roles;
    this.#offset = offset;
    this.#task = task;
  }

  /** The rows numbered `wanted`, which rise; `last` says that no further part follows. */
  async *parts(wanted: Uint32Array): AsyncGenerator<LabelledRows & { readonly last: boolean }> {
    let at = 0;
    let begin = this.#offset;
    for await (const chunk of this.#source.chunks()) {
      if (at === wanted.length) return;
      const end = begin + chunk.rows;
      const first = at;
      while (at < wanted.length && wanted[at] < end) at++;
      const rows = wanted.slice(first, at).map((row) => row - begin);
      begin = end;
      if (rows.length === 0) continue;
      yield { ...this.#split(rows.length === chunk.rows ? chunk : takeRows(chunk, rows)), last: at === wanted.length };
    }
  }

  /** Without the check of `splitTarget` that there are two rows: a part may have one. */
  #split(table: Table): LabelledRows {
    const { target, task } = this.#task as { target: string; task: "regression" | "classification" };
    if (table.rows > 1) return splitTarget(table, { target, task });
    const doubled = splitTarget(takeRows(table, Uint32Array.of(0, 0)), { target, task });
    const only = Uint32Array.of(0);
    const { target: values } = doubled;
    return {
      table: takeRows(doubled.table, only),
      target:
        values.kind === "number"
          ? { ...values, values: values.values.slice(0, 1) }
          : { ...values, codes: values.codes.slice(0, 1) },
    };
  }
}

interface Fitting {
  readonly rows: RoleReader;
  readonly context: FitContext;
  /** Lets a cancellation through. */
  turn(): Promise<void>;
}

async function fitChunks(task: TrainTask, { rows, context, turn }: Fitting): Promise<FittedPipeline> {
  const { growth } = task;
  const { train } = rows.roles;
  const partial = growth?.incremental
    ? PartialPipeline.resume((await loadModel(await readFile(growth.current))).pipeline, context)
    : await PartialPipeline.begin(task.pipeline, await sampleOf(rows, task.seed), context);
  if (partial.keepsRows && !growth?.incremental) {
    await partial.fitParts({ rows: train.length, parts: () => turning(rows.parts(train), turn) });
    return partial.fitted;
  }
  const share = growth?.incremental ? train.length / (train.length + growth.seenRows) : 1;
  const passes = growth?.incremental ? Math.max(1, Math.round(partial.passes * FURTHER_PASSES)) : partial.passes;
  const spool = passes > 1 ? await FeatureSpool.create(join(dirname(task.output), "features")) : undefined;
  try {
    let isKept = spool !== undefined;
    for await (const { last, table, target } of rows.parts(train)) {
      const part = { table: partial.transform(table), target };
      isKept &&= FeatureSpool.takes(part.table);
      if (isKept) await spool?.add(part);
      await partial.partialFitTransformed(part, { pass: 0, passes, endsPass: last, share });
      await turn();
    }
    for (let pass = 1; pass < passes; pass++) {
      const parts = isKept && spool !== undefined ? spool.parts() : transformed(rows, partial);
      for await (const { last, ...part } of parts) {
        await partial.partialFitTransformed(part, { pass, passes, endsPass: last, share });
        await turn();
      }
    }
  } finally {
    await spool?.close();
  }
  return partial.fitted;
}

/** The parts, with a turn for others after each. */
async function* turning(parts: AsyncIterable<LabelledRows>, turn: () => Promise<void>) {
  for await (const part of parts) {
    yield part;
    await turn();
  }
}

/** The parts read and prepared once more: where what the estimator sees is more than numbers. */
async function* transformed(rows: RoleReader, partial: PartialPipeline) {
  for await (const { table, ...rest } of rows.parts(rows.roles.train)) {
    yield { ...rest, table: partial.transform(table) };
  }
}

/** Rows drawn by the seed for the steps of the pipeline to be fitted to. */
async function sampleOf(rows: RoleReader, seed: number): Promise<LabelledRows> {
  const { train } = rows.roles;
  const wanted = Math.min(train.length, SAMPLE_ROWS);
  const random = new Random(seed);
  const drawn = new Uint32Array(wanted);
  // Selection sampling (Knuth, volume 2, 3.4.2 S): exactly so many, in order.
  let taken = 0;
  for (let i = 0; taken < wanted; i++) {
    if (random.uniform() * (train.length - i) < wanted - taken) drawn[taken++] = train[i];
  }
  const parts: LabelledRows[] = [];
  for await (const { table, target } of rows.parts(drawn)) parts.push({ table, target });
  return stackParts(parts);
}

interface Judging {
  readonly pipeline: FittedPipeline;
  readonly current: FittedPipeline | undefined;
  readonly task: TrainTask;
}

/** Predicts the rows held out, chunk by chunk, and judges all of them together. */
async function judgeChunks(rows: RoleReader, { pipeline, current, task }: Judging) {
  const { test } = rows.roles;
  const predicted = new PredictionBuilder(test.length);
  const before = new PredictionBuilder(test.length);
  const actual = new PredictionBuilder(test.length);
  let example: Table | undefined;
  for await (const { table, target } of rows.parts(test)) {
    example ??= takeRows(
      table,
      Uint32Array.from({ length: Math.min(MEASURED_ROWS, table.rows) }, (_, i) => i),
    );
    actual.addTarget(target);
    predicted.add(pipeline.predict(table));
    if (current !== undefined) before.add(current.predict(table));
  }
  const target = actual.target();
  const figures = (prediction: Prediction) => ({ ...evaluate(task.task, target, prediction) });
  const prediction = predicted.prediction();
  return {
    metrics: figures(prediction),
    currentMetrics: current === undefined ? undefined : figures(before.prediction()),
    chart: {
      ...chartSample(target, prediction),
      interval: task.split.kind === "none" && task.growth === undefined ? undefined : mainInterval(target, prediction),
    },
    example: example as Table,
  };
}

function growthOf(
  { growth }: TrainTask,
  { test, newRows }: RowRoles,
  currentMetrics: Record<string, number> | undefined,
): GrowthOutcome | undefined {
  if (growth === undefined || currentMetrics === undefined) return undefined;
  return { currentMetrics, newRows, testRows: test.length, incremental: growth.incremental };
}
