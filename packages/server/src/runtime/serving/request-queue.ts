// Requests that wait for a replica, oldest first: so many and no more, each no longer than it may. Who is refused is
// told the reason, the place in the queue, and when to come back.
import type { InputRow, NamedTensor, ReplicaAnswer, TensorAnswer } from "../replica.ts";
import type { Pending } from "./batch-plan.ts";
import { QueueRefused } from "./queue-refused.ts";

/** A request that waits. */
export interface Request extends Pending {
  readonly ask:
    | { readonly kind: "predict"; readonly rows: readonly InputRow[] }
    | { readonly kind: "infer"; readonly inputs: readonly NamedTensor[] };
  /** How often a replica died over it. */
  readonly attempts: number;
  resolve(answer: ReplicaAnswer | TensorAnswer): void;
  reject(error: unknown): void;
}

/** A bounded queue with deadlines. */
export class RequestQueue {
  #requests: Request[] = [];
  #rows = 0;

  get length(): number {
    return this.#requests.length;
  }

  /** Rows of all that wait. */
  get rows(): number {
    return this.#rows;
  }

  /** Oldest first. */
  get requests(): readonly Request[] {
    return this.#requests;
  }

  push(request: Request): void {
    this.#requests.push(request);
    this.#rows += request.size;
  }

  /** Puts requests back to the front: they have waited longest. */
  putBack(requests: readonly Request[]): void {
    this.#requests = [...requests, ...this.#requests];
    for (const { size } of requests) this.#rows += size;
  }

  /** The first `count`. */
  take(count: number): Request[] {
    const taken = this.#requests.splice(0, count);
    for (const { size } of taken) this.#rows -= size;
    return taken;
  }

  /** Refuses what has waited too long; `reason` says what it waited for. */
  expire(now: number, reason: string): void {
    if (!this.#requests.some(({ deadline }) => deadline <= now)) return;
    const kept: Request[] = [];
    for (const [i, request] of this.#requests.entries()) {
      if (request.deadline > now) {
        kept.push(request);
        continue;
      }
      this.#rows -= request.size;
      const seconds = ((now - request.since) / 1000).toFixed(1);
      request.reject(new QueueRefused(`waited ${seconds} s, at place ${i + 1} of the queue: ${reason}`, 1));
    }
    this.#requests = kept;
  }

  /** Refuses everything. */
  rejectAll(error: unknown): void {
    const requests = this.#requests;
    this.#requests = [];
    this.#rows = 0;
    for (const request of requests) request.reject(error);
  }

  /** When the next one has waited too long; infinite when none waits. */
  get nextDeadline(): number {
    return this.#requests.reduce((soonest, { deadline }) => Math.min(soonest, deadline), Number.POSITIVE_INFINITY);
  }
}
