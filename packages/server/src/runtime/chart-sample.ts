// What pictures of a run need: some held-out rows, or all of them in a confusion matrix and curves per class.
import type { ClassFigures, RunChart } from "@massif/api";
import {
  averagePrecision,
  type ConfusionMatrix,
  calibrationCurve,
  confusionMatrix,
  histogram,
  type Prediction,
  precisionRecall,
  precisionRecallCurve,
  rocCurve,
  type Target,
} from "@massif/learn";

const MOST_ROWS = 500;
const RESIDUAL_BINS = 40;
const SCORE_BINS = 40;
const CALIBRATION_BINS = 10;
/** Classes with curves; the figures are of all. */
const MOST_CURVES = 20;
/** Curve points closer than this in both directions look like one. */
const CURVE_STEP = 1 / 200;

/** The figures of held-out rows, and those of each fold when there were folds. */
export function chartSample(
  target: Target | undefined,
  prediction: Prediction,
  folds: readonly Readonly<Record<string, number>>[] | null = null,
): RunChart {
  const common = { folds: folds === null ? null : folds.map((figures) => ({ ...figures })) };
  if (prediction.kind === "cluster") return { ...common, ...clusterChart(prediction) };
  if (target === undefined && prediction.kind === "number") return { ...common, ...scoreChart(prediction.values) };
  if (target?.kind === "number" && prediction.kind === "number") {
    return { ...common, ...regressionChart(target.values, prediction.values) };
  }
  if (target?.kind === "class" && prediction.kind === "class") {
    return { ...common, ...classChart(target, prediction) };
  }
  throw new Error(`a ${target?.kind} target has no ${prediction.kind} prediction`);
}

// Internal

type ClassTarget = Extract<Target, { kind: "class" }>;
type ClassPrediction = Extract<Prediction, { kind: "class" }>;

function clusterChart({ codes, clusters }: Extract<Prediction, { kind: "cluster" }>) {
  const sizes = new Array<number>(clusters).fill(0);
  for (const code of codes) sizes[code] += 1;
  return { kind: "clustering" as const, rows: codes.length, sizes };
}

function scoreChart(scores: Float64Array) {
  return {
    kind: "outliers" as const,
    rows: scores.length,
    outliers: scores.reduce((count, score) => count + (score > 0 ? 1 : 0), 0),
    scores: histogram(scores, SCORE_BINS),
  };
}

function regressionChart(actual: Float64Array, predicted: Float64Array) {
  const rows = spread(actual.length);
  const pick = (values: Float64Array) => rows.map((row) => values[row]);
  const residuals = histogram(
    actual.map((value, row) => value - predicted[row]),
    RESIDUAL_BINS,
  );
  return {
    kind: "regression" as const,
    rows: actual.length,
    actual: pick(actual),
    predicted: pick(predicted),
    residuals,
  };
}

function classChart(target: ClassTarget, prediction: ClassPrediction) {
  const { classes } = prediction;
  const index = target.classes.map((name) => classes.indexOf(name));
  const actual = target.codes.map((code) => index[code]);
  const matrix = confusionMatrix(actual, prediction.codes, classes);
  const support = classes.map((_, k) => actual.reduce((count, code) => count + (code === k ? 1 : 0), 0));
  const drawn = new Set([...classes.keys()].sort((a, b) => support[b] - support[a] || a - b).slice(0, MOST_CURVES));
  return {
    kind: "classification" as const,
    rows: actual.length,
    classes: [...classes],
    confusion: square(matrix),
    perClass: classes.map((name, k) => ({
      class: name,
      ...precisionRecall(matrix, { positive: k }),
      support: support[k],
      ...(drawn.has(k) ? curves(actual, prediction, k) : NO_CURVES),
    })),
  };
}

type Curves = Pick<ClassFigures, "rocAuc" | "averagePrecision" | "roc" | "precisionRecall" | "calibration">;

const NO_CURVES: Curves = { rocAuc: null, averagePrecision: null, roc: [], precisionRecall: [], calibration: [] };

function curves(actual: Int32Array, { probabilities, classes }: ClassPrediction, k: number): Curves {
  const scores = Float64Array.from(actual, (_, row) => probabilities[row * classes.length + k]);
  const rows = { scores, positive: Uint8Array.from(actual, (code) => (code === k ? 1 : 0)) };
  const roc = rocCurve(rows).map((point): Point => [point.falsePositiveRate, point.truePositiveRate]);
  const pr = precisionRecallCurve(rows);
  return {
    rocAuc: roc.length === 0 ? null : area(roc),
    averagePrecision: pr.length === 0 ? null : averagePrecision(pr),
    roc: thinned(roc),
    precisionRecall: thinned(pr.map(({ recall, precision }): Point => [recall, precision])),
    calibration: calibrationCurve(rows, CALIBRATION_BINS),
  };
}

type Point = [x: number, y: number];

/** By trapezoids. */
function area(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, [x, y], i) => sum + ((x - points[i][0]) * (y + points[i][1])) / 2, 0);
}

/** Without points that lie where the one before lies; the first and the last stay. */
function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const moved =
      last === undefined || Math.abs(point[0] - last[0]) >= CURVE_STEP || Math.abs(point[1] - last[1]) >= CURVE_STEP;
    if (moved || i === points.length - 1) kept.push(point);
  });
  return kept;
}

function spread(rows: number): number[] {
  const count = Math.min(rows, MOST_ROWS);
  return Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

function square({ counts, classes: { length: size } }: ConfusionMatrix): number[][] {
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => counts[row * size + column]),
  );
}
