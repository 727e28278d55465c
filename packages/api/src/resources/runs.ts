// Runs (one training each), their events, and comparisons of several runs on one split.
import { z } from "zod";
import { MetricInterval, Metrics, Name, Problem, Task, Timestamp } from "./common.ts";
import { RunPlan } from "./plans.ts";
import { RanksWish, RunRanks } from "./ranks.ts";

const ParamValue = z.union([z.number(), z.boolean(), z.string(), z.array(z.string()), z.null()]);

const Component = z.object({ type: z.string(), params: z.record(z.string(), ParamValue).optional() });

/** Transformers in order, then one estimator: plain JSON, so it can travel, be hashed and be reproduced. */
export const PipelineSpec = z
  .object({
    features: z.array(z.string()).optional(),
    steps: z.array(
      Component.extend({
        columns: z.union([z.enum(["all", "number", "category", "date", "text"]), z.array(z.string())]).optional(),
      }),
    ),
    estimator: Component,
  })
  .meta({ id: "PipelineSpec" });

export const Split = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("holdout"), testFraction: z.number().gt(0).lt(1) }),
    /** Trains on all rows; metrics are of the training rows. */
    z.object({ kind: z.literal("none") }),
    /** Cross-validates, then trains on all rows; metrics are means over the folds. */
    z.object({
      kind: z.literal("folds"),
      folds: z.number().int().min(2).max(50),
      /** A column whose rows of equal value stay together: a customer, a patient, a site. */
      groups: z.string().min(1).optional(),
      /** A column of dates or numbers: each fold is judged by what came before it; the earliest rows judge nothing. */
      time: z.string().min(1).optional(),
      /** Shuffles and folds so many times over. */
      repeats: z.number().int().min(1).max(20).optional(),
    }),
  ])
  .meta({ id: "Split" });

const Training = z.object({
  dataset: Name,
  version: z.number().int().min(1).optional(),
  /** The column to predict; clustering and outliers have none. */
  target: z.string().min(1).optional(),
  task: Task.optional(),
  /** Columns that the recommended feature engineering leaves out. */
  leaveOut: z.array(z.string()).optional(),
  split: Split.default({ kind: "holdout", testFraction: 0.2 }),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  /** A column of numbers: how much each row counts in the fit. It is no feature; held-out rows count alike. */
  weights: z.string().min(1).optional(),
});

/** Either a whole `pipeline`, or an `estimator` with `params` to which feature engineering is added as it needs. */
export const Candidate = z
  .object({
    /** How it is called in leaderboards; default: the estimator's name. */
    label: z.string().min(1).max(100).optional(),
    estimator: z.string().optional(),
    params: z.record(z.string(), ParamValue).optional(),
    pipeline: PipelineSpec.optional(),
  })
  .refine((candidate) => (candidate.estimator === undefined) !== (candidate.pipeline === undefined), {
    message: "give either `estimator` or `pipeline`",
  })
  .meta({ id: "Candidate" });

export const RunRequest = Training.extend({ candidate: Candidate, ...RanksWish });

export const ComparisonRequest = Training.extend({
  /** Default: one of each algorithm that fits the task. */
  candidates: z.array(Candidate).min(1).max(100).optional(),
});

/** Weights of a linear model in the columns' own units. */
export const LinearWeights = z.object({
  intercept: z.number(),
  weights: z.array(z.object({ feature: z.string(), weight: z.number() })),
});

