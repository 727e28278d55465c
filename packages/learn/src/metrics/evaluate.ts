// The standard figures of a prediction, and what each is, as data.
import { hasTarget, type Task } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { Prediction, Table, Target } from "../base/table.ts";
import { cohenKappa, jaccard } from "./agreement.ts";
import { calinskiHarabasz, daviesBouldin, inertia, silhouette } from "./clustering.ts";
import { accuracy, balancedAccuracy, confusionMatrix, matthewsCorrelation, precisionRecall } from "./confusion.ts";
import { d2AbsoluteError, gammaDeviance, poissonDeviance, rootMeanSquaredLogError } from "./deviance.ts";
import { outlierFigures } from "./outliers.ts";
import { brierScore, logLoss, meanAveragePrecision, rocAuc, topKAccuracy } from "./probability.ts";
import {
  explainedVariance,
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  medianAbsoluteError,
  r2,
  rootMeanSquaredError,
} from "./regression.ts";

/** A metric as data. */
export interface MetricSpec {
  readonly name: string;
  /** One sentence: what it is. */
  readonly doc: string;
  readonly task: Task;
  /** Which way is better. */
  readonly direction: "higher" | "lower";
}

/** All metrics of `evaluate`; the first of each task is the one to rank by. */
export const METRICS: readonly MetricSpec[] = [
  metric("regression", "rmse", "lower", "Root mean squared error, in units of the target."),
  metric("regression", "mae", "lower", "Mean absolute error, in units of the target."),
  metric("regression", "r2", "higher", "Share of the target's variance that is explained; 0 is as good as the mean."),
  metric("regression", "mse", "lower", "Mean squared error."),
  metric("regression", "mape", "lower", "Mean absolute error as a share of the actual value."),
  metric("regression", "medianAbsoluteError", "lower", "Median absolute error, in units of the target."),
  metric("regression", "maxError", "lower", "Largest absolute error."),
  metric("regression", "explainedVariance", "higher", "R² with a constant bias forgiven."),
  metric("regression", "d2Absolute", "higher", "Share of the absolute error from the median that is explained."),
  metric("regression", "rmsle", "lower", "Root mean squared error of ln(1 + value); all values above -1."),
  metric("regression", "poissonDeviance", "lower", "Mean Poisson deviance; values from 0, predictions above 0."),
  metric("regression", "gammaDeviance", "lower", "Mean Gamma deviance; values and predictions above 0."),
  metric("classification", "logLoss", "lower", "Mean negative log-likelihood of the actual classes."),
  metric("classification", "accuracy", "higher", "Share of rows with the right class."),
  metric("classification", "balancedAccuracy", "higher", "Mean recall over the classes."),
  metric(
    "classification",
    "rocAuc",
    "higher",
    "Area under the ROC curve; with many classes, mean of one against the rest.",
  ),
  metric("classification", "brier", "lower", "Mean squared error of the probabilities."),
  metric(
    "classification",
    "averagePrecision",
    "higher",
    "Area under precision over recall; the mean over many classes.",
  ),
  metric("classification", "top3Accuracy", "higher", "Four classes or more: the class is among the three likeliest."),
  metric("classification", "kappa", "higher", "Cohen's kappa: agreement beyond chance."),
  metric("classification", "jaccardMacro", "higher", "Jaccard's index, mean over the classes."),
  metric("classification", "mcc", "higher", "Matthews's correlation of actual and predicted class."),
  metric("classification", "precision", "higher", "Two classes: how many predicted as the second are of it."),
  metric("classification", "recall", "higher", "Two classes: how many of the second are found."),
  metric("classification", "f1", "higher", "Two classes: harmonic mean of precision and recall."),
  metric("classification", "precisionMacro", "higher", "Precision, mean over the classes."),
  metric("classification", "recallMacro", "higher", "Recall, mean over the classes."),
  metric("classification", "f1Macro", "higher", "F1, mean over the classes."),
  metric("classification", "precisionWeighted", "higher", "Precision, mean over the classes by their counts."),
  metric("classification", "recallWeighted", "higher", "Recall, mean over the classes by their counts."),
  metric("classification", "f1Weighted", "higher", "F1, mean over the classes by their counts."),
  metric(
    "clustering",
    "silhouette",
    "higher",
    "How much nearer rows are to their own cluster than to the next, -1 to 1; of at most 2000 rows drawn from all.",
  ),
  metric("clustering", "inertia", "lower", "Sum of the squared distances of rows to their cluster's centre."),
  metric(
    "clustering",
    "calinskiHarabasz",
    "higher",
    "Variance between the clusters' means against that within, by degrees of freedom.",
  ),
  metric("clustering", "daviesBouldin", "lower", "Width of clusters against the distance to the worst neighbour."),
  metric(
    "outliers",
    "separation",
    "higher",
    "How many times as far as other rows the outliers are from the rows nearest to them, in deviations of the columns.",
  ),
  metric("outliers", "outlierShare", "lower", "Share of rows that are outliers: their score is above 0."),
  metric("outliers", "scoreMedian", "lower", "Median anomaly score; an outlier's is above 0."),
  metric("outliers", "scoreP90", "lower", "Anomaly score that one row in ten exceeds."),
  metric("outliers", "scoreP99", "lower", "Anomaly score that one row in a hundred exceeds."),
  metric("outliers", "scoreMax", "lower", "Highest anomaly score."),
];

