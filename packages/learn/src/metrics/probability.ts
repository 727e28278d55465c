// Figures of merit for class probabilities (rows × classes, row-major), as scikit-learn defines them.
import { averagePrecision, precisionRecallCurve } from "./curves.ts";

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

/** How classes are put together: each against the rest or every two apart, all alike or by their counts. */
export interface AucOptions {
  readonly multi: "ovr" | "ovo";
  readonly average: "macro" | "weighted";
}

/** `rocAuc` of many classes put together otherwise (Hand & Till 2001 for pairs). NaN when a class has no row. */
export function multiclassAuc(rows: Probabilities, { multi, average }: AucOptions): number {
  const { actual, classes } = rows;
  const counts = new Float64Array(classes);
  for (const code of actual) counts[code] += 1;
  let [total, weights] = [0, 0];
  const add = (auc: number, count: number) => {
    const weight = average === "macro" ? 1 : count;
    total += weight * auc;
    weights += weight;
  };
  for (let a = 0; a < classes; a++) {
    if (multi === "ovr") add(classAuc(rows, a), counts[a]);
    else for (let b = a + 1; b < classes; b++) add(pairAuc(rows, a, b), counts[a] + counts[b]);
  }
  return total / weights;
}

/** Average precision of the second of two classes; of more, the mean over the classes, each against the rest. */
export function meanAveragePrecision({ actual, probabilities, classes }: Probabilities): number {
  const ofClass = (k: number) => {
    const scores = Float64Array.from(actual, (_, i) => probabilities[i * classes + k]);
    const positive = Uint8Array.from(actual, (code) => (code === k ? 1 : 0));
    return averagePrecision(precisionRecallCurve({ scores, positive }));
  };
  if (classes === 2) return ofClass(1);
  let total = 0;
  for (let k = 0; k < classes; k++) total += ofClass(k);
  return total / classes;
}

/** Share of rows whose class is among the `k` with the highest scores; of equal scores, the later class is higher. */
export function topKAccuracy({ actual, probabilities, classes }: Probabilities, k: number): number {
  let right = 0;
  for (let i = 0; i < actual.length; i++) {
    const own = probabilities[i * classes + actual[i]];
    let above = 0;
    for (let j = 0; j < classes; j++) {
      const other = probabilities[i * classes + j];
      if (other > own || (other === own && j > actual[i])) above += 1;
    }
    if (above < k) right += 1;
  }
  return right / actual.length;
}

/**
 * Mean hinge loss of decision values: one per row for two classes (above 0: the second), else one per class and row
 * (Crammer & Singer 2001).
 */
export function hingeLoss(actual: Int32Array, decisions: Float64Array): number {
  const width = decisions.length / actual.length;
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    const row = decisions.subarray(i * width, (i + 1) * width);
    const rival = row.reduce(
      (most, value, k) => (k === actual[i] ? most : Math.max(most, value)),
      Number.NEGATIVE_INFINITY,
    );
    const margin = width === 1 ? (actual[i] === 1 ? row[0] : -row[0]) : row[actual[i]] - rival;
    total += Math.max(0, 1 - margin);
  }
  return total / actual.length;
}

// Internal

function classAuc({ actual, probabilities, classes }: Probabilities, k: number): number {
  const scores = Float64Array.from(actual, (_, i) => probabilities[i * classes + k]);
  return binaryAuc(scores, (i) => actual[i] === k);
}

/** Of the rows of two classes alone, the mean of both ways round. */
function pairAuc({ actual, probabilities, classes }: Probabilities, a: number, b: number): number {
  const rows = Uint32Array.from(actual, (_, i) => i).filter((i) => actual[i] === a || actual[i] === b);
  const auc = (k: number) => {
    const scores = Float64Array.from(rows, (i) => probabilities[i * classes + k]);
    return binaryAuc(scores, (i) => actual[rows[i]] === k);
  };
  return (auc(a) + auc(b)) / 2;
}

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
