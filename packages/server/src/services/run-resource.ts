// Runs, their events and leaderboards as the API shows them, from their rows.
import type { ComparisonSummary, LeaderboardEntry, PipelineSpec, Run, RunEvent, Split, Task } from "@massif/api";
import { METRICS } from "@massif/learn";
import type { Row } from "../store/schema.ts";
import { foldDifferences } from "./fold-differences.ts";
import { deviations, runChart } from "./run-chart.ts";
import { planResource } from "./run-plan.ts";
import { ranksResource } from "./run-ranks.ts";

/** What people call the version a run was trained on. */
export interface VersionName {
  readonly dataset: string;
  readonly version: number;
}

export function runResource(row: Row<"runs">, { dataset, version }: VersionName): Run {
  return {
    id: row.id,
    comparison: row.comparison_id,
    dataset,
    version,
    target: targetOf(row),
    task: row.task as Task,
    label: row.label,
    pipeline: pipelineOf(row),
    pipelineHash: row.pipeline_hash,
    split: row.split as unknown as Split,
    seed: row.seed,
    weights: row.weights,
    status: row.status,
    attempt: row.attempt,
    metrics: row.metrics as Run["metrics"],
    deviations: deviations(row),
    interval: runChart(row)?.interval ?? null,
    linear: row.linear as unknown as Run["linear"],
    history: (row.history ?? []) as unknown as Run["history"],
    modelHash: row.artifact,
    modelBytes: row.model_bytes,
    fitSeconds: row.fit_seconds,
    predictMicros: row.predict_micros,
    cpuSeconds: row.cpu_seconds,
    peakMemoryBytes: row.peak_memory_bytes,
    plan: planResource(row),
    ranks: ranksResource(row),
    error: problemOf(row),
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

export function eventResource(row: Row<"run_events">): RunEvent {
  return {
    run: row.run_id,
    seq: row.seq,
    at: row.at.toISOString(),
    type: row.type as RunEvent["type"],
    data: row.data as RunEvent["data"],
  };
}

/** The metric that ranks runs of a task: the first that the library lists for it. */
export function rankedBy(task: Task): { metric: string; better: "higher" | "lower" } {
  const first = METRICS.find((metric) => metric.task === task);
  if (first === undefined) throw new Error(`no metric is known for ${task}`);
  return { metric: first.name, better: first.direction };
}

/** Runs from best to worst; those without figures come last, in the order in which they were asked for. */
export function leaderboard(rows: readonly Row<"runs">[], task: Task): LeaderboardEntry[] {
  const { metric, better } = rankedBy(task);
  const sign = better === "higher" ? -1 : 1;
  const key = (row: Row<"runs">) => {
    const value = row.metrics?.[metric];
    return typeof value === "number" ? sign * value : Number.POSITIVE_INFINITY;
  };
  const place = (a: Row<"runs">, b: Row<"runs">) => (key(a) === key(b) ? 0 : key(a) - key(b)) || (a.id < b.id ? -1 : 1);
  const placed = [...rows].sort(place);
  const differences = foldDifferences(placed, metric);
  return placed.map((row) => entryOf(row, differences.get(row.id)));
}

/** A comparison without its leaderboard, but for the best run. */
export function comparisonSummary(
  row: Row<"comparisons">,
  runs: readonly Row<"runs">[],
  { dataset, version }: VersionName,
): ComparisonSummary {
  const task = row.task as Task;
  const [best] = leaderboard(runs, task);
  return {
    id: row.id,
    dataset,
    version,
    target: targetOf(row),
    task,
    status: row.finished_at === null ? "running" : "finished",
    sortedBy: rankedBy(task),
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    runs: runs.length,
    best: best?.metrics == null ? null : best,
  };
}

/** The column to predict, or null for tasks without one, which is stored as the empty text: no column is called that. */
export function targetOf({ target }: Pick<Row<"runs">, "target">): string | null {
  return target === "" ? null : target;
}

export function pipelineOf(row: Row<"runs">): PipelineSpec {
  return row.pipeline as unknown as PipelineSpec;
}

// Internal

function entryOf(row: Row<"runs">, difference: LeaderboardEntry["difference"]): LeaderboardEntry {
  const interval = runChart(row)?.interval;
  return {
    run: row.id,
    estimator: row.label,
    type: pipelineOf(row).estimator.type,
    status: row.status,
    metrics: row.metrics as Run["metrics"],
    ...(difference === undefined ? {} : { difference }),
    ...(interval === undefined ? {} : { interval }),
    fitSeconds: row.fit_seconds,
    predictMicros: row.predict_micros,
    error: problemOf(row),
  };
}

function problemOf(row: Row<"runs">): Run["error"] {
  return row.error === null ? null : { code: row.error.code, message: row.error.message };
}
