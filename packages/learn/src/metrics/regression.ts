// Figures of merit for predicted numbers, as scikit-learn defines them.
import { median } from "../base/median.ts";

/** Mean squared error. */
export function meanSquaredError(actual: Float64Array, predicted: Float64Array): number {
  return meanOf(actual, (value, i) => (value - predicted[i]) ** 2);
}

/** Root of the mean squared error. */
export function rootMeanSquaredError(actual: Float64Array, predicted: Float64Array): number {
  return Math.sqrt(meanSquaredError(actual, predicted));
}

/** Mean absolute error. */
export function meanAbsoluteError(actual: Float64Array, predicted: Float64Array): number {
  return meanOf(actual, (value, i) => Math.abs(value - predicted[i]));
}

/** Median absolute error. */
export function medianAbsoluteError(actual: Float64Array, predicted: Float64Array): number {
  return median(actual.map((value, i) => Math.abs(value - predicted[i])));
}

/** Largest absolute error. */
export function maxError(actual: Float64Array, predicted: Float64Array): number {
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - predicted[i])), 0);
}

/** Mean of |error| / |actual|; an actual 0 counts as the machine epsilon, which makes the figure huge. */
export function meanAbsolutePercentageError(actual: Float64Array, predicted: Float64Array): number {
  return meanOf(actual, (value, i) => Math.abs(value - predicted[i]) / Math.max(Math.abs(value), Number.EPSILON));
}

/**
 * 1 − squared error / squared deviation from the mean. For a constant `actual` it is 1 when all is right, else 0; NaN
 * for fewer than two rows.
 */
export function r2(actual: Float64Array, predicted: Float64Array): number {
  if (actual.length < 2) return Number.NaN;
  const mean = meanOf(actual, (value) => value);
  const spread = meanOf(actual, (value) => (value - mean) ** 2);
  return shareExplained(meanSquaredError(actual, predicted), spread);
}

/** `r2` with the mean of the errors taken out: 1 − variance of the errors / variance. */
export function explainedVariance(actual: Float64Array, predicted: Float64Array): number {
  const mean = meanOf(actual, (value) => value);
  const bias = meanOf(actual, (value, i) => value - predicted[i]);
  const unexplained = meanOf(actual, (value, i) => (value - predicted[i] - bias) ** 2);
  const spread = meanOf(actual, (value) => (value - mean) ** 2);
  return shareExplained(unexplained, spread);
}

// Internal

function shareExplained(unexplained: number, spread: number): number {
  if (spread > 0) return 1 - unexplained / spread;
  return unexplained === 0 ? 1 : 0;
}

function meanOf(actual: Float64Array, term: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += term(actual[i], i);
  return sum / actual.length;
}
