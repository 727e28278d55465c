// One rank's part of a training: reads its rows, fits and judges together with the others; rank 0 writes the model file
// and has the outcome.
import { writeFile } from "node:fs/promises";
import { compilePredictor, createRuntime, fitPipeline, type Progress, saveModel } from "@massif/learn";
import type { MpiCommunicator } from "@massif/mpi";
import { FileCheckpoint, fitOf } from "../file-checkpoint.ts";
import { linearWeights } from "../linear-weights.ts";
import { LossHistory } from "../loss-history.ts";
import { measureMicros } from "../model-predictor.ts";
import { signatureOf } from "../run-signature.ts";
import { tableRows } from "../table-rows.ts";
import type { TaskProgress } from "../task-protocol.ts";
import type { RunOutcome, TrainTask } from "../train-protocol.ts";
import { RankCheckpoint } from "./rank-checkpoint.ts";
import { judgeTogether } from "./rank-judgement.ts";
import { type RankRows, readRankRows } from "./rank-rows.ts";

/** Rows to measure a single prediction on. */
const MEASURED_ROWS = 256;

/** What a rank tells of where it stands. */
export type RankReport = (progress: TaskProgress, last: boolean) => Promise<void>;

/** Trains; every rank is given the outcome. Throws what `trainTask` throws. */
export async function rankTraining(
  task: TrainTask,
  communicator: MpiCommunicator,
  report: RankReport,
): Promise<RunOutcome> {
  await report({ stage: "read" }, true);
  const rows = await readRankRows(task, communicator);
  const trained = await total(communicator, rows.train.table.rows);
  const fit = new RankFit(task, communicator, { report, trained });
  const pipeline = await fit.run(rows);
  const { fitSeconds, history } = fit;
  const rowsPerSecond = fit.rowsPerSecond(performance.now());
  const communicationSeconds = (await total(communicator, fit.communicationSeconds)) / communicator.size;
  await report({ stage: "evaluate" }, true);
  const { metrics, chart } = await judgeTogether(pipeline, rows.test, { communicator, task: task.task });
  const { dataHash, seed } = task;
  const model = await saveModel(pipeline, { dataHash, seed, metrics });
  if (communicator.rank === 0) await writeFile(task.output, model.bytes);
  const shown = rows.test.table.rows > 0 ? rows.test.table : rows.train.table;
  const sample = tableRows(shown, pipeline.input, MEASURED_ROWS);
  const predictor = compilePredictor(pipeline);
  return {
    metrics,
    history: history.points(),
    linear: linearWeights(predictor, sample),
    chart,
    signature: signatureOf(task, pipeline, shown),
    modelBytes: model.bytes.byteLength,
    fitSeconds,
    predictMicros: measureMicros(predictor, sample),
    rowsTrained: trained,
    ranks: { rowsPerSecond, communicationSeconds, library: communicator.version },
  };
}

// Internal

/** The fit itself, with a clock on it. */
class RankFit {
  readonly history = new LossHistory();
  last: Progress | undefined;
  fitSeconds = 0;
  communicationSeconds = 0;
  readonly #task: TrainTask;
  readonly #communicator: MpiCommunicator;
  readonly #report: RankReport;
  readonly #trained: number;
  #first: Progress | undefined;
  readonly #started = performance.now();

  constructor(
    task: TrainTask,
    communicator: MpiCommunicator,
    { report, trained }: { report: RankReport; trained: number },
  ) {
    this.#task = task;
    this.#communicator = communicator;
    this.#report = report;
    this.#trained = trained;
  }

  async run({ train }: RankRows) {
    const { checkpoint, pipeline: spec, seed } = this.#task;
    const communicator = this.#communicator;
    const before = communicator.cost.seconds;
    const file = checkpoint && new FileCheckpoint(checkpoint, fitOf(this.#task));
    const context = {
      // One core each: more processors are used by more ranks.
      runtime: createRuntime({ threads: 1 }),
      seed,
      communicator,
      checkpoint: file && new RankCheckpoint(file, communicator),
      report: async (progress: Progress) => {
        this.history.add(progress);
        this.#first ??= progress;
        this.last = progress;
        const figures = {
          ranks: communicator.size,
          rowsPerSecond: Math.round(this.rowsPerSecond(performance.now())),
          communicationSeconds: communicator.cost.seconds - before,
        };
        await this.#report({ stage: "fit", ...progress, ...figures }, progress.step === progress.total);
      },
    };
    const pipeline = await fitPipeline(spec, train, context);
    this.fitSeconds = (performance.now() - this.#started) / 1000;
    this.communicationSeconds = communicator.cost.seconds - before;
    return pipeline;
  }

  /** Each step passes over all rows once; those of an earlier attempt do not count. */
  rowsPerSecond(now: number): number {
    const steps = (this.last?.step ?? 0) - (this.#first?.step ?? 1) + 1;
    return (this.#trained * steps) / (this.fitSeconds || (now - this.#started) / 1000 || 1);
  }
}

async function total(communicator: MpiCommunicator, own: number): Promise<number> {
  const sum = Float64Array.of(own);
  await communicator.allReduce(sum);
  return sum[0];
}
