// Which waiting requests go to a free replica together, and when: the rules of Triton's dynamic batcher
// (triton-inference-server/core, dynamic_batch_scheduler.cc, GetDynamicBatch) as a pure function over the queue. A
// request is never split; one larger than a batch may be goes alone.

/** What a batch may be. */
export interface BatchRules {
  /** Most rows of a batch. */
  readonly maxBatchSize: number;
  /** Sizes at which a batch goes at once; empty: only `maxBatchSize`. */
  readonly preferredBatchSizes: readonly number[];
  /** How long the oldest request may wait for company; 0: only what waits already goes together. */
  readonly delayMs: number;
}

/** A waiting request, as far as batching is concerned. */
export interface Pending {
  /** Rows. */
  readonly size: number;
  /** When it came, and when it will be refused if it still waits, in milliseconds. */
  readonly since: number;
  readonly deadline: number;
  /** Requests go together only when these are the same; null goes alone. */
  readonly shape: string | null;
}

/** Send the first so many requests now, or look again later (sooner if another request comes). */
export type BatchPlan = { readonly send: number } | { readonly waitMs: number };

/** Plans the next batch of a queue that is not empty, oldest first, for a replica that is free. */
export function planBatch(queue: readonly Pending[], rules: BatchRules, now: number): BatchPlan {
  const most = rules.preferredBatchSizes.length === 0 ? rules.maxBatchSize : Math.max(...rules.preferredBatchSizes);
  const [{ shape, since }] = queue;
  let size = 0;
  let count = 0;
  let marked = 0;
  let full = shape === null;
  while (count < queue.length) {
    const next = queue[count];
    if (count > 0 && (shape === null || next.shape !== shape || size + next.size > rules.maxBatchSize)) {
      full = true;
      break;
    }
    size += next.size;
    count += 1;
    if (rules.preferredBatchSizes.includes(size)) marked = count;
  }
  const waited = now - since;
  const late = rules.delayMs > 0 && waited >= rules.delayMs;
  if (marked > 0 && !late) return { send: marked };
  if (full || size >= most || late || rules.delayMs <= 0) return { send: count };
  const refusal = queue.reduce((soonest, { deadline }) => Math.min(soonest, deadline), Number.POSITIVE_INFINITY);
  return { waitMs: Math.max(0, Math.min(rules.delayMs - waited, refusal - now)) };
}
