// Where a fit leaves what it needs to go on after its process died. What a state holds is the estimator's affair; where
// and how often it is kept is the host's.
import type { FittedState } from "./component.ts";

/** Keeps the state of a fit in progress. On ranks every rank calls both, and all are given the same. */
export interface Checkpoint {
  /** What an attempt at the same fit, with the same parameters, data, seed and version, left last. */
  load(): Promise<FittedState | undefined>;
  /** Offers a state after a step; `state` is only called when the host wants to keep one now. */
  save(state: () => FittedState): Promise<void>;
}
