// Rows on which every estimator of the catalogue can be fitted, for the tests of exports.
import type { Json } from "../src/base/component.ts";
import type { Table, Target } from "../src/base/table.ts";
import { createEstimator } from "../src/catalogue.ts";
import { classData, regressionData } from "./mixed-data.ts";

export const prices = regressionData("diamonds", "price", 400);
const species = classData("penguins", "species");
const tumours = classData("breast_cancer", "diagnosis");

/** Parameters that keep a fit short, or make parts of it that leave. */
export const PARAMS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  RandomForestRegressor: { nEstimators: 5 },
  RandomForestClassifier: { nEstimators: 5 },
  ExtraTreesRegressor: { nEstimators: 5 },
  ExtraTreesClassifier: { nEstimators: 5 },
  GradientBoostingRegressor: { nEstimators: 10 },
  GradientBoostingClassifier: { nEstimators: 5 },
  MLPRegressor: { epochs: 5 },
  MLPClassifier: { epochs: 5 },
};

/** What parameters change in what leaves, as pairs of an estimator and its parameters. */
export const VARIANTS: readonly (readonly [type: string, params: Readonly<Record<string, Json>>])[] = [
  ["KNeighborsClassifier", { weights: "distance" }],
  ["KNeighborsRegressor", { weights: "distance", metric: "manhattan" }],
  ["KNeighborsRegressor", { metric: "chebyshev", algorithm: "brute" }],
  ["KNeighborsRegressor", { weights: "distance", metric: "minkowski", p: 3 }],
  ["KNeighborsClassifier", { weights: "distance", metric: "cosine", algorithm: "balltree" }],
  ["RadiusNeighborsClassifier", { weights: "distance", radius: 0.5 }],
  ["RadiusNeighborsRegressor", { weights: "distance", metric: "manhattan", radius: 0.4 }],
  ["RadiusNeighborsRegressor", { metric: "cosine", radius: 0.01 }],
  ["SVC", { kernel: "linear" }],
  ["SVC", { kernel: "poly", coef0: 1 }],
  ["SVC", { kernel: "sigmoid", gamma: 0.01 }],
  ["SVR", { kernel: "poly", degree: 2 }],
  ["MLPClassifier", { epochs: 5, activation: "tanh", hiddenLayers: 2 }],
  ["MLPRegressor", { epochs: 5, activation: "logistic", hiddenLayers: 1 }],
  ["VotingClassifier", { voting: "hard", estimators: ["GaussianNB", "LogisticRegression"], weights: ["2", "1"] }],
  ["VotingRegressor", { estimators: ["Ridge", "PoissonRegressor", "KNeighborsRegressor"], weights: ["2", "1", "0"] }],
  ["StackingClassifier", { estimators: ["GaussianNB", "DecisionTreeClassifier"], passthrough: true }],
  ["StackingRegressor", { estimators: ["Ridge"], finalEstimator: "DecisionTreeRegressor", passthrough: true }],
  ["CalibratedClassifier", { method: "isotonic", scale: "probability" }],
  ["CalibratedClassifier", { method: "isotonic", ensemble: false, estimator: "LinearSVC" }],
  ["CalibratedClassifier", { scale: "probability", estimator: "RandomForestClassifier", params: ["nEstimators=5"] }],
  ["GaussianMixture", { covariance: "tied", clusters: 3 }],
  ["GaussianMixture", { covariance: "diag", clusters: 3 }],
  ["GaussianMixture", { covariance: "spherical", clusters: 3 }],
  ["MatrixFactorization", { feedback: "implicit" }],
  ["BernoulliNB", { threshold: 0.5 }],
  ["IsolationForest", { contamination: 0.1, maxSamples: 1 }],
  ["LocalOutlierFactor", { contamination: 0.1 }],
  ["DBSCAN", { radius: 2 }],
];

/** Rows, and what is to be predicted. */
export interface Sample {
  readonly table: Table;
  readonly target?: Target;
}

/** Real rows with categories and missing values; classifiers tell more classes than two apart, and with `all` two as well. */
export function samplesFor(type: string, { all = true } = {}): readonly Sample[] {
  if (type === "MatrixFactorization") return [ratings()];
  const { task } = createEstimator(type).spec;
  if (task === "regression") return [prices.whole];
  if (task === "classification") return all ? [species.whole, tumours.whole] : [species.whole];
  return [{ table: species.whole.table }];
}

// Internal

function ratings(): Sample {
  const rows = 60;
  const at = (count: number, step: number) => Int32Array.from({ length: rows }, (_, row) => (row * step) % count);
  const [users, items] = [at(9, 5), at(7, 3)];
  const categories = Array.from({ length: 9 }, (_, k) => `user ${k}`);
  return {
    table: {
      rows,
      columns: [
        { kind: "category", name: "user", codes: users, categories },
        { kind: "number", name: "item", values: Float64Array.from(items) },
      ],
    },
    target: {
      kind: "number",
      name: "stars",
      values: Float64Array.from(users, (user, row) => 1 + ((user * items[row]) % 5)),
    },
  };
}
