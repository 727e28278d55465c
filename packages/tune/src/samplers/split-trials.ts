// Which trials the tree-structured Parzen estimator calls good.
import { asLoss, type Direction, type Trial } from "../trial.ts";

/** Good and other trials, each by rising number; failed ones are in neither. */
export interface Split {
  readonly below: readonly Trial[];
  readonly above: readonly Trial[];
}

/** How many of n finished trials are good. */
export function goodCount(n: number): number {
  return Math.min(Math.ceil(0.1 * n), 25);
}

/**
 * Splits trials: the best complete ones are good; where there are too few of these, pruned ones that came farthest, and
 * of equally far ones the better, fill up. A running trial is taken for a bad one ("constant liar", Ginsbourger et al.
 * 2010), which keeps parallel workers from trying the same place.
 */
export function splitTrials(trials: readonly Trial[], direction: Direction, constantLiar: boolean): Split {
  const complete = trials.filter((trial) => trial.state === "complete");
  const pruned = trials.filter((trial) => trial.state === "pruned");
  const wanted = goodCount(complete.length + pruned.length);
  const good = new Set(firstOf(complete, wanted, (a, b) => asLoss(a.value!, direction) - asLoss(b.value!, direction)));
  const missing = wanted - good.size;
  for (const trial of firstOf(pruned, missing, (a, b) => comparePruned(a, b, direction))) good.add(trial);
  const counts = (trial: Trial) => trial.state !== "failed" && (constantLiar || trial.state !== "running");
  return {
    below: trials.filter((trial) => good.has(trial)),
    above: trials.filter((trial) => counts(trial) && !good.has(trial)),
  };
}

// Internal

// The first `count` in order; earlier trials win ties. Insertion, because `count` is at most 25 of many.
function firstOf(trials: readonly Trial[], count: number, compare: (a: Trial, b: Trial) => number): Trial[] {
  const first: Trial[] = [];
  if (count <= 0) return first;
  for (const trial of trials) {
    if (first.length === count && compare(trial, first[count - 1]) >= 0) continue;
    let at = first.length;
    while (at > 0 && compare(trial, first[at - 1]) < 0) at--;
    first.splice(at, 0, trial);
    if (first.length > count) first.pop();
  }
  return first;
}

function comparePruned(a: Trial, b: Trial, direction: Direction): number {
  const [one, other] = [a.reports.at(-1), b.reports.at(-1)];
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  if (one.step !== other.step) return other.step - one.step;
  if (one.value === null || other.value === null) return Number(one.value === null) - Number(other.value === null);
  return asLoss(one.value, direction) - asLoss(other.value, direction);
}
