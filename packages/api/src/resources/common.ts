// Pieces that several resources share.
import { z } from "zod";
import { ERRORS } from "../errors.ts";

/** Names of data sets, models and endpoints: they appear in paths, SQL and file names. */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "must start with a lower-case letter and hold only a-z, 0-9, _ and -, at most 63")
  .meta({ example: "diamonds" });

export const Timestamp = z.iso.datetime();

export const Task = z.enum(["regression", "classification", "clustering", "outliers"]);

/** Metric name to value: `rmse`, `mae`, `r2`, `accuracy`, `logLoss`, … */
/** A metric with the ends of its confidence interval. */
export const MetricInterval = z
  .object({ metric: z.string(), value: z.number(), low: z.number(), high: z.number(), confidence: z.number() })
  .meta({ id: "MetricInterval" });

export const Metrics = z.record(z.string(), z.number()).meta({ id: "Metrics" });

export const Problem = z.object({ code: z.string(), message: z.string() }).meta({ id: "Problem" });

export const ErrorBody = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(ERRORS) as [keyof typeof ERRORS, ...(keyof typeof ERRORS)[]]),
      message: z.string(),
      cure: z.string(),
      details: z.array(z.object({ field: z.string(), value: z.unknown().optional(), problem: z.string() })).optional(),
      retryAfter: z.number().optional(),
      requestId: z.string(),
    }),
  })
  .meta({ id: "Error" });

/** Money: `amount` in units of `currency`. */
export const Cost = z.object({ amount: z.number(), currency: z.string() }).meta({ id: "Cost" });

export type Task = z.infer<typeof Task>;
export type Metrics = z.infer<typeof Metrics>;
export type Cost = z.infer<typeof Cost>;
export type ErrorBody = z.infer<typeof ErrorBody>;
