// What a pruner is: a rule on reported values alone. It keeps nothing, so that a study read back decides the same.
import type { Direction, Trial } from "../trial.ts";

/** What a decision may depend on. */
export interface PrunerContext {
  /** The running trial that has just reported; its newest report is the last. */
  readonly trial: Trial;
  /** All trials of the study, that one among them, by rising number. */
  readonly trials: readonly Trial[];
  readonly direction: Direction;
}

/** Decides whether a running trial goes on. */
export interface Pruner {
  shouldStop(context: PrunerContext): boolean;
}

/** Lets every trial run to its end. */
export class NoPruner implements Pruner {
  shouldStop(): boolean {
    return false;
  }
}
