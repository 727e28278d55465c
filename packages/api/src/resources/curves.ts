// Learning and validation curves: a figure of a pipeline on rows learned from and on rows held out, at several places.
import { z } from "zod";
import { Name, Task } from "./common.ts";
import { Candidate, Split } from "./runs.ts";

const Place = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** Over numbers of rows, or with `param` over the values of a parameter. */
export const CurveRequest = z
  .object({
    dataset: Name,
    version: z.number().int().min(1).optional(),
    target: z.string().min(1),
    task: Task.optional(),
    candidate: Candidate,
    /** Columns that the recommended feature engineering leaves out. */
    leaveOut: z.array(z.string()).optional(),
    /** Must be folds. */
    split: Split.default({ kind: "folds", folds: 5 }),
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    /** A column of numbers: how much each row counts in the fits. */
    weights: z.string().min(1).optional(),
    /** Default: the one that ranks runs. */
    metric: z.string().min(1).optional(),
    /** Shares of the training rows up to 1, or above 1 numbers of rows; default: five from a tenth to all. */
    sizes: z.array(z.number().gt(0)).min(1).max(50).optional(),
    /** A parameter of the estimator, or `steps.0.NAME` of a step; goes with `values`. */
    param: z.string().min(1).max(200).optional(),
    values: z.array(Place).min(1).max(50).optional(),
  })
  .meta({ id: "CurveRequest" });

export const Curve = z
  .object({
    dataset: z.string(),
    version: z.number().int(),
    target: z.string(),
    task: Task,
    label: z.string(),
    metric: z.string(),
    higherIsBetter: z.boolean(),
    /** Null: the places are numbers of rows learned from. */
    param: z.string().nullable(),
    /** By place; `train` and `test` have one figure for each fold, null where it is undefined. */
    points: z.array(
      z.object({ at: Place, train: z.array(z.number().nullable()), test: z.array(z.number().nullable()) }),
    ),
    warnings: z.array(z.string()),
  })
  .meta({ id: "Curve" });

export type CurveRequest = z.infer<typeof CurveRequest>;
export type Curve = z.infer<typeof Curve>;
