// The median stopping rule (Golovin et al. 2017, "Google Vizier", §3.2), in Optuna's form: against the values that
// complete trials had at the same step.
import { asLoss, type Trial } from "../trial.ts";
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

// Internal

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >>> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  // Halved first: the sum of two large values may overflow.
  return 0.5 * sorted[middle - 1] + 0.5 * sorted[middle];
}
