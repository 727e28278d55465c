// A fast model in the thread that answers HTTP: no hop for the usual few rows. Many rows go to a worker thread, which
// is started when they come and ended when none have come for a while.
import type { Logger } from "pino";
import { answerRows, type ServedModel } from "./model-predictor.ts";
import { answerRecommend } from "./recommend-tensors.ts";
import type { InputRow, ModelSource, NamedTensor, Replica, ReplicaAnswer, TensorAnswer } from "./replica.ts";
import { WorkerReplica } from "./worker-replica.ts";

/** More rows than this would hold up other requests. */
const INLINE_ROWS = 2000;
const IDLE_MS = 60_000;

/** Runs one of our models in this thread. */
export class LightReplica implements Replica {
  readonly placement = "inline";
  readonly #fileBytes: number;
  readonly #model: ServedModel;
  readonly #source: ModelSource;
  readonly #log: Logger;
  #worker: Promise<WorkerReplica> | undefined;
  #workerBytes = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(model: ServedModel, source: ModelSource, { fileBytes, log }: { fileBytes: number; log: Logger }) {
    this.#model = model;
    this.#fileBytes = fileBytes;
    this.#source = source;
    this.#log = log;
  }

  get memoryBytes(): number {
    return this.#fileBytes + this.#workerBytes;
  }

  async predict(rows: readonly InputRow[]): Promise<ReplicaAnswer> {
    if (rows.length <= INLINE_ROWS) return answerRows(this.#model.predictor, rows);
    clearTimeout(this.#idle);
    this.#worker ??= this.#startWorker();
    const worker = await this.#worker;
    try {
      return await worker.predict(rows);
    } finally {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => void this.#stopWorker(), IDLE_MS);
      this.#idle.unref();
    }
  }

  /** Recommends; throws for a model that does not. */
  async infer(inputs: readonly NamedTensor[]): Promise<TensorAnswer> {
    return answerRecommend(this.#model.recommender, inputs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#stopWorker();
  }

  // Internal

  async #startWorker(): Promise<WorkerReplica> {
    const worker = new WorkerReplica(this.#source, this.#log);
    try {
      await worker.start();
      this.#workerBytes = worker.memoryBytes;
      return worker;
    } catch (error) {
      this.#worker = undefined;
      throw error;
    }
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#workerBytes = 0;
    await (await worker?.catch(() => undefined))?.stop();
  }
}
