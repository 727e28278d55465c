// Curves behind the single figures of a classifier, for one class against the rest, as scikit-learn defines them: what
// each threshold would give (ROC, precision and recall), and whether probabilities mean what they say (calibration).

/** Scores of one class beside whether each row is of it. */
export interface ScoredRows {
  /** Higher: more likely of the class. */
  readonly scores: Float64Array;
  /** 1 for rows of the class, else 0; as long as `scores`. */
  readonly positive: Uint8Array;
}

/** What a threshold gives: rows with at least this score are called positive. */
export interface RocPoint {
  /** Infinity for the first point, at which nothing is called positive. */
  readonly threshold: number;
  /** Share of the other rows that are called positive. */
  readonly falsePositiveRate: number;
  /** Share of the positive rows that are found. */
  readonly truePositiveRate: number;
}

/** What a threshold gives, of the rows called positive and of those that are. */
export interface PrecisionRecallPoint {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

/** One bin of predicted probability. */
export interface CalibrationBin {
  /** Mean predicted probability of the rows in the bin. */
  readonly predicted: number;
  /** Share of them that are of the class. */
  readonly observed: number;
  readonly rows: number;
}

/** The ROC curve from (0, 0) to (1, 1), one point per distinct score; empty when either kind of row is missing. */
export function rocCurve(rows: ScoredRows): RocPoint[] {
  const steps = thresholds(rows);
  const { hits, alarms } = steps.at(-1) ?? NONE;
  if (hits === 0 || alarms === 0) return [];
  return [{ threshold: Number.POSITIVE_INFINITY, ...NONE }, ...steps].map((step) => ({
    threshold: step.threshold,
    falsePositiveRate: step.alarms / alarms,
    truePositiveRate: step.hits / hits,
  }));
}

/** Precision and recall from the highest score to the lowest; empty when no row is positive. */
export function precisionRecallCurve(rows: ScoredRows): PrecisionRecallPoint[] {
  const steps = thresholds(rows);
  const total = steps.at(-1)?.hits ?? 0;
  if (total === 0) return [];
  return steps.map(({ threshold, hits, alarms }) => ({
    threshold,
    precision: hits / (hits + alarms),
    recall: hits / total,
  }));
}

/** Mean precision over the positive rows: the area under the precision-recall curve in steps. NaN for an empty one. */
export function averagePrecision(curve: readonly PrecisionRecallPoint[]): number {
  if (curve.length === 0) return Number.NaN;
  return curve.reduce((sum, point, i) => sum + (point.recall - (curve[i - 1]?.recall ?? 0)) * point.precision, 0);
}

/** Predicted probability against observed share in `bins` bins of equal width over 0..1; empty bins are left out. */
export function calibrationCurve({ scores, positive }: ScoredRows, bins = 10): CalibrationBin[] {
  const rows = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let i = 0; i < scores.length; i++) {
    // A probability on an edge belongs to the bin below it, as scikit-learn has it.
    const bin = binOf(scores[i], bins);
    rows[bin] += 1;
    predicted[bin] += scores[i];
    hits[bin] += positive[i];
  }
  return Array.from(rows, (count, bin) => ({
    predicted: predicted[bin] / count,
    observed: hits[bin] / count,
    rows: count,
  })).filter((bin) => bin.rows > 0);
}

/** Counts of values in `bins` bins of equal width from the least to the greatest; the last bin holds its upper edge. */
export function histogram(values: Float64Array, bins: number): { from: number; to: number; count: number }[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [];
  // A single value gets a bin around it, as in NumPy.
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const edge = (i: number) => (i === bins ? high : low + ((high - low) * i) / bins);
  const counts = new Float64Array(bins);
  for (const value of values) {
    let bin = Math.min(Math.floor(((value - low) / (high - low)) * bins), bins - 1);
    // The division rounds: the edges themselves decide.
    if (value < edge(bin)) bin -= 1;
    else if (bin < bins - 1 && value >= edge(bin + 1)) bin += 1;
    counts[bin] += 1;
  }
  return Array.from(counts, (count, i) => ({ from: edge(i), to: edge(i + 1), count }));
}

// Internal

interface Step {
  readonly threshold: number;
  /** Positive rows at or above the threshold. */
  readonly hits: number;
  /** Other rows at or above the threshold. */
  readonly alarms: number;
}

const NONE = { hits: 0, alarms: 0 };

/** Counts at every distinct score, from the highest down. */
function thresholds({ scores, positive }: ScoredRows): Step[] {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  const steps: Step[] = [];
  let hits = 0;
  let alarms = 0;
  order.forEach((row, i) => {
    if (positive[row] === 1) hits += 1;
    else alarms += 1;
    const threshold = scores[row];
    if (i + 1 === order.length || scores[order[i + 1]] !== threshold) steps.push({ threshold, hits, alarms });
  });
  return steps;
}

function binOf(score: number, bins: number): number {
  let bin = Math.min(Math.max(Math.ceil(score * bins) - 1, 0), bins - 1);
  while (bin > 0 && score <= bin / bins) bin -= 1;
  while (bin < bins - 1 && score > (bin + 1) / bins) bin += 1;
  return bin;
}
