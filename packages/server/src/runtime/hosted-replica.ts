// A replica whose model lives in a host: a thread or a process. Numbers the questions, limits their time, lets answers
// under way come out before it stops, and starts a host that died again, each time a little later; what was under way
// then fails with ReplicaUnavailable, nobody waits in vain. Which rows go together and who waits is not its business.
import type { Logger } from "pino";
import type { Ask, FromHost, Host, HostAnswer, ModelFigures, StartHost } from "./host-protocol.ts";
import {
  type InputRow,
  ModelRefused,
  type NamedTensor,
  type Replica,
  type ReplicaAnswer,
  ReplicaUnavailable,
  type TensorAnswer,
} from "./replica.ts";

/** What a hosted replica is made of. */
export interface HostedOptions {
  readonly placement: "worker" | "process";
  readonly startHost: StartHost;
  /** Sent to each new host; what it is is between the caller and the host's entry file. */
  readonly load: unknown;
  readonly log: Logger;
  /** Names the model in logs. */
  readonly label: string;
  /** An answer that takes longer will not come any more: its host is ended. */
  readonly answerMs?: number;
  readonly loadMs?: number;
  /** How long a host may take to stop when told to. */
  readonly stopMs?: number;
  readonly backOffMs?: { readonly first: number; readonly most: number };
}

/** Rows that may wait; beyond this a caller does better to come back. */
const MOST_ROWS_WAITING = 200_000;
const MOST_REQUESTS_WAITING = 1000;
const DEFAULTS = {
  answerMs: 60_000,
  loadMs: 120_000,
  stopMs: 5_000,
  backOffMs: { first: 200, most: 30_000 },
} as const;

interface Waiting {
  readonly rows: number;
  readonly timer: NodeJS.Timeout;
  resolve(answer: HostAnswer): void;
  reject(error: Error): void;
}

/** Talks to a model in a host of its own. */
export class HostedReplica implements Replica {
  readonly placement: "worker" | "process";
  readonly #options: HostedOptions & typeof DEFAULTS;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(available: boolean) => void>();
  #host: Host | undefined;
  #memoryBytes = 0;
  #loading: Host | undefined;
  #rowsWaiting = 0;
  #nextId = 0;
  #deaths = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #drained: (() => void) | undefined;
  #gone: (() => void) | undefined;

  constructor(options: HostedOptions) {
    this.#options = { ...DEFAULTS, ...options } as HostedOptions & typeof DEFAULTS;
    this.placement = options.placement;
  }

  get available(): boolean {
    return this.#host !== undefined && this.#stopping === undefined;
  }

  get memoryBytes(): number {
    return this.#host === undefined ? 0 : this.#memoryBytes;
  }

  onAvailability(listener: (available: boolean) => void): void {
    this.#listeners.add(listener);
  }

  /** Starts the host and tries the model; throws ModelRefused and ReplicaUnavailable. */
  start(): Promise<ModelFigures> {
    const { startHost, load, loadMs, label } = this.#options;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => host.kill(), loadMs);
      const host = startHost({
        hear: (message) => {
          if (message.type === "hello") return host.send({ type: "load", load });
          if (message.type === "ready") {
            clearTimeout(late);
            this.#loading = undefined;
            if (this.#stopping !== undefined) return host.kill();
            this.#host = host;
            this.#memoryBytes = message.figures.memoryBytes;
            // Answers keep the process alive, a host that only waits must not.
            host.unref();
            resolve(message.figures);
            this.#tell(true);
          } else if (message.type === "refused") {
            reject(new ModelRefused(message.message));
            host.kill();
          } else this.#hear(message);
        },
        ended: (why) => {
          clearTimeout(late);
          reject(new ReplicaUnavailable(`the model's ${label} ended before it was ready: ${why}`));
          if (this.#host === host) this.#died(host, why);
        },
      });
      this.#loading = host;
    });
  }

  predict(rows: readonly InputRow[]): Promise<ReplicaAnswer> {
    return this.#ask({ kind: "predict", rows }, rows.length) as Promise<ReplicaAnswer>;
  }

  predictMany(requests: readonly (readonly InputRow[])[]): Promise<readonly ReplicaAnswer[]> {
    const rows = requests.reduce((sum, { length }) => sum + length, 0);
    return this.#ask({ kind: "many", requests }, rows) as Promise<readonly ReplicaAnswer[]>;
  }

  /** Asks a model over tensors; a host of a model over rows answers it with a fault. */
  infer(inputs: readonly NamedTensor[]): Promise<TensorAnswer> {
    return this.#ask({ kind: "infer", inputs }, inputs[0]?.shape[0] ?? 1) as Promise<TensorAnswer>;
  }

  /** Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopNow();
    return this.#stopping;
  }

  // Internal

  #ask(ask: Ask, rows: number): Promise<HostAnswer> {
    const host = this.#host;
    if (host === undefined || this.#stopping !== undefined) {
      return Promise.reject(new ReplicaUnavailable(`the model's ${this.placement} is being started again`));
    }
    const full = this.#rowsWaiting + rows > MOST_ROWS_WAITING || this.#waiting.size >= MOST_REQUESTS_WAITING;
    if (this.#waiting.size > 0 && full) {
      return Promise.reject(new ReplicaUnavailable(`${this.#rowsWaiting} rows are waiting for this model already`));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(host), this.#options.answerMs);
      this.#waiting.set(id, { rows, timer, resolve, reject });
      this.#rowsWaiting += rows;
      host.send({ type: "ask", id, ask });
    });
  }

  #hear(message: Extract<FromHost, { type: "answer" | "fault" }>): void {
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
    if (this.#waiting.size === 0) this.#drained?.();
    return waiting;
  }

  #giveUp(host: Host): void {
    const { log, label, answerMs } = this.#options;
    log.error(
      { model: label, host: host.name },
      `a prediction took longer than ${answerMs / 1000} s; its host is ended`,
    );
    host.kill();
  }

  #died(host: Host, why: string): void {
    const { log, label, backOffMs } = this.#options;
    this.#host = undefined;
    for (const id of [...this.#waiting.keys()]) {
      this.#take(id)?.reject(
        new ReplicaUnavailable(`the model's ${this.placement} died (${why}); it is being started again`),
      );
    }
    this.#gone?.();
    if (this.#stopping !== undefined) return;
    this.#tell(false);
    const wait = Math.min(backOffMs.first * 2 ** this.#deaths++, backOffMs.most);
    log.warn({ model: label, host: host.name, why, wait }, "a model's host died and is started again");
    this.#startLater(host, wait);
  }

  #startLater(before: Host, wait: number): void {
    const { log, label } = this.#options;
    this.#restart = setTimeout(() => {
      this.start().catch((error) => {
        log.error({ err: error, model: label }, "a model's host could not be started again");
        if (this.#stopping === undefined && this.#host === undefined) this.#died(before, String(error));
      });
    }, wait);
    this.#restart.unref();
  }

  #tell(available: boolean): void {
    for (const listener of this.#listeners) listener(available);
  }

  async #stopNow(): Promise<void> {
    clearTimeout(this.#restart);
    if (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    this.#loading?.kill();
    const host = this.#host;
    if (host === undefined) return;
    const gone = new Promise<void>((resolve) => {
      this.#gone = resolve;
    });
    host.send({ type: "stop" });
    const late = setTimeout(() => host.kill(), this.#options.stopMs);
    await gone;
    clearTimeout(late);
  }
}
