// A model in a worker thread: for models that take long per row, and for many rows at once, so that the thread that
// answers HTTP stays free. A thread that dies is started again, each time a little later; nobody waits for it in vain.
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import { exampleRow } from "./example-row.ts";
import {
  type InputRow,
  ModelRefused,
  type ModelSource,
  type Replica,
  type ReplicaAnswer,
  ReplicaUnavailable,
} from "./replica.ts";
import type { FromWorker, ToWorker, WorkerModel } from "./worker-protocol.ts";

/** What a worker found when it tried the model. */
export interface ModelFigures {
  readonly predictMicros: number;
  readonly bytes: number;
}

const ENTRY = createRequire(import.meta.url).resolve("@massif/server/replica-worker");
/** Rows that may wait; beyond this a caller does better to come back. */
const MOST_ROWS_WAITING = 200_000;
const MOST_REQUESTS_WAITING = 1000;
/** An answer that takes longer will not come any more. */
const ANSWER_MS = 60_000;
const LOAD_MS = 120_000;
const BACK_OFF_MS = { first: 200, most: 30_000 } as const;

interface Waiting {
  readonly rows: number;
  readonly timer: NodeJS.Timeout;
  resolve(answer: ReplicaAnswer): void;
  reject(error: Error): void;
}

/** Runs a model in a worker thread. */
export class WorkerReplica implements Replica {
  readonly placement = "worker";
  readonly #source: ModelSource;
  readonly #log: Logger;
  readonly #memoryMb: number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #rowsWaiting = 0;
  #nextId = 0;
  #deaths = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopped = false;
  #idle: (() => void) | undefined;

  /** `memoryMb` limits the thread's heap: a request too large for it ends the thread, not the server. */
  constructor(source: ModelSource, log: Logger, { memoryMb = 2048 }: { memoryMb?: number } = {}) {
    this.#source = source;
    this.#log = log;
    this.#memoryMb = memoryMb;
  }

  /** Starts the thread and tries the model; throws ModelRefused and ReplicaUnavailable. */
  start(): Promise<ModelFigures> {
    const { path, sha256, signature } = this.#source;
    const workerData: WorkerModel = { path, sha256, example: exampleRow(signature) };
    const resourceLimits = { maxOldGenerationSizeMb: this.#memoryMb };
    const worker = new Worker(ENTRY, { workerData, execArgv: [], resourceLimits });
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => void worker.terminate(), LOAD_MS);
      worker.on("message", (message: FromWorker) => {
        clearTimeout(late);
        if (message.type === "ready") {
          this.#worker = worker;
          // Answers keep the process alive, a worker that only waits must not.
          worker.unref();
          resolve({ predictMicros: message.predictMicros, bytes: message.bytes });
        } else if (message.type === "refused") {
          reject(new ModelRefused(message.message));
          void worker.terminate();
        } else this.#hear(message);
      });
      worker.on("error", (cause) => {
        this.#log.error({ err: cause, model: sha256 }, "a model's worker thread failed");
      });
      worker.on("exit", (code) => {
        clearTimeout(late);
        reject(new ReplicaUnavailable(`the model's worker ended with code ${code} before it was ready`));
        if (this.#worker === worker) this.#died();
      });
    });
  }

  predict(rows: readonly InputRow[]): Promise<ReplicaAnswer> {
    const worker = this.#worker;
    if (worker === undefined || this.#stopped) {
      return Promise.reject(new ReplicaUnavailable("the model's worker is being started again"));
    }
    if (
      this.#waiting.size > 0 &&
      (this.#rowsWaiting + rows.length > MOST_ROWS_WAITING || this.#waiting.size >= MOST_REQUESTS_WAITING)
    ) {
      return Promise.reject(new ReplicaUnavailable(`${this.#rowsWaiting} rows are waiting for this model already`));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(worker), ANSWER_MS);
      this.#waiting.set(id, { rows: rows.length, timer, resolve, reject });
      this.#rowsWaiting += rows.length;
      const message: ToWorker = { id, rows };
      worker.postMessage(message);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    if (this.#waiting.size > 0 && this.#worker !== undefined) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  // Internal

  #hear(message: Extract<FromWorker, { type: "answer" | "fault" }>): void {
    const waiting = this.#take(message.id);
    if (message.type === "answer") waiting?.resolve(message.answer);
    else waiting?.reject(new Error(`the model failed: ${message.message}`));
    this.#deaths = 0;
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    this.#rowsWaiting -= waiting.rows;
    if (this.#waiting.size === 0) this.#idle?.();
    return waiting;
  }

  #giveUp(worker: Worker): void {
    this.#log.error(
      { model: this.#source.sha256 },
      `a prediction took longer than ${ANSWER_MS / 1000} s; its worker is ended`,
    );
    void worker.terminate();
  }

  #died(): void {
    this.#worker = undefined;
    for (const id of [...this.#waiting.keys()]) {
      this.#take(id)?.reject(new ReplicaUnavailable("the model's worker died; it is being started again"));
    }
    if (this.#stopped) return;
    const wait = Math.min(BACK_OFF_MS.first * 2 ** this.#deaths++, BACK_OFF_MS.most);
    this.#log.warn({ model: this.#source.sha256, wait }, "a model's worker died and is started again");
    this.#restart = setTimeout(() => {
      this.start().catch((error) => {
        this.#log.error({ err: error }, "a model's worker could not be started again");
        if (!this.#stopped && this.#worker === undefined) this.#died();
      });
    }, wait);
    this.#restart.unref();
  }
}