export const Run = z
  .object({
    id: z.string(),
    comparison: z.string().nullable(),
    dataset: z.string(),
    version: z.number(),
    /** Null for clustering and outliers. */
    target: z.string().nullable(),
    task: Task,
    label: z.string(),
    pipeline: PipelineSpec,
    pipelineHash: z.string(),
    split: Split,
    seed: z.number(),
    /** The column with the rows' weights; null: all rows count alike. */
    weights: z.string().nullable(),
    status: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
    attempt: z.number(),
    metrics: Metrics.nullable(),
    /** Standard deviation of each metric over the folds, when the run was cross-validated. */
    deviations: Metrics.nullable(),
    /** Of the metric that ranks runs, by bootstrap (BCa) over the rows held out; null for other splits. */
    interval: MetricInterval.nullable(),
    linear: LinearWeights.nullable(),
    /** Loss after each epoch, tree or iteration. */
    history: z.array(z.object({ step: z.number(), loss: z.number(), validationLoss: z.number().optional() })),
    modelHash: z.string().nullable(),
    modelBytes: z.number().nullable(),
    fitSeconds: z.number().nullable(),
    /** Microseconds of one single-row prediction. */
    predictMicros: z.number().nullable(),
    cpuSeconds: z.number().nullable(),
    peakMemoryBytes: z.number().nullable(),
    plan: RunPlan.nullable(),
    /** Null: one process without MPI. */
    ranks: RunRanks.nullable(),
    error: Problem.nullable(),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Run" });

export const RunEvent = z
  .object({
    run: z.string(),
    seq: z.number(),
    at: Timestamp,
    type: z.enum(["queued", "started", "progress", "retried", "succeeded", "failed", "cancelled"]),
    /** For `progress`: stage, step, total, unit, loss, validationLoss; on ranks also rowsPerSecond, communicationSeconds. */
    data: z.record(z.string(), z.json()),
  })
  .meta({ id: "RunEvent" });

export const LeaderboardEntry = z
  .object({
    run: z.string(),
    /** The candidate's label. */
    estimator: z.string(),
    type: z.string(),
    status: Run.shape.status,
    metrics: Metrics.nullable(),
    /**
     * The ranking metric over the folds less that of the first entry, and how likely models that are equally good differ
     * as much (corrected resampled t-test, raised by Holm's steps); absent without folds, and for the first itself.
     */
    difference: z.object({ mean: z.number(), p: z.number() }).optional(),
    /** Where the ranking metric lies with 95 % confidence, over the rows held out; absent for folds. */
    interval: MetricInterval.optional(),
    fitSeconds: z.number().nullable(),
    predictMicros: z.number().nullable(),
    error: Problem.nullable(),
  })
  .meta({ id: "LeaderboardEntry" });

export const Comparison = z
  .object({
    id: z.string(),
    dataset: z.string(),
    version: z.number(),
    /** Null for clustering and outliers. */
    target: z.string().nullable(),
    task: Task,
    status: z.enum(["running", "finished"]),
    /** The metric that orders the leaderboard, and its direction. */
    sortedBy: z.object({ metric: z.string(), better: z.enum(["higher", "lower"]) }),
    leaderboard: z.array(LeaderboardEntry),
    createdAt: Timestamp,
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Comparison" });

/** A comparison in a list: without its leaderboard, but for the best entry. */
export const ComparisonSummary = Comparison.omit({ leaderboard: true })
  .extend({ runs: z.number().int(), best: LeaderboardEntry.nullable() })
  .meta({ id: "ComparisonSummary" });

/** Whether training again came to the same model. */
export const Reproduction = z
  .object({
    run: z.string(),
    original: z.string(),
    status: Run.shape.status,
    /** Whether the two model files have one SHA-256; null until the second run has succeeded. */
    same: z.boolean().nullable(),
    /** What differs: versions, Node, machine, chunks, ranks, metrics, the model's hash. Null: not recorded. */
    differences: z.array(
      z.object({
        what: z.string(),
        original: z.union([z.string(), z.number(), z.null()]),
        again: z.union([z.string(), z.number(), z.null()]),
      }),
    ),
  })
  .meta({ id: "Reproduction" });

export type Reproduction = z.infer<typeof Reproduction>;
export type ComparisonSummary = z.infer<typeof ComparisonSummary>;
export type PipelineSpec = z.infer<typeof PipelineSpec>;
export type Split = z.infer<typeof Split>;
export type Candidate = z.infer<typeof Candidate>;
export type Run = z.infer<typeof Run>;
export type RunEvent = z.infer<typeof RunEvent>;
export type LeaderboardEntry = z.infer<typeof LeaderboardEntry>;
export type Comparison = z.infer<typeof Comparison>;
