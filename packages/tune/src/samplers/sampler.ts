// What a sampler is. It holds settings only: what it suggests is a function of the space, the trials and the random
// stream, so that a study read back from a store goes on as if it had never stopped.
import type { Random } from "../random.ts";
import type { Params } from "../space/parameter.ts";
import type { Space } from "../space/space.ts";
import type { Direction, Trial } from "../trial.ts";

/** What a suggestion may depend on. */
export interface SamplerContext {
  readonly space: Space;
  /** All trials by rising number. */
  readonly trials: readonly Trial[];
  readonly direction: Direction;
  /** The stream of the trial that is asked for. */
  readonly random: Random;
  /** The seed of the study, for what all its trials share. */
  readonly seed: number;
}

/** Chooses the parameters of the next trial. */
export interface Sampler {
  /** A point of the space; null where there is nothing left to try. */
  suggest(context: SamplerContext): Params | null;
}
