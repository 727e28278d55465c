// One evaluation of the function of parameters, as data.
import type { Params } from "./space/parameter.ts";

/** Whether small or large values are wanted. */
export type Direction = "minimize" | "maximize";

/** Asked and not yet told; told a finite value; stopped early; without a value. */
export type TrialState = "running" | "complete" | "pruned" | "failed";

/** An intermediate value; null where it was not a finite number, which JSON cannot hold. */
export interface Report {
  readonly step: number;
  readonly value: number | null;
}

/** One trial of a study; plain JSON. A study's own trials change as it goes on: copy what you keep. */
export interface Trial {
  /** 0 for the first trial of a study; no number is used twice. */
  readonly number: number;
  readonly params: Params;
  /** For what is random in the evaluation: a whole number below 2^32 that depends on study and number only. */
  readonly seed: number;
  readonly state: TrialState;
  /** The told value; null unless complete. */
  readonly value: number | null;
  /** By rising step. */
  readonly reports: readonly Report[];
  /** Why it failed or was pruned. */
  readonly reason: string | null;
  /** How often the evaluation was begun. */
  readonly attempts: number;
}

/** The value as a loss: smaller is better. */
export function asLoss(value: number, direction: Direction): number {
  return direction === "minimize" ? value : -value;
}
