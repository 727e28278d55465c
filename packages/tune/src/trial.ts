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

/** What a trial reported at exactly this step; null for nothing or no finite number. */
export function valueAtStep({ reports }: Trial, step: number): number | null {
  const at = firstFrom(reports, step);
  return at < reports.length && reports[at].step === step ? reports[at].value : null;
}

/** The index of the first report at this step or later; the number of reports where there is none. */
export function firstFrom(reports: Trial["reports"], step: number): number {
  let low = 0;
  let high = reports.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reports[middle].step < step) low = middle + 1;
    else high = middle;
  }
  return low;
}