/**
 * The standard figures of a prediction against the target, by names of `METRICS`. A figure that is not defined for the
 * data (ROC AUC of a single class) is left out. Clusters and outliers have no target; their silhouette and separation need
 * the `points` that were predicted, all numbers. Throws ShapeError when the two do not belong together.
 */
export function evaluate(
  task: Task,
  target: Target | undefined,
  prediction: Prediction,
  points?: Table,
): Record<string, number> {
  const all = figures(task, target, prediction, points);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value)));
}

// Internal

function figures(task: Task, target: Target | undefined, prediction: Prediction, points: Table | undefined) {
  if (task === "clustering") return clusterFigures(prediction, points);
  if (!hasTarget(task)) return figuresOfScores(prediction, points);
  if (target === undefined) throw new ShapeError(`${task} is judged by a target, and there is none`);
  return task === "regression" ? regressionFigures(target, prediction) : classFigures(target, prediction);
}

function clusterFigures(prediction: Prediction, points: Table | undefined): Record<string, number> {
  if (prediction.kind !== "cluster")
    throw new ShapeError(`clusters are judged here, the prediction is ${prediction.kind}`);
  checkRows(points?.rows ?? prediction.codes.length, prediction.codes.length);
  const columns = numbersOf(points);
  return {
    silhouette: columns.length === 0 ? Number.NaN : silhouette(columns, prediction.codes),
    inertia: inertia(prediction.distances, prediction.clusters),
    calinskiHarabasz: columns.length === 0 ? Number.NaN : calinskiHarabasz(columns, prediction.codes),
    daviesBouldin: columns.length === 0 ? Number.NaN : daviesBouldin(columns, prediction.codes),
  };
}

function figuresOfScores(prediction: Prediction, points: Table | undefined): Record<string, number> {
  if (prediction.kind !== "number")
    throw new ShapeError(`anomaly scores are judged here, the prediction is ${prediction.kind}`);
  const { values } = prediction;
  checkRows(points?.rows ?? values.length, values.length);
  return outlierFigures(values, numbersOf(points));
}

function numbersOf(points: Table | undefined): Float64Array[] {
  return points?.columns.flatMap((column) => (column.kind === "number" ? [column.values] : [])) ?? [];
}

function metric(task: Task, name: string, direction: MetricSpec["direction"], doc: string): MetricSpec {
  return { name, doc, task, direction };
}

function regressionFigures(target: Target, prediction: Prediction): Record<string, number> {
  if (target.kind !== "number" || prediction.kind !== "number") throw mismatch("numbers", target, prediction);
  checkRows(target.values.length, prediction.values.length);
  const [y, p] = [target.values, prediction.values];
  return {
    rmse: rootMeanSquaredError(y, p),
    mae: meanAbsoluteError(y, p),
    r2: r2(y, p),
    mse: meanSquaredError(y, p),
    mape: meanAbsolutePercentageError(y, p),
    medianAbsoluteError: medianAbsoluteError(y, p),
    maxError: maxError(y, p),
    explainedVariance: explainedVariance(y, p),
    d2Absolute: d2AbsoluteError(y, p),
    rmsle: rootMeanSquaredLogError(y, p),
    poissonDeviance: poissonDeviance(y, p),
    gammaDeviance: gammaDeviance(y, p),
  };
}

function classFigures(target: Target, prediction: Prediction): Record<string, number> {
  if (target.kind !== "class" || prediction.kind !== "class") throw mismatch("classes", target, prediction);
  checkRows(target.codes.length, prediction.codes.length);
  const { classes, probabilities, codes } = prediction;
  const actual = codesIn(target, classes);
  const matrix = confusionMatrix(actual, codes, classes);
  const rows = { actual, probabilities, classes: classes.length };
  return {
    logLoss: logLoss(rows),
    accuracy: accuracy(matrix),
    balancedAccuracy: balancedAccuracy(matrix),
    rocAuc: rocAuc(rows),
    brier: brierScore(rows),
    averagePrecision: meanAveragePrecision(rows),
    ...(classes.length > 3 ? { top3Accuracy: topKAccuracy(rows, 3) } : {}),
    kappa: cohenKappa(matrix),
    jaccardMacro: jaccard(matrix, "macro"),
    mcc: matthewsCorrelation(matrix),
    ...(classes.length === 2 ? precisionRecall(matrix, { positive: 1 }) : {}),
    ...suffixed("Macro", precisionRecall(matrix, "macro")),
    ...suffixed("Weighted", precisionRecall(matrix, "weighted")),
  };
}

function suffixed(suffix: string, figures: object): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name + suffix, value]));
}

/** The target's codes counted in the prediction's classes. */
function codesIn({ codes, classes: own }: Extract<Target, { kind: "class" }>, classes: readonly string[]): Int32Array {
  const index = own.map((name) => classes.indexOf(name));
  return codes.map((code, row) => {
    const found = index[code] ?? -1;
    if (found < 0) {
      throw new ShapeError(
        `row ${row} is of class ${own[code] ?? code}, which the prediction does not know: ${classes}`,
      );
    }
    return found;
  });
}

function checkRows(target: number, prediction: number): void {
  if (target !== prediction) throw new ShapeError(`the target has ${target} rows, the prediction ${prediction}`);
  if (target === 0) throw new ShapeError("there are no rows to evaluate");
}

function mismatch(needed: string, target: Target, prediction: Prediction): ShapeError {
  return new ShapeError(`this task compares ${needed}; target is ${target.kind}, prediction ${prediction.kind}`);
}
