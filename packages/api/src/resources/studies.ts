// Studies: many trials of one pipeline with different parameters, to find the best ones.
import { z } from "zod";
import { Metrics, Name, Problem, Timestamp } from "./common.ts";
import { Candidate, PipelineSpec } from "./runs.ts";

/** A study tunes what predicts. */
const Task = z.enum(["regression", "classification"]);

/** What is kept from all trials, to judge the refitted run; the same rows as in a run of the same seed. */
export const StudySplit = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("holdout"), testFraction: z.number().gt(0).lt(1) }),
    /** Nothing: the run is then trained on all rows, and its metrics are of these. */
    z.object({ kind: z.literal("none") }),
  ])
  .meta({ id: "StudySplit" });

/** How a trial is judged. The rows that `split` holds out are seen by no trial: the refitted run is judged on these. */
export const Evaluation = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("holdout"), validationFraction: z.number().gt(0).lt(1) }),
    z.object({ kind: z.literal("folds"), folds: z.number().int().min(2).max(50) }),
  ])
  .meta({ id: "Evaluation" });

/**
 * Parameters to search by name: an estimator's own, or `steps.0.NAME` for a step's. Each is `true` for the range that
 * the estimator declares, or one of its own: {"type": "float" | "int", "min", "max", "log"?, "step"?},
 * {"type": "categorical", "choices"}; with `when`, it exists only where other parameters have certain values.
 */
export const SearchSpace = z.record(z.string(), z.json()).meta({ id: "SearchSpace" });

const Sampler = z.object({ name: z.enum(["tpe", "random", "grid"]) }).catchall(z.json());
const Pruner = z.object({ name: z.enum(["none", "median", "halving"]) }).catchall(z.json());

const MOST_TRIALS = 10_000;
const MOST_SECONDS = 30 * 86_400;

const trials = z.number().int().min(1).max(MOST_TRIALS);
const parallel = z.number().int().min(1).max(64);
const timeoutSeconds = z.number().gt(0).max(MOST_SECONDS);

export const StudyRequest = z
  .object({
    /** Default: the data set's name and a number. */
    name: Name.optional(),
    dataset: Name,
    version: z.number().int().min(1).optional(),
    target: z.string().min(1),
    task: Task.optional(),
    /** Columns that a recommended pipeline shall not use. */
    leaveOut: z.array(z.string().min(1)).max(10_000).optional(),
    /** What is tuned; its own parameters stay as they are unless `space` names them. */
    candidate: Candidate,
    /** Default: what the estimator declares as worth searching, without what `candidate` fixes. */
    space: SearchSpace.optional(),
    sampler: Sampler.default({ name: "tpe" }),
    pruner: Pruner.default({ name: "median" }),
    /** Default: the metric that ranks runs of the task. */
    metric: z.string().optional(),
    trials: trials.default(50),
    /** How many trials run at once. Default: one per core of the server. */
    parallel: parallel.optional(),
    /** From the start, and again from each resumption. */
    timeoutSeconds: timeoutSeconds.optional(),
    split: StudySplit.default({ kind: "holdout", testFraction: 0.2 }),
    evaluation: Evaluation.default({ kind: "holdout", validationFraction: 0.25 }),
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    /** A column of numbers: how much each row counts in the fits. It is no feature; rows that judge count alike. */
    weights: z.string().min(1).optional(),
  })
  .meta({ id: "StudyRequest" });

export const ResumeRequest = z
  .object({
    /** A new number of trials, those that were begun included. */
    trials: trials.optional(),
    parallel: parallel.optional(),
    timeoutSeconds: timeoutSeconds.optional(),
  })
  .meta({ id: "ResumeRequest" });

const ParamValue = z.union([z.number(), z.boolean(), z.string(), z.null()]);

export const Trial = z
  .object({
    /** From 0; no number is used twice. */
    number: z.number(),
    params: z.record(z.string(), ParamValue),
    /** `waiting`: begun, not ended, and no process is at it. */
    state: z.enum(["waiting", "running", "complete", "pruned", "failed"]),
    /** The study's metric on the validation rows. */
    value: z.number().nullable(),
    metrics: Metrics.nullable(),
    /** Epochs, trees or folds done, and planned. */
    step: z.number(),
    total: z.number().nullable(),
    unit: z.string().nullable(),
    /** Why it failed or was pruned. */
    reason: z.string().nullable(),
    /** How often it was begun: more than once after a process died. */
    attempts: z.number(),
    seconds: z.number().nullable(),
    startedAt: Timestamp,
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Trial" });

/** A trial with what it reported on its way; null where that was no finite number. */
export const TrialReports = Trial.extend({
  reports: z.array(z.object({ step: z.number(), value: z.number().nullable() })),
}).meta({ id: "TrialReports" });

export const Study = z
  .object({
    name: z.string(),
    dataset: z.string(),
    version: z.number(),
    target: z.string(),
    task: Task,
    /** The estimator's name, or the candidate's label. */
    label: z.string(),
    /** With the parameters that stay fixed, and the defaults of those that are searched. */
    pipeline: PipelineSpec,
    space: SearchSpace,
    sampler: z.record(z.string(), z.json()),
    pruner: z.record(z.string(), z.json()),
    metric: z.string(),
    better: z.enum(["higher", "lower"]),
    split: StudySplit,
    evaluation: Evaluation,
    seed: z.number(),
    /** The column with the rows' weights; null: all rows count alike. */
    weights: z.string().nullable(),
    trials: z.number(),
    parallel: z.number(),
    timeoutSeconds: z.number().nullable(),
    status: z.enum(["running", "stopped", "finished", "failed"]),
    /** How many trials are in each state. */
    counts: z.object({
      waiting: z.number(),
      running: z.number(),
      complete: z.number(),
      pruned: z.number(),
      failed: z.number(),
    }),
    /** Steps (epochs, trees or folds) of all trials together. */
    steps: z.number(),
    best: Trial.nullable(),
    /** The run that refits the best parameters; null before the last trial has ended. */
    run: z.string().nullable(),
    error: Problem.nullable(),
    createdAt: Timestamp,
    startedAt: Timestamp,
    /** When it must be over. */
    deadline: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "Study" });

/** The study and those of its trials that changed since the event before. */
export const StudyEvent = z
  .object({ seq: z.number(), study: Study, trials: z.array(Trial) })
  .meta({ id: "StudyEvent" });

export type StudySplit = z.infer<typeof StudySplit>;
export type Evaluation = z.infer<typeof Evaluation>;
export type StudyRequest = z.infer<typeof StudyRequest>;
export type ResumeRequest = z.infer<typeof ResumeRequest>;
export type Trial = z.infer<typeof Trial>;
export type TrialReports = z.infer<typeof TrialReports>;
export type Study = z.infer<typeof Study>;
export type StudyEvent = z.infer<typeof StudyEvent>;
