// How the platform would train: what it chose, what else there is, and what it predicts of each.
import { z } from "zod";
import { Cost, Task } from "./common.ts";

/** A prediction with the band in which nine of ten outcomes should lie. */
export const Estimate = z.object({ expected: z.number(), low: z.number(), high: z.number() }).meta({ id: "Estimate" });

/** `outofcore` reads the rows in chunks, again in every pass; `ranks` are processes that train one model over MPI. */
export const PlanMode = z.enum(["memory", "threads", "outofcore", "ranks"]);

export const PlanOption = z
  .object({
    mode: PlanMode,
    threads: z.number().int(),
    /** Processes that train together; 1 but for `ranks`. */
    ranks: z.number().int(),
    /** Rows of a chunk, out of core. */
    chunkRows: z.number().int().nullable(),
    feasible: z.boolean(),
    /** Why it is not, or what speaks for it. */
    reason: z.string(),
    /** From the start of the training process to its end. */
    seconds: Estimate.nullable(),
    /** Resident memory of the training process at its peak. */
    memoryBytes: Estimate.nullable(),
    cost: Cost.nullable(),
  })
  .meta({ id: "PlanOption" });

/** What predictions rest on: calibrations and earlier runs of the estimator on this machine. */
export const PlanBasis = z.object({ calibrations: z.number().int(), runs: z.number().int() });

export const Plan = z
  .object({
    dataset: z.string(),
    version: z.number().int(),
    target: z.string(),
    task: Task,
    estimator: z.string(),
    rows: z.number(),
    /** Columns that the estimator sees once the steps have run. */
    features: z.number(),
    machine: z.object({ cores: z.number(), taskMemoryMb: z.number() }),
    choice: PlanMode,
    reason: z.string(),
    options: z.array(PlanOption),
    basis: PlanBasis,
    warnings: z.array(z.string()),
  })
  .meta({ id: "Plan" });

/** The plan a run was trained by, and once it has ended how right it was. */
export const RunPlan = PlanOption.omit({ feasible: true })
  .extend({
    basis: PlanBasis,
    actual: z
      .object({ seconds: z.number(), memoryBytes: z.number(), withinBand: z.boolean() })
      .nullable()
      .meta({ description: "What the training took, and whether that lies within both bands" }),
  })
  .meta({ id: "RunPlan" });

export type Estimate = z.infer<typeof Estimate>;
export type PlanMode = z.infer<typeof PlanMode>;
export type PlanOption = z.infer<typeof PlanOption>;
export type Plan = z.infer<typeof Plan>;
export type RunPlan = z.infer<typeof RunPlan>;
