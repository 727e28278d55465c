// What is compared when nothing is said: one of each algorithm that fits the task, the plain gradient methods on scaled
// columns included, so that a leaderboard shows what more elaborate models add.
import type { Candidate, Task } from "@massif/api";

const DESCENT_REGRESSOR = "GradientDescentRegressor";
const DESCENT_CLASSIFIER = "GradientDescentClassifier";

const REGRESSION: readonly Candidate[] = [
  { label: "LinearRegression (batch GD)", estimator: DESCENT_REGRESSOR, params: { method: "batch" } },
  { label: "LinearRegression (SGD)", estimator: DESCENT_REGRESSOR, params: { method: "sgd" } },
  { label: "LinearRegression (mini-batch)", estimator: DESCENT_REGRESSOR, params: { method: "minibatch" } },
  {
    label: "LinearRegression (momentum)",
    estimator: DESCENT_REGRESSOR,
    params: { method: "minibatch", momentum: 0.9 },
  },
  { label: "Ridge", estimator: "Ridge" },
  { label: "KNeighborsRegressor", estimator: "KNeighborsRegressor" },
  { label: "DecisionTreeRegressor", estimator: "DecisionTreeRegressor" },
  { label: "RandomForestRegressor", estimator: "RandomForestRegressor" },
  { label: "GradientBoostingRegressor", estimator: "GradientBoostingRegressor" },
  { label: "MeanRegressor", estimator: "MeanRegressor" },
];

const CLASSIFICATION: readonly Candidate[] = [
  { label: "LogisticRegression", estimator: "LogisticRegression" },
  { label: "LogisticRegression (batch GD)", estimator: DESCENT_CLASSIFIER, params: { method: "batch" } },
  { label: "LogisticRegression (SGD)", estimator: DESCENT_CLASSIFIER, params: { method: "sgd" } },
  { label: "LogisticRegression (mini-batch)", estimator: DESCENT_CLASSIFIER, params: { method: "minibatch" } },
  {
    label: "LogisticRegression (momentum)",
    estimator: DESCENT_CLASSIFIER,
    params: { method: "minibatch", momentum: 0.9 },
  },
  { label: "KNeighborsClassifier", estimator: "KNeighborsClassifier" },
  { label: "DecisionTreeClassifier", estimator: "DecisionTreeClassifier" },
  { label: "RandomForestClassifier", estimator: "RandomForestClassifier" },
  { label: "GradientBoostingClassifier", estimator: "GradientBoostingClassifier" },
  { label: "MajorityClassifier", estimator: "MajorityClassifier" },
];

const CLUSTERING: readonly Candidate[] = [2, 3, 4, 5, 6, 8, 10].map((clusters) => {
  return { label: `KMeans (${clusters} clusters)`, estimator: "KMeans", params: { clusters } };
});

const OUTLIERS: readonly Candidate[] = [
  { label: "IsolationForest", estimator: "IsolationForest" },
  { label: "LocalOutlierFactor", estimator: "LocalOutlierFactor" },
];

/** The candidates of a comparison that names none. */
export function defaultCandidates(task: Task): readonly Candidate[] {
  return { regression: REGRESSION, classification: CLASSIFICATION, clustering: CLUSTERING, outliers: OUTLIERS }[task];
}
