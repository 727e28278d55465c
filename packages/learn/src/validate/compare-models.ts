// Whether one model is better than another by more than chance: tests that allow for folds sharing their training rows,
// and for classifiers judged on one set of rows.
import { chiSquaredAbove, studentBeyond } from "../base/distributions.ts";
import { ParamError } from "../base/errors.ts";

/** What a test found: `p` is the probability of a difference at least as large between models that are equally good. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}

/**
 * Student's t of the folds' differences, with the variance raised for training rows that folds share (Nadeau & Bengio
 * 2003). `testShare` is the rows of a test part by those of a training part; for k folds 1 / (k − 1).
 */
export function correctedTTest(differences: ArrayLike<number>, { testShare }: { testShare: number }): TestResult {
  const all = checked(differences, 2);
  if (!(testShare > 0)) throw new ParamError("testShare", `\`testShare\` must be a number > 0, got ${testShare}`);
  const mean = meanOf(all);
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1);
  return studentTest(mean, Math.sqrt(variance * (1 / all.length + testShare)), all.length - 1);
}

/** The 5×2 t test (Dietterich 1998) of five times two differences, each pair from one halving of the rows. */
export function fiveByTwoTest(differences: readonly (readonly [number, number])[]): TestResult {
  if (differences.length !== 5) {
    throw new ParamError("differences", `five pairs of differences are needed, got ${differences.length}`);
  }
  const variances = differences.map(([a, b]) => (a - b) ** 2 / 2);
  return studentTest(differences[0][0], Math.sqrt(meanOf(variances)), 5);
}

/**
 * McNemar's test (1947) of two classifiers on the same rows, from how many rows only the first has right and only the
 * second: exact by the binomial distribution, or by χ² with Edwards's correction.
 */
export function mcNemarTest(first: number, second: number, { exact = first + second < 10_000 } = {}): TestResult {
  const total = first + second;
  if (total === 0) return { statistic: 0, p: 1 };
  if (!exact) {
    const statistic = (Math.abs(first - second) - 1) ** 2 / total;
    return { statistic, p: chiSquaredAbove(statistic, 1) };
  }
  const fewer = Math.min(first, second);
  // log of the binomial terms, so that thousands of rows neither over- nor underflow.
  let term = -total * Math.LN2;
  let below = 0;
  for (let k = 0; k <= fewer; k++) {
    below += Math.exp(term);
    term += Math.log((total - k) / (k + 1));
  }
  return { statistic: fewer, p: Math.min(1, 2 * below) };
}

/** p-values of several tests at once, raised so that all together hold (Holm 1979); in the given order. */
export function holmAdjusted(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[a] - ps[b]);
  const adjusted = new Array<number>(ps.length);
  let least = 0;
  order.forEach((at, i) => {
    least = Math.max(least, Math.min(1, ps[at] * (ps.length - i)));
    adjusted[at] = least;
  });
  return adjusted;
}

// Internal

/** Without any spread, a difference is certain and none is none. */
function studentTest(difference: number, error: number, degrees: number): TestResult {
  if (difference === 0) return { statistic: 0, p: 1 };
  const statistic = difference / error;
  return { statistic, p: error === 0 ? 0 : studentBeyond(statistic, degrees) };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function checked(values: ArrayLike<number>, least: number): number[] {
  const all = Array.from(values);
  if (all.length < least || !all.every(Number.isFinite)) {
    throw new ParamError("differences", `at least ${least} finite differences are needed, got ${all.join(", ")}`);
  }
  return all;
}
