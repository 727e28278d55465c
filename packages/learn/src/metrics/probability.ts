// Figures of merit for class probabilities (rows × classes, row-major), as scikit-learn defines them.

/** Codes of the actual classes beside the predicted probabilities. */
export interface Probabilities {
  readonly actual: Int32Array;
  /** Row-major, one row per entry of `actual`. */
  readonly probabilities: Float64Array;
  readonly classes: number;
}

/** Mean of −ln(probability of the actual class); probabilities are held off 0 by the machine epsilon. */
export function logLoss({ actual, probabilities, classes }: Probabilities): number {
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    const p = probabilities[i * classes + actual[i]];
    total -= Math.log(Math.min(Math.max(p, Number.EPSILON), 1 - Number.EPSILON));
  }
  return total / actual.length;
}

/** Brier's score: mean squared error of the probabilities; in 0..1 for two classes, summed over classes for more. */
export function brierScore({ actual, probabilities, classes }: Probabilities): number {
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    for (let k = 0; k < classes; k++) total += (probabilities[i * classes + k] - (actual[i] === k ? 1 : 0)) ** 2;
  }
  return total / actual.length / (classes === 2 ? 2 : 1);
}

/**
 * Area under the ROC curve; for more than two classes the mean of each class against the rest. NaN when a class has no
 * row or no counterexample.
 */
export function rocAuc({ actual, probabilities, classes }: Probabilities): number {
  const ofClass = (k: number) => {
    const scores = Float64Array.from(actual, (_, i) => probabilities[i * classes + k]);
    return binaryAuc(scores, (i) => actual[i] === k);
  };
  if (classes === 2) return ofClass(1);
  let total = 0;
  for (let k = 0; k < classes; k++) total += ofClass(k);
  return total / classes;
}

// Internal

/** By Mann & Whitney's rank sum, ties at their mean rank. */
function binaryAuc(scores: Float64Array, isPositive: (row: number) => boolean): number {
  const n = scores.length;
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let positives = 0;
  let rankSum = 0;
  for (let begin = 0; begin < n; ) {
    let end = begin;
    let tied = 0;
    for (; end < n && scores[order[end]] === scores[order[begin]]; end++) if (isPositive(order[end])) tied += 1;
    if (end === begin) return Number.NaN;
    positives += tied;
    rankSum += (tied * (begin + end + 1)) / 2;
    begin = end;
  }
  const negatives = n - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
