// The median stopping rule (Golovin et al. 2017, "Google Vizier", §3.2), in Optuna's form: against the values that
// complete trials had at the same step.
import { asLoss, valueAtStep } from "../trial.ts";
import type { Pruner, PrunerContext } from "./pruner.ts";

/** The settings of the rule. */
export interface MedianOptions {
  /** Complete trials there must be before any is stopped. */
  readonly startup: number;
  /** Steps below this are never judged. */
  readonly warmup: number;
}

/** Stops a trial whose best value so far is worse than the median of complete trials at its step. */
export class MedianPruner implements Pruner {
  readonly #options: MedianOptions;

  constructor(options: MedianOptions) {
    this.#options = options;
  }

  shouldStop({ trial, trials, direction }: PrunerContext): boolean {
    const { step } = trial.reports[trial.reports.length - 1];
    const complete = trials.filter(({ state }) => state === "complete");
    if (complete.length < Math.max(1, this.#options.startup) || step < this.#options.warmup) return false;
    const own = trial.reports.flatMap(({ value }) => (value === null ? [] : [asLoss(value, direction)]));
    if (own.length === 0) return true;
    const others = complete.flatMap((other) => {
      const value = valueAtStep(other, step);
      return value === null ? [] : [asLoss(value, direction)];
    });
    return others.length > 0 && own.reduce((best, loss) => Math.min(best, loss)) > medianOf(others);
  }
}

// Internal

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >>> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  // Halved first: the sum of two large values may overflow.
  return 0.5 * sorted[middle - 1] + 0.5 * sorted[middle];
}
