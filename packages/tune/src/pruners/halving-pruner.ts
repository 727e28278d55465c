// Asynchronous successive halving (Li et al. 2018, ASHA, arXiv 1810.05934) in Optuna's stopping form: nobody waits at a
// rung, a trial goes on where it is among the best of those that have come so far.
import { asLoss, type Direction, firstFrom, type Trial } from "../trial.ts";
import type { Pruner, PrunerContext } from "./pruner.ts";

/** The settings of successive halving. */
export interface HalvingOptions {
  /** Steps to the first rung; "auto" is a hundredth of the longest complete trial's, at least 1. */
  readonly minResource: number | "auto";
  /** One in how many goes on, and how many times farther the next rung is. */
  readonly reductionFactor: number;
  /** Rungs to leave out at the start. */
  readonly minEarlyStoppingRate: number;
}

/** Stops a trial at rung k, after r eta^(s + k) steps, unless it is in the best 1/eta of the values seen there. */
export class HalvingPruner implements Pruner {
  readonly #options: HalvingOptions;

  constructor(options: HalvingOptions) {
    this.#options = options;
  }

  // A trial is judged where it comes to a rung; once it has gone on from there it is not judged again by those that
  // come later. One report may reach several rungs.
  shouldStop({ trial, trials, direction }: PrunerContext): boolean {
    const first = this.#firstRung(trials);
    const { step } = trial.reports[trial.reports.length - 1];
    if (first === null) return false;
    for (let rung = first; rung <= step; rung *= this.#options.reductionFactor) {
      if (!isJudgedNow(trial, rung)) continue;
      const own = valueAtRung(trial, rung);
      if (own === null) return true;
      if (!isAmongBest(own, valuesAtRung(trials, rung), { share: this.#options.reductionFactor, direction }))
        return true;
    }
    return false;
  }

  #firstRung(trials: readonly Trial[]): number | null {
    const { minResource, reductionFactor, minEarlyStoppingRate } = this.#options;
    const resource = minResource === "auto" ? estimatedResource(trials) : minResource;
    return resource === null ? null : resource * reductionFactor ** minEarlyStoppingRate;
  }
}

// Internal

// Trials usually come to the same step, so that the greatest hardly changes after the first has come to its end.
function estimatedResource(trials: readonly Trial[]): number | null {
  let longest = -1;
  for (const { state, reports } of trials) {
    if (state === "complete" && reports.length > 0) longest = Math.max(longest, reports[reports.length - 1].step);
  }
  return longest < 0 ? null : Math.max(Math.floor(longest / 100), 1);
}

/** Whether the newest report is the first finite one at the rung, or comes there without any. */
function isJudgedNow({ reports }: Trial, rung: number): boolean {
  const last = reports.length - 1;
  for (let i = firstFrom(reports, rung); i < last; i++) if (reports[i].value !== null) return false;
  return true;
}

/** The first finite value at the rung or beyond; null where there is none. */
function valueAtRung({ reports }: Trial, rung: number): number | null {
  for (let i = firstFrom(reports, rung); i < reports.length; i++) {
    const value = reports[i].value;
    if (value !== null) return value;
  }
  return null;
}

function valuesAtRung(trials: readonly Trial[], rung: number): number[] {
  return trials.flatMap((trial) => valueAtRung(trial, rung) ?? []);
}

// Of fewer than `share` values only the best goes on: trials cannot be suspended to wait for the others.
function isAmongBest(
  own: number,
  values: readonly number[],
  { share, direction }: { share: number; direction: Direction },
): boolean {
  const losses = Float64Array.from(values, (value) => asLoss(value, direction)).sort();
  const kept = Math.max(1, Math.floor(losses.length / share));
  return asLoss(own, direction) <= losses[kept - 1];
}
