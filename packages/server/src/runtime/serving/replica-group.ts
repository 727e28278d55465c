// The replicas of one model version behind an endpoint, as one replica: a model in this thread is called at once, for
// all others requests wait, go together in batches to whichever replica is free, and are asked once more when a replica
// died over them (predictions have no effect, so asking twice harms nobody). Names, keys and money are not its business.
import type { TensorSignature } from "@massif/api";
import type { Logger } from "pino";
import {
  type InputRow,
  type NamedTensor,
  type Replica,
  type ReplicaAnswer,
  ReplicaUnavailable,
  type TensorAnswer,
} from "../replica.ts";
import { askReplica } from "./ask-replica.ts";
import { Autoscaler } from "./autoscaler.ts";
import { type BatchRules, planBatch } from "./batch-plan.ts";
import { LatencyModel } from "./latency-model.ts";
import { LoadMeter } from "./load-meter.ts";
import { QueueRefused } from "./queue-refused.ts";
import { ReplicaPool } from "./replica-pool.ts";
import { type Request, RequestQueue } from "./request-queue.ts";
import type { ServingPolicy } from "./serving-policy.ts";
import { tensorShapeKey } from "./tensor-batch.ts";

/** What a group is given. */
export interface GroupOptions {
  /** Starts one replica. */
  start(): Promise<Replica>;
  readonly policy: ServingPolicy;
  /** Of a model over tensors. */
  readonly tensors?: TensorSignature;
  readonly log: Logger;
  /** A batch was answered. */
  onBatch?(batch: { readonly requests: number; readonly rows: number }): void;
  /** A request found no replica and waited so long for the first. */
  onColdStart?(seconds: number): void;
}

/** How a group stands. */
export interface GroupFigures {
  readonly desired: number;
  readonly ready: number;
  readonly starting: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly panicking: boolean;
  /** Why `desired` is what it is. */
  readonly reason: string;
}

/** How often a request is asked when replicas die over it. */
const ATTEMPTS = 2;
/** How long a group that stops waits for what it has begun, beyond what a request may wait. */
const DRAIN_MS = 90_000;

