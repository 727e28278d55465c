// Which charts a run can have; apart from the drawing, which takes long to load.

/** Names that `--chart-kind` takes; which of them a run has depends on its task. */
export const CHART_KINDS = [
  "confusion",
  "roc",
  "precision-recall",
  "calibration",
  "predicted-actual",
  "residuals",
  "loss",
] as const;

export type ChartKind = (typeof CHART_KINDS)[number];
