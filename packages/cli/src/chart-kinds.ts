// Which charts a run can have; apart from the drawing, which takes long to load.

/** Names that `--chart-kind` takes; which of them a run has depends on its task. */
export const CHART_KINDS = [
  "confusion",
  "roc",
  "precision-recall",
  "calibration",
  "predicted-actual",
  "residuals",
  "scores",
  "loss",
] as const;

export type ChartKind = (typeof CHART_KINDS)[number];

/** Names that `--chart-kind` takes for a study. */
export const STUDY_CHART_KINDS = ["history", "parallel"] as const;

export type StudyChartKind = (typeof STUDY_CHART_KINDS)[number];
