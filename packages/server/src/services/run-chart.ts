// The charts of a run as the API shows them, from what the training stored.
import { type Metrics, RunChart } from "@massif/api";
import type { Row } from "../store/schema.ts";

/** What the pictures of a run are drawn from; undefined while it has no result. */
export function runChart(row: Pick<Row<"runs">, "chart">): RunChart | undefined {
  const { success, data } = RunChart.safeParse(row.chart);
  return success ? data : undefined;
}

/** How far the folds of a cross-validated run differ: the population's standard deviation of each metric. */
export function deviations({ chart }: Pick<Row<"runs">, "chart">): Metrics | null {
  const folds = (chart as { folds?: Metrics[] | null } | null)?.folds ?? null;
  if (folds === null || folds.length === 0) return null;
  const names = [...new Set(folds.flatMap((figures) => Object.keys(figures)))];
  return Object.fromEntries(names.map((name) => [name, spread(folds.flatMap((figures) => figures[name] ?? []))]));
}

// Internal

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
