// Figures of merit where a row may have any number of labels, as scikit-learn defines them.

/** Which labels rows have, and which are predicted: 1 or 0, rows × labels, row-major. */
export interface LabelSets {
  readonly actual: Uint8Array;
  readonly predicted: Uint8Array;
  readonly labels: number;
}

/** Which labels rows have, beside a score for each: rows × labels, row-major. */
export interface ScoredLabels {
  readonly actual: Uint8Array;
  /** Higher: more likely. */
  readonly scores: Float64Array;
  readonly labels: number;
}

/** Share of all labels of all rows that are wrong. */
export function hammingLoss({ actual, predicted }: LabelSets): number {
  return actual.reduce((wrong, label, i) => wrong + (label === predicted[i] ? 0 : 1), 0) / actual.length;
}

/** Share of rows all of whose labels are right. */
export function subsetAccuracy({ actual, predicted, labels }: LabelSets): number {
  const rows = actual.length / labels;
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const begin = row * labels;
    right += actual.subarray(begin, begin + labels).every((label, k) => label === predicted[begin + k]) ? 1 : 0;
  }
  return right / rows;
}

/** Mean over the rows' labels of the share of labels ranked at least as high that are the row's; 1 for none or all. */
export function labelRankingAveragePrecision(rows: ScoredLabels): number {
  return meanOverRows(rows, (own, scores) => {
    const relevant = scores.filter((_, k) => own[k] === 1);
    if (relevant.length === 0 || relevant.length === scores.length) return 1;
    return relevant.reduce((sum, at) => sum + atLeast(relevant, at) / atLeast(scores, at), 0) / relevant.length;
  });
}

/** How many labels, from the highest score on, must be looked at to meet all of a row's, on average. */
export function coverageError(rows: ScoredLabels): number {
  return meanOverRows(rows, (own, scores) => {
    const relevant = scores.filter((_, k) => own[k] === 1);
    return relevant.length === 0 ? 0 : atLeast(scores, Math.min(...relevant));
  });
}

/** Share of pairs of a row's label and another that are in the wrong order or tied, mean over the rows. */
export function labelRankingLoss(rows: ScoredLabels): number {
  return meanOverRows(rows, (own, scores) => {
    const relevant = scores.filter((_, k) => own[k] === 1);
    const others = scores.filter((_, k) => own[k] !== 1);
    if (relevant.length === 0 || others.length === 0) return 0;
    const wrong = relevant.reduce((sum, at) => sum + atLeast(others, at), 0);
    return wrong / (relevant.length * others.length);
  });
}

// Internal

function atLeast(scores: Float64Array, limit: number): number {
  return scores.reduce((count, score) => count + (score >= limit ? 1 : 0), 0);
}

function meanOverRows(
  { actual, scores, labels }: ScoredLabels,
  figure: (own: Uint8Array, scores: Float64Array) => number,
): number {
  const rows = actual.length / labels;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [row * labels, (row + 1) * labels];
    sum += figure(actual.subarray(begin, end), scores.subarray(begin, end));
  }
  return sum / rows;
}
