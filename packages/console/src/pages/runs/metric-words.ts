// Metrics by the names people know, the most telling ones first, and what each says.
import type { Metrics } from "@massif/api";
import { figure } from "../../parts/figures.ts";

interface MetricWords {
  readonly label: string;
  readonly doc: string;
}

const WORDS: Readonly<Record<string, MetricWords>> = {
  rmse: { label: "RMSE", doc: "typical error, large ones weigh more; in units of the target" },
  mae: { label: "MAE", doc: "mean size of the error, in units of the target" },
  r2: { label: "R²", doc: "share of the target’s variance explained; 1 is perfect, 0 is as good as the mean" },
  accuracy: { label: "Accuracy", doc: "share of rows with the right class" },
  logLoss: { label: "Log loss", doc: "how surprised the model is by what came; 0 is perfect" },
  rocAuc: { label: "ROC AUC", doc: "how well classes are told apart; 0.5 is guessing, 1 is perfect" },
  balancedAccuracy: { label: "Balanced accuracy", doc: "mean share found of each class: rare ones count as much" },
  f1Macro: { label: "F1 (macro)", doc: "balance of precision and recall, mean over the classes" },
  mcc: { label: "MCC", doc: "correlation of actual and predicted class; 0 is guessing" },
  brier: { label: "Brier score", doc: "mean squared error of the probabilities; 0 is perfect" },
  medianAbsoluteError: { label: "Median error", doc: "half of the errors are smaller" },
  maxError: { label: "Largest error", doc: "the worst row" },
  mape: { label: "MAPE", doc: "mean error as a share of the actual value" },
  precision: { label: "Precision", doc: "of the rows called the second class, the share that is" },
  recall: { label: "Recall", doc: "of the rows of the second class, the share that is found" },
  f1: { label: "F1", doc: "balance of precision and recall of the second class" },
  precisionMacro: { label: "Precision (macro)", doc: "mean over the classes, each counting the same" },
  recallMacro: { label: "Recall (macro)", doc: "mean over the classes, each counting the same" },
  precisionWeighted: { label: "Precision (weighted)", doc: "mean over the classes by their rows" },
  recallWeighted: { label: "Recall (weighted)", doc: "mean over the classes by their rows" },
  f1Weighted: { label: "F1 (weighted)", doc: "mean over the classes by their rows" },
  mse: { label: "MSE", doc: "mean squared error; the square of RMSE" },
  explainedVariance: { label: "Explained variance", doc: "R² with a constant bias forgiven" },
  silhouette: { label: "Silhouette", doc: "how well rows sit in their own cluster; 1 is perfect" },
  separation: {
    label: "Separation",
    doc: "how many times as far as other rows the outliers are from their nearest rows",
  },
  outlierShare: { label: "Outliers", doc: "share of rows with a score above 0" },
  scoreMedian: { label: "Median score", doc: "half of the rows have a lower anomaly score" },
  scoreP90: { label: "Score, 90%", doc: "the anomaly score that one row in ten exceeds" },
  scoreP99: { label: "Score, 99%", doc: "the anomaly score that one row in a hundred exceeds" },
  scoreMax: { label: "Highest score", doc: "of the most unusual row" },
};

/** Every metric, the telling ones first. */
export function orderedMetrics(metrics: Metrics): [name: string, value: number][] {
  const known = Object.keys(WORDS);
  const place = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length);
  return Object.entries(metrics).sort(([a], [b]) => place(a) - place(b));
}

/** The first two in one line. */
export function mainMetrics(metrics: Metrics | null): string {
  if (metrics === null) return "–";
  return orderedMetrics(metrics)
    .slice(0, 2)
    .map(([name, value]) => `${metricLabel(name)} ${figure(value)}`)
    .join(" · ");
}

/** What people call a metric. */
export function metricLabel(name: string): string {
  return WORDS[name]?.label ?? name;
}

/** What a metric says, where there is more to say than its name. */
export function metricDoc(name: string): string {
  return WORDS[name]?.doc ?? "";
}
