// Several processes that fit one model together, each on its own rows. What is reduced must be reduced by all of them,
// in the same order. Alone (size 1) every call is done at once.

/** The group of processes that a fit runs in. All calls are collective: every rank makes the same ones. */
export interface Communicator {
  /** This process, from 0 to size - 1. */
  readonly rank: number;
  readonly size: number;
  /** Replaces `values` in place by their element-wise sum (or maximum) over all ranks; the same bits on each. */
  allReduce(values: Float64Array, operation?: "sum" | "max"): Promise<void>;
  /** Replaces `values` in place by those of `root`. */
  broadcast(values: Float64Array, root?: number): Promise<void>;
  /** Resolves when every rank has called it. */
  barrier(): Promise<void>;
}

/** One process by itself. */
export const ALONE: Communicator = Object.freeze({
  rank: 0,
  size: 1,
  allReduce: async () => undefined,
  broadcast: async () => undefined,
  barrier: async () => undefined,
});
