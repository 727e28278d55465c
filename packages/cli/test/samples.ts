// Resources as the server answers them, small.
import type { Comparison, DatasetVersion, RowSignature } from "@massif/api";

export const SIGNATURE: RowSignature = {
  task: "regression",
  target: "price",
  classes: null,
  inputs: [
    { name: "carat", kind: "number", example: 0.23 },
    { name: "cut", kind: "category", categories: ["Fair", "Good", "Ideal"], example: "Ideal" },
  ],
};

export const CLASSES: RowSignature = { ...SIGNATURE, task: "classification", target: "species", classes: ["a", "b"] };

export function comparison(better: "higher" | "lower", metric: string): Comparison {
  const entry = (estimator: string, metrics: Record<string, number> | null) => ({
    run: `run-${estimator}`,
    estimator,
    type: estimator,
    status: metrics === null ? ("failed" as const) : ("succeeded" as const),
    metrics,
    fitSeconds: 1.5,
    predictMicros: 2.25,
    error: metrics === null ? { code: "DIVERGED", message: "rate too large" } : null,
  });
  return {
    id: "c1",
    dataset: "diamonds",
    version: 1,
    target: "price",
    task: "regression",
    status: "finished",
    sortedBy: { metric, better },
    leaderboard: [
      entry("Broken", null),
      entry("Ridge", { rmse: 1200, mae: 800, r2: 0.91 }),
      entry("Forest", { rmse: 540, mae: 270, r2: 0.981 }),
      entry("Odd", {}),
    ],
    createdAt: "2026-11-23T10:00:00.000Z",
    finishedAt: "2026-11-23T10:01:00.000Z",
  };
}

export const DATASET: DatasetVersion = {
  dataset: "tiny",
  version: 2,
  status: "ready",
  source: "tiny.csv",
  rows: 4,
  appendedFrom: null,
  appendedRows: null,
  bytes: 1234,
  hash: "abc",
  columns: [
    { name: "x", kind: "number", role: "feature", notes: [] },
    { name: "id", kind: "text", role: "identifier", notes: ["all values differ"] },
  ],
  profile: [
    {
      name: "x",
      count: 4,
      missing: 1,
      distinct: 3,
      min: 1,
      max: 4,
      mean: 2.5,
      std: 1,
      quantiles: null,
      histogram: [
        { from: 1, to: 2, count: 2 },
        { from: 2, to: 4, count: 1 },
      ],
      top: null,
    },
  ],
  suggestedTarget: "x",
  warnings: ["row 3 has no x"],
  error: null,
  createdAt: "2026-11-23T10:00:00.000Z",
  finishedAt: "2026-11-23T10:00:01.000Z",
};
