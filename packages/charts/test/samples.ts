// Small inputs for every chart, and all charts by name, so that each rule is tested over all of them.
import type { ClassFigures, ColumnProfile } from "@massif/api";
import type { EChartsOption } from "echarts";
import {
  calibrationCurves,
  columnDistribution,
  confusionMatrix,
  evaluationCurves,
  fitDifferences,
  type Look,
  leaderboardBars,
  lossCurves,
  parallelCoordinates,
  precisionRecallCurves,
  predictedActual,
  residualHistogram,
  rocCurves,
  type StudyChartData,
  scatterFits,
  studyHistory,
  timeLines,
} from "../src/index.ts";

const CURVE = {
  title: "Learning curve",
  x: "rows learned from",
  y: "rmse",
  points: [10, 100, 1000].map((at) => ({ at, train: [1 - 1 / at, 1.1], test: [1 + 9 / at, null, 1.2] })),
};

export const FITS = {
  title: "Fits of y on x",
  x: "x",
  y: "y",
  points: [1, 2, 3, 4, 5].map((x) => [x, 2 * x + (x % 2)] as const),
  fits: [
    { label: "least squares", slope: 2, intercept: 0.6 },
    { label: "SGD", slope: 2.01, intercept: 0.5 },
    { label: "momentum", slope: 1.99, intercept: 0.7 },
  ],
};

export const CURVES = {
  title: "Loss",
  curves: [
    { label: "SGD", history: [4000, 40, 1, 0.82].map((loss, i) => ({ step: i + 1, loss })) },
    {
      label: "raw",
      history: [4e3, 1e6, 1e200, Number.POSITIVE_INFINITY].map((loss, i) => ({ step: i + 1, loss })),
      diverged: true,
    },
  ],
};

export const LEADERBOARD = {
  sortedBy: { metric: "rmse", better: "lower" as const },
  leaderboard: [
    entry("Ridge", { rmse: 1200 }),
    entry("GradientBoostingRegressor", { rmse: 520 }),
    entry("Broken", null),
  ],
};

export const NUMBERS: ColumnProfile = {
  name: "carat",
  count: 10,
  missing: 0,
  distinct: 10,
  min: 0,
  max: 3,
  mean: 1,
  std: 1,
  quantiles: null,
  histogram: [
    { from: 0, to: 1, count: 6 },
    { from: 1, to: 3, count: 4 },
  ],
  top: null,
};

export const FIGURES: ClassFigures[] = ["Adelie", "Chinstrap", "<Gentoo> & more"].map((name, i) => ({
  class: name,
  precision: 0.9,
  recall: 0.8,
  f1: 0.85,
  support: 10 + i,
  rocAuc: 0.93,
  averagePrecision: 0.9,
  roc: [
    [0, 0],
    [0.1, 0.8],
    [1, 1],
  ],
  precisionRecall: [
    [0.4, 1],
    [1, 0.6],
  ],
  calibration: [
    { predicted: 0.1, observed: 0.2, rows: 5 },
    { predicted: 0.9, observed: 0.8, rows: 5 },
  ],
}));

const KINDS = ["linear", "rbf"];

export const STUDY: StudyChartData = {
  study: {
    name: "diamonds-1",
    metric: "rmse",
    better: "lower",
    space: {
      learningRate: { type: "float", min: 0.01, max: 0.3, log: true },
      depth: { type: "int", min: 2, max: 12 },
      kind: { type: "categorical", choices: KINDS },
      gamma: { type: "float", min: 0, max: 1, when: { kind: ["rbf"] } },
    },
  },
  trials: Array.from({ length: 24 }, (_, number) => ({
    number,
    state: number % 4 === 3 ? ("pruned" as const) : ("complete" as const),
    value: number % 4 === 3 ? null : 600 - 6 * number + 40 * Math.sin(5 * number),
    params: {
      learningRate: 0.01 * 1.15 ** number,
      depth: 2 + (number % 11),
      kind: KINDS[number % 2],
      ...(number % 2 === 1 ? { gamma: number / 24 } : {}),
    },
  })),
};

const START = Date.UTC(2026, 6, 1);

export const TRAFFIC = {
  title: "Requests",
  y: "requests per second",
  lines: [
    { label: "answered", points: [1, 2, 3].map((value, i) => [START + i * 1000, value] as const) },
    { label: "failed", points: [0, null, 0.5].map((value, i) => [START + i * 1000, value] as const) },
  ],
};

export const CHARTS: Record<string, (look: Look) => EChartsOption> = {
  scatterFits: (look) => scatterFits(FITS, look),
  fitDifferences: (look) => fitDifferences(FITS, FITS.fits[0], look),
  lossCurves: (look) => lossCurves(CURVES, look),
  leaderboardBars: (look) => leaderboardBars(LEADERBOARD, look),
  predictedActual: (look) =>
    predictedActual({ target: "price", pairs: [1, 2, 3].map((v) => ({ actual: v, predicted: v + 0.5 })) }, look),
  histogram: (look) => columnDistribution(NUMBERS, look),
  frequentValues: (look) =>
    columnDistribution({ ...NUMBERS, histogram: null, top: [{ value: "Ideal", count: 3 }] }, look),
  residuals: (look) => residualHistogram({ target: "price", residuals: NUMBERS.histogram ?? [] }, look),
  roc: (look) => rocCurves({ target: "species", perClass: FIGURES }, look),
  precisionRecall: (look) => precisionRecallCurves({ target: "species", perClass: FIGURES }, look),
  calibration: (look) => calibrationCurves({ target: "species", perClass: FIGURES }, look),
  evaluationCurves: (look) => evaluationCurves(CURVE, look),
  curveOfNames: (look) => evaluationCurves({ ...CURVE, points: [{ at: "gini", train: [1], test: [null] }] }, look),
  timeLines: (look) => timeLines(TRAFFIC, look),
  studyHistory: (look) => studyHistory(STUDY, look),
  parallelCoordinates: (look) => parallelCoordinates(STUDY, look),
  emptyStudy: (look) => studyHistory({ ...STUDY, trials: [] }, look),
  emptyParallel: (look) => parallelCoordinates({ ...STUDY, trials: [] }, look),
  nothing: (look) => columnDistribution({ ...NUMBERS, histogram: null }, look),
  confusionMatrix: (look) =>
    confusionMatrix(
      {
        target: "species",
        classes: ["Adelie", "<Gentoo> & more"],
        counts: [
          [9, 1],
          [0, 5],
        ],
      },
      look,
    ),
};

function entry(estimator: string, metrics: Record<string, number> | null) {
  const status = metrics === null ? ("failed" as const) : ("succeeded" as const);
  return { run: "r", estimator, type: estimator, status, metrics, fitSeconds: 1, predictMicros: 1, error: null };
}
