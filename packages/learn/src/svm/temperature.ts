// From the scores of a classifier of margins to probabilities: their softmax at one temperature, which changes no answer
// (Guo et al. 2017). The temperature comes from scores of rows that the fit has not seen, as Platt (1999) asks.
import { Random } from "../base/random.ts";

/** Rows that the temperature is fitted to at most. */
const MAX_ROWS = 20_000;
/** Scores are multiplied by at least and at most this. */
const RANGE = [1e-3, 1e3] as const;
const STEPS = 60;

/** Scores of some rows (rows × classes, row-major) and their classes. */
export interface Scored {
  readonly scores: Float64Array;
  readonly codes: Int32Array;
  readonly classes: number;
}

/** The factor on the scores whose softmax has the least log loss, by golden-section search over its logarithm. */
export function fitTemperature({ scores, codes, classes }: Scored): number {
  const rows = Math.min(codes.length, MAX_ROWS);
  if (rows === 0) return 1;
  const shares = new Float64Array(classes);
  const loss = (logFactor: number): number => {
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < classes; k++) shares[k] = scores[i * classes + k];
      toShares(shares, Math.exp(logFactor));
      sum -= Math.log(Math.max(shares[codes[i]], Number.MIN_VALUE));
    }
    return sum;
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(RANGE[0]), Math.log(RANGE[1])];
  for (let step = 0; step < STEPS; step++) {
    const width = golden * (high - low);
    if (loss(high - width) <= loss(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

/** Scores to the softmax of `factor` times them, in place. */
export function toShares(scores: Float64Array, factor: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < scores.length; k++) if (scores[k] > largest) largest = scores[k];
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    scores[k] = Math.exp(factor * (scores[k] - largest));
    sum += scores[k];
  }
  for (let k = 0; k < scores.length; k++) scores[k] /= sum;
}

/** The rows' folds, each class dealt evenly over them at random. */
export function dealFolds(codes: Int32Array, folds: number, seed: number): Uint8Array {
  const order = new Random(seed).permutation(codes.length);
  const dealt = new Map<number, number>();
  const fold = new Uint8Array(codes.length);
  for (const row of order) {
    const next = dealt.get(codes[row]) ?? 0;
    fold[row] = next % folds;
    dealt.set(codes[row], next + 1);
  }
  return fold;
}
