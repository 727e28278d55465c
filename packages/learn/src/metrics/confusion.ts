// The confusion matrix and what is read off it, as scikit-learn defines it.

/** Counts by actual class (rows) and predicted class (columns), row-major. */
export interface ConfusionMatrix {
  readonly classes: readonly string[];
  readonly counts: Float64Array;
}

/** How precision, recall and F1 are put together over the classes. */
export type Average =
  /** Plain mean over the classes that occur. */
  | "macro"
  /** Mean weighted by the actual count of each class. */
  | "weighted"
  /** Of one class, by its position. */
  | { readonly positive: number };

/** Precision, recall and their harmonic mean; 0 where a ratio has nothing to count. */
export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Counts pairs of actual and predicted codes. */
export function confusionMatrix(
  actual: Int32Array,
  predicted: Int32Array,
  classes: readonly string[],
): ConfusionMatrix {
  const counts = new Float64Array(classes.length ** 2);
  for (let i = 0; i < actual.length; i++) counts[actual[i] * classes.length + predicted[i]] += 1;
  return { classes, counts };
}

/** Share of rows whose class is right. */
export function accuracy(matrix: ConfusionMatrix): number {
  const { hits, total } = margins(matrix);
  return sum(hits) / total;
}

/** Mean recall over the classes that occur. */
export function balancedAccuracy(matrix: ConfusionMatrix): number {
  const { hits, actual } = margins(matrix);
  const recalls = hits.flatMap((hit, k) => (actual[k] > 0 ? [hit / actual[k]] : []));
  return sum(recalls) / recalls.length;
}

/** Precision, recall and F1 of one class or averaged over the classes. */
export function precisionRecall(matrix: ConfusionMatrix, average: Average): PrecisionRecall {
  const { hits, actual, predicted } = margins(matrix);
  const ofClass = (k: number): PrecisionRecall => ({
    precision: ratio(hits[k], predicted[k]),
    recall: ratio(hits[k], actual[k]),
    f1: ratio(2 * hits[k], actual[k] + predicted[k]),
  });
  if (typeof average === "object") return ofClass(average.positive);
  const occurring = hits.map((_, k) => k).filter((k) => actual[k] + predicted[k] > 0);
  const weights = occurring.map((k) => (average === "macro" ? 1 : actual[k]));
  const total = sum(weights);
  const mean = (pick: (figures: PrecisionRecall) => number) =>
    sum(occurring.map((k, i) => pick(ofClass(k)) * weights[i])) / total;
  return { precision: mean((x) => x.precision), recall: mean((x) => x.recall), f1: mean((x) => x.f1) };
}

/** Matthews's correlation of actual and predicted class (Gorodkin 2004 for many classes); 0 when either is constant. */
export function matthewsCorrelation(matrix: ConfusionMatrix): number {
  const { hits, actual, predicted, total } = margins(matrix);
  const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((x, k) => x * b[k]));
  const covariance = sum(hits) * total - dot(actual, predicted);
  const spread = (total ** 2 - dot(predicted, predicted)) * (total ** 2 - dot(actual, actual));
  return spread > 0 ? covariance / Math.sqrt(spread) : 0;
}

// Internal

function margins({ classes, counts }: ConfusionMatrix) {
  const k = classes.length;
  const actual = new Array<number>(k).fill(0);
  const predicted = new Array<number>(k).fill(0);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      actual[i] += counts[i * k + j];
      predicted[j] += counts[i * k + j];
    }
  }
  const hits = actual.map((_, i) => counts[i * k + i]);
  return { actual, predicted, hits, total: sum(actual) };
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
