// The leaderboard of a comparison: as the JSON that scripts read, and as the table that people read.
import type { Comparison } from "@massif/api";
import { figure } from "./figures.ts";
import type { Session } from "./session.ts";
import { type Column, table } from "./table.ts";

export interface LeaderboardRow {
  readonly estimator: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly fitSeconds: number | null;
  readonly predictMicros: number | null;
  /** To the first over the folds, with the p-value of the corrected test; absent without folds. */
  readonly difference?: Comparison["leaderboard"][number]["difference"];
}

/** The pipelines that were trained, best first. */
export function leaderboardRows(comparison: Comparison): LeaderboardRow[] {
  return ranked(comparison).map(({ estimator, metrics, difference, fitSeconds, predictMicros }) => ({
    estimator,
    metrics: metrics ?? {},
    fitSeconds,
    predictMicros,
    ...(difference === undefined ? {} : { difference }),
  }));
}

/** The run at the top of the leaderboard; undefined when none succeeded. */
export function bestRun(comparison: Comparison): string | undefined {
  return ranked(comparison)[0]?.run;
}

/** What went wrong with the pipelines that could not be trained. */
export function failedRows({ leaderboard }: Comparison): { estimator: string; code: string; message: string }[] {
  return leaderboard
    .filter(({ status }) => status === "failed" || status === "cancelled")
    .map(({ estimator, status, error }) => ({
      estimator,
      code: error?.code ?? status.toUpperCase(),
      message: error?.message ?? "stopped on request",
    }));
}

/** The table, and under it what failed. */
export function leaderboardText(comparison: Comparison, session: Session): string {
  const rows = leaderboardRows(comparison);
  const { metric } = comparison.sortedBy;
  // The metric that orders the rows comes first.
  const shown = [...METRICS.filter(([key]) => key === metric), ...METRICS.filter(([key]) => key !== metric)].filter(
    ([key]) => rows.some(({ metrics }) => metrics[key] !== undefined),
  );
  const isTested = rows.some(({ difference }) => difference != null);
  const columns: Column[] = [
    { head: "#", number: true },
    { head: "estimator" },
    ...shown.map(([, head]): Column => ({ head, number: true })),
    ...(isTested ? [{ head: "p", number: true } as const] : []),
    { head: "fit s", number: true },
    { head: "µs per prediction", number: true },
  ];
  const cells = rows.map((row, index) => [
    String(index + 1),
    index === 0 ? session.colours.green(row.estimator) : row.estimator,
    ...shown.map(([key]) => metricText(row.metrics[key], rows[0].metrics[key])),
    ...(isTested ? [chance(row.difference)] : []),
    row.fitSeconds?.toFixed(2) ?? "–",
    figure(row.predictMicros, 3),
  ]);
  const failed = failedRows(comparison).map(({ estimator, code, message }) =>
    session.colours.red(`✗ ${estimator}: ${code}: ${message}`),
  );
  const note = isTested ? ["p: how likely models as good as the first differ as much from it over the folds"] : [];
  return [table(columns, cells, { session, none: "no pipeline was trained" }), ...note, ...failed].join("\n");
}

// Internal

const METRICS: readonly (readonly [key: string, head: string])[] = [
  ["rmse", "RMSE"],
  ["mae", "MAE"],
  ["r2", "R²"],
  ["accuracy", "accuracy"],
  ["balancedAccuracy", "balanced accuracy"],
  ["f1", "F1"],
  ["f1Macro", "F1 (macro)"],
  ["rocAuc", "ROC AUC"],
  ["logLoss", "log loss"],
  ["separation", "separation"],
  ["outlierShare", "outliers"],
  ["silhouette", "silhouette"],
  ["inertia", "inertia"],
];

function chance(difference: LeaderboardRow["difference"]): string {
  if (difference == null) return "–";
  return difference.p < 0.001 ? "<0.001" : difference.p.toFixed(3);
}

// All values of a column have as many decimals as give the best one five digits.
function metricText(value: number | undefined, best: number | undefined): string {
  if (value === undefined) return "–";
  const whole = Math.floor(Math.log10(Math.max(1, Math.abs(best ?? value)))) + 1;
  const digits = Math.max(0, 5 - whole);
  // `-0.0000` would make a reader look twice.
  const rounded = Number(value.toFixed(digits)) || 0;
  return rounded.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// The server may rank too; the order is made here so that a result is best first whoever answers.
function ranked({ leaderboard, sortedBy }: Comparison): Comparison["leaderboard"] {
  const sign = sortedBy.better === "higher" ? -1 : 1;
  const rank = (metrics: Comparison["leaderboard"][number]["metrics"]) => {
    const value = metrics?.[sortedBy.metric];
    return value === undefined ? Number.MAX_VALUE : sign * value;
  };
  return leaderboard.filter(({ status }) => status === "succeeded").sort((a, b) => rank(a.metrics) - rank(b.metrics));
}