/** Replicas of one model version, scaled by their load. */
export class ReplicaGroup implements Replica {
  readonly #options: GroupOptions;
  readonly #pool: ReplicaPool;
  readonly #meter: LoadMeter;
  readonly #scaler: Autoscaler;
  readonly #queue = new RequestQueue();
  readonly #latency = new LatencyModel();
  #policy: ServingPolicy;
  #timer: NodeJS.Timeout | undefined;
  #coldSince: number | undefined;
  #stopped: Promise<void> | undefined;
  #idle: (() => void) | undefined;

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#policy = options.policy;
    const seconds = () => performance.now() / 1000;
    this.#meter = new LoadMeter(seconds, LONGEST_WINDOW);
    this.#pool = new ReplicaPool({
      start: options.start,
      log: options.log,
      onFree: () => this.#pump(),
      onFailed: (error, final) => {
        if (final && this.#pool.ready === 0) this.#queue.rejectAll(error);
      },
    });
    this.#scaler = new Autoscaler({ pool: this.#pool, meter: this.#meter, clock: seconds }, options.policy);
  }

  get placement(): Replica["placement"] {
    const { placement } = this.#policy;
    return this.#pool.placement ?? (placement === "auto" ? "worker" : placement);
  }

  /** Begins with `count` replicas and waits for the first; throws what starting it threw. */
  async start(count: number): Promise<void> {
    if (count > 0) {
      this.#pool.add(await this.#options.start());
      this.#pool.scaleTo(count);
    }
    this.#scaler.start(count);
  }

  /** Goes on with other settings; where replicas run is only changed by a deployment. */
  setPolicy(policy: ServingPolicy): void {
    if (JSON.stringify(policy) === JSON.stringify(this.#policy)) return;
    this.#policy = policy;
    if (this.#stopped === undefined) this.#scaler.setPolicy(policy);
    this.#pump();
  }

  /** Memory that all its replicas hold. */
  get memoryBytes(): number {
    return this.#pool.memoryBytes;
  }

  figures(): GroupFigures {
    const { last } = this.#scaler;
    return {
      desired: this.#pool.target,
      ready: this.#pool.ready,
      starting: this.#pool.starting,
      inFlight: this.#meter.inFlight,
      queued: this.#queue.length,
      panicking: last?.panicking ?? false,
      reason: last?.reason ?? "nothing has been measured yet",
    };
  }

  predict(rows: readonly InputRow[]): Promise<ReplicaAnswer> {
    const { inline } = this.#pool;
    if (inline !== undefined && this.#stopped === undefined) return this.#directly(inline, rows);
    return this.#wait({ kind: "predict", rows }, rows.length, "rows") as Promise<ReplicaAnswer>;
  }

  infer(inputs: readonly NamedTensor[]): Promise<TensorAnswer> {
    const { tensors } = this.#options;
    const shape = tensors === undefined || this.#policy.maxBatchSize === 1 ? null : tensorShapeKey(tensors, inputs);
    const size = shape === null ? 1 : Math.max(1, inputs[0].shape[0]);
    return this.#wait({ kind: "infer", inputs }, size, shape) as Promise<TensorAnswer>;
  }

  /** Lets everything that was asked be answered, then ends the replicas. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopNow();
    return this.#stopped;
  }

  /** Refuses what waits, and ends the replicas when they have answered what they are at. */
  close(): Promise<void> {
    this.#queue.rejectAll(new QueueRefused("the server is stopping", 2));
    return this.stop();
  }

  // Internal

  async #directly(replica: Replica, rows: readonly InputRow[]): Promise<ReplicaAnswer> {
    this.#meter.begin();
    try {
      return await replica.predict(rows);
    } catch (error) {
      // Many rows go to a thread, which may have died.
      if (!(error instanceof ReplicaUnavailable)) throw error;
      return await replica.predict(rows);
    } finally {
      this.#end();
    }
  }

  #wait(ask: Request["ask"], size: number, shape: string | null): Promise<ReplicaAnswer | TensorAnswer> {
    const refusal = this.#pool.ready === 0 ? (this.#pool.problem ?? this.#refusal(size)) : this.#refusal(size);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#meter.begin();
    const since = performance.now();
    const deadline = since + this.#policy.queueTimeoutSeconds * 1000;
    return new Promise((given, refused) => {
      const resolve = (answer: ReplicaAnswer | TensorAnswer) => {
        this.#end();
        given(answer);
      };
      const reject = (error: unknown) => {
        this.#end();
        refused(error);
      };
      this.#queue.push({ ask, size, shape, since, deadline, attempts: 0, resolve, reject });
      if (this.#pool.ready === 0) this.#poke(since);
      this.#pump();
    });
  }

  #end(): void {
    this.#meter.end();
    if (this.#meter.inFlight === 0) this.#idle?.();
  }

  /** No replica is there: the next tick would be too late. */
  #poke(now: number): void {
    if (this.#pool.target > 0) return;
    this.#coldSince ??= now;
    this.#scaler.tick();
  }

  /** Why a request cannot be taken. */
  #refusal(size: number): QueueRefused | undefined {
    if (this.#stopped !== undefined) return new QueueRefused("this version of the model is being stopped", 1);
    const { queueLimit, sloMs } = this.#policy;
    const place = this.#queue.length + 1;
    const takes = this.#latency.atMost(size);
    const waits = this.#waitMillis();
    if (place > queueLimit) {
      const retry = Math.ceil(Math.max(1, waits / 1000));
      return new QueueRefused(
        `${this.#queue.length} requests wait for this model already, the most that may (queueLimit ${queueLimit}); ${this.#obstacle()}`,
        retry,
      );
    }
    if (sloMs === null || takes === undefined || waits + takes <= sloMs || this.#pool.ready === 0) return undefined;
    const predicted = Math.round(waits + takes);
    return new QueueRefused(
      `the answer would take about ${predicted} ms at place ${place} of the queue, longer than sloMs ${sloMs}`,
      Math.ceil(Math.max(1, waits / 1000)),
    );
  }

  /** How long a request that came now would wait for a replica, as far as that is known. */
  #waitMillis(): number {
    const { maxBatchSize } = this.#policy;
    if (this.#pool.hasFree && this.#queue.length === 0) return 0;
    const batch = Math.min(maxBatchSize, Math.max(1, this.#queue.rows));
    const each = this.#latency.expected(batch) ?? 0;
    // One batch is under way on each replica, half done on average.
    const batches = Math.ceil(this.#queue.rows / maxBatchSize) + 0.5;
    return (each * batches) / Math.max(1, this.#pool.ready);
  }

  #obstacle(): string {
    const { ready, starting } = this.#pool;
    if (ready > 0) return `all ${ready} replicas are busy`;
    return starting > 0 ? "the first replica is being started" : "no replica is ready";
  }

  #rules(): BatchRules {
    const { maxBatchSize, preferredBatchSizes, maxQueueDelayMs, sloMs } = this.#policy;
    const spare = sloMs === null ? maxQueueDelayMs : sloMs - (this.#latency.atMost(maxBatchSize) ?? sloMs);
    return { maxBatchSize, preferredBatchSizes, delayMs: Math.max(0, Math.min(maxQueueDelayMs, spare)) };
  }

  /** Sends what may be sent, and comes back when the next batch is due or the next request has waited too long. */
  #pump(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#queue.expire(now, this.#obstacle());
    let wait = Number.POSITIVE_INFINITY;
    while (this.#queue.length > 0 && this.#pool.hasFree) {
      const plan = planBatch(this.#queue.requests, this.#rules(), now);
      if ("waitMs" in plan) {
        wait = plan.waitMs;
        break;
      }
      void this.#send(this.#queue.take(plan.send));
    }
    wait = Math.min(wait, this.#queue.nextDeadline - now);
    if (wait < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#pump(), Math.ceil(wait));
  }

  async #send(requests: readonly Request[]): Promise<void> {
    const replica = this.#pool.take() as Replica;
    this.#warm();
    const rows = requests.reduce((sum, { size }) => sum + size, 0);
    const began = performance.now();
    try {
      const answers = await askReplica(replica, requests);
      this.#latency.add(rows, performance.now() - began);
      this.#options.onBatch?.({ requests: requests.length, rows });
      for (const [i, request] of requests.entries()) request.resolve(answers[i]);
    } catch (error) {
      this.#failed(requests, error);
    } finally {
      this.#pool.giveBack(replica);
    }
  }

  #warm(): void {
    if (this.#coldSince === undefined) return;
    this.#options.onColdStart?.((performance.now() - this.#coldSince) / 1000);
    this.#coldSince = undefined;
  }

  /** A request that spoiled its batch, or killed its replica, is found out by asking each of them alone. */
  #failed(requests: readonly Request[], error: unknown): void {
    const again: Request[] = [];
    for (const request of requests) {
      const retry = requests.length > 1 || error instanceof ReplicaUnavailable;
      if (retry && request.attempts + 1 < ATTEMPTS) {
        again.push({ ...request, attempts: request.attempts + 1, shape: null });
      } else request.reject(error);
    }
    this.#queue.putBack(again);
    if (again.length > 0) this.#pump();
  }

  async #stopNow(): Promise<void> {
    if (this.#meter.inFlight > 0) {
      const late = setTimeout(() => {
        this.#queue.rejectAll(new QueueRefused("this version of the model is being stopped", 1));
        this.#idle?.();
      }, DRAIN_MS);
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      clearTimeout(late);
    }
    this.#scaler.stop();
    clearTimeout(this.#timer);
    await this.#pool.stop();
  }
}

// Internal

/** Longest window that a policy may have, in seconds. */
const LONGEST_WINDOW = 3600;
