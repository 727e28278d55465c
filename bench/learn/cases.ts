// Fits against scikit-learn, XGBoost and LightGBM. Both sides read the same float32 rows; the times include all that a
// call of `fit` does (ours: packing columns into rows; XGBoost and LightGBM: building their own matrices).
import type { DatasetShape } from "../dataset.ts";
import { accuracy, auc, fitCase, meanSquaredError } from "./fit-case.ts";

const linear: DatasetShape = {
  name: "linear",
  rows: 1_050_000,
  columns: 50,
  test: 50_000,
  target: (row, noise) => row.reduce((sum, x, i) => sum + x * (((i % 7) - 3) / 2), 1) + noise(),
};

const logistic: DatasetShape = {
  ...linear,
  name: "logistic",
  target: (row, noise) => (row.reduce((sum, x, i) => sum + x * (((i % 7) - 3) / 8), 0.2) + noise() > 0 ? 1 : 0),
};

// Interactions, so that depth matters; like HIGGS in size and balance.
const interactions = (row: Float32Array, noise: () => number) =>
  Math.sin(row[0] * row[1]) + row[2] * row[3] + 0.5 * row[4] + 0.5 * noise() > 0 ? 1 : 0;

export const forest: DatasetShape = { name: "forest", rows: 60_000, columns: 20, test: 10_000, target: interactions };
export const higgs: DatasetShape = {
  name: "higgs-like",
  rows: 550_000,
  columns: 28,
  test: 50_000,
  target: interactions,
};
const neighbours: DatasetShape = { name: "neighbours", rows: 55_000, columns: 20, test: 5_000, target: interactions };

const EPOCHS = 5;

export const LEARN_CASES = [
  fitCase({
    name: "sgd-per-sample",
    title: "linear regression, SGD per sample, 5 shuffled epochs, 1M x 50",
    peer: "scikit-learn",
    target: 0.35,
    quality: "MSE",
    rounds: 3,
    data: linear,
    estimator: "GradientDescentRegressor",
    params: { method: "sgd", epochs: EPOCHS, schedule: "invscaling", learningRate: 0.01, tolerance: null },
    peerSettings: { epochs: EPOCHS },
    score: meanSquaredError,
  }),
  fitCase({
    name: "sgd-minibatch",
    title: "linear regression, mini-batches of 32 with momentum 0.9, 5 epochs, 1M x 50 (peer: its per-sample SGD)",
    peer: "scikit-learn",
    target: 0.35,
    quality: "MSE",
    rounds: 3,
    data: linear,
    estimator: "GradientDescentRegressor",
    params: { method: "minibatch", momentum: 0.9, epochs: EPOCHS, tolerance: null },
    peerSettings: { epochs: EPOCHS },
    score: meanSquaredError,
  }),
  fitCase({
    name: "logistic-lbfgs",
    title: "logistic regression, L2, L-BFGS to the same tolerance, 1M x 50",
    peer: "scikit-learn",
    target: 0.35,
    quality: "accuracy",
    rounds: 3,
    data: logistic,
    estimator: "LogisticRegression",
    params: { c: 1, tolerance: 1e-4 },
    peerSettings: { c: 1, tolerance: 1e-4 },
    score: accuracy,
  }),
  fitCase({
    name: "random-forest",
    title: "random forest, 100 trees of unlimited depth, 50k x 20",
    peer: "scikit-learn",
    target: 0.05,
    quality: "accuracy",
    rounds: 2,
    data: forest,
    estimator: "RandomForestClassifier",
    params: { nEstimators: 100 },
    peerSettings: { trees: 100 },
    score: accuracy,
  }),
  fitCase({
    name: "boosting-xgboost",
    title: "gradient boosting, 100 trees of depth 6, 255 bins, 500k x 28",
    peer: "xgboost",
    target: 0.9,
    quality: "AUC",
    rounds: 3,
    data: higgs,
    estimator: "GradientBoostingClassifier",
    params: { nEstimators: 100, learningRate: 0.1, maxDepth: 6, maxLeaves: null, l2: 1 },
    peerSettings: { trees: 100, depth: 6, rate: 0.1 },
    score: auc,
  }),
  fitCase({
    name: "boosting-lightgbm",
    title: "gradient boosting, 100 trees of 31 leaves, 255 bins, 500k x 28",
    peer: "lightgbm",
    target: 0.9,
    quality: "AUC",
    rounds: 3,
    data: higgs,
    estimator: "GradientBoostingClassifier",
    params: { nEstimators: 100, learningRate: 0.1, maxDepth: null, maxLeaves: 31, l2: 1, minSamplesLeaf: 20 },
    peerSettings: { trees: 100, leaves: 31, rate: 0.1 },
    score: auc,
  }),
  fitCase({
    name: "knn-brute",
    title: "5 nearest neighbours by brute force, 5k queries in 50k x 20",
    peer: "scikit-learn",
    target: 0.7,
    quality: "accuracy",
    rounds: 3,
    data: neighbours,
    estimator: "KNeighborsClassifier",
    params: { k: 5, algorithm: "brute" },
    peerSettings: { k: 5 },
    score: accuracy,
    timePredict: true,
  }),
  fitCase({
    name: "knn-kd-tree",
    title: "5 nearest neighbours by KD-tree, 5k queries in 50k x 20",
    peer: "scikit-learn",
    target: 0.5,
    quality: "accuracy",
    rounds: 3,
    data: neighbours,
    estimator: "KNeighborsClassifier",
    params: { k: 5, algorithm: "kdtree" },
    peerSettings: { k: 5 },
    score: accuracy,
    timePredict: true,
  }),
];
