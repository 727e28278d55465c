// Retraining policies: when a model is trained anew, and what came of it each time.
import { z } from "zod";
import { Name, Timestamp } from "./common.ts";

export const PolicyRequest = z
  .object({
    /** The data set whose newest rows the model follows. */
    dataset: Name,
    /** Trains when so many rows were appended since the last time. */
    everyRows: z.number().int().min(1).optional(),
    /** Trains at these times: a cron expression of five fields, in UTC. */
    schedule: z.string().min(1).max(200).optional(),
    /** The alias that moves to a better version; it must point at a version now. */
    alias: Name.default("production"),
    /** What is compared; default: the metric that ranks runs of the model's task. */
    metric: z.string().optional(),
    /** Share by which the new version must be better, such as 0.01 for 1 %. */
    minImprovement: z.number().min(0).lt(1).default(0),
  })
  .meta({ id: "PolicyRequest" });

/** Both models on the same rows, which neither has learned from. */
export const RetrainingDecision = z
  .object({
    metric: z.string(),
    current: z.number().nullable(),
    candidate: z.number().nullable(),
    currentVersion: z.number().int(),
    /** Rows that were new, and how many of them both models were judged on. */
    newRows: z.number(),
    testRows: z.number(),
    /** Whether training went on from the current model. */
    incremental: z.boolean(),
    reason: z.string(),
  })
  .meta({ id: "RetrainingDecision" });

export const Retraining = z
  .object({
    id: z.string(),
    /** What set it off. */
    trigger: z.string(),
    /** `moved` and `kept` say what became of the alias. */
    status: z.enum(["waiting", "training", "moved", "kept", "skipped", "failed"]),
    datasetVersion: z.number().int(),
    run: z.string().nullable(),
    modelVersion: z.number().int().nullable(),
    decision: z.union([RetrainingDecision, z.object({ reason: z.string() })]).nullable(),
    createdAt: Timestamp,
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Retraining" });

export const Policy = z
  .object({
    model: z.string(),
    dataset: z.string(),
    everyRows: z.number().nullable(),
    schedule: z.string().nullable(),
    alias: z.string(),
    metric: z.string(),
    minImprovement: z.number(),
    /** Rows the data set had when the policy was last triggered by rows. */
    rowsSeen: z.number(),
    nextAt: Timestamp.nullable(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
    /** Newest first. */
    retrainings: z.array(Retraining),
  })
  .meta({ id: "Policy" });

export type Policy = z.infer<typeof Policy>;
export type Retraining = z.infer<typeof Retraining>;
export type RetrainingDecision = z.infer<typeof RetrainingDecision>;
