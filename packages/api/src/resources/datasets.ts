// Data sets, their immutable versions, profiles, and SQL over them.
import { z } from "zod";
import { Name, Problem, Timestamp } from "./common.ts";

export const ColumnInfo = z
  .object({
    name: z.string(),
    kind: z.enum(["number", "category", "date", "text"]),
    role: z.enum(["feature", "identifier", "constant", "empty"]),
    /** Why it was read so, in words. */
    notes: z.array(z.string()),
  })
  .meta({ id: "ColumnInfo" });

export const ColumnProfile = z
  .object({
    name: z.string(),
    count: z.number(),
    missing: z.number(),
    distinct: z.number(),
    min: z.union([z.number(), z.string()]).nullable(),
    max: z.union([z.number(), z.string()]).nullable(),
    mean: z.number().nullable(),
    std: z.number().nullable(),
    quantiles: z
      .object({ q05: z.number(), q25: z.number(), q50: z.number(), q75: z.number(), q95: z.number() })
      .nullable(),
    histogram: z.array(z.object({ from: z.number(), to: z.number(), count: z.number() })).nullable(),
    top: z.array(z.object({ value: z.string(), count: z.number() })).nullable(),
  })
  .meta({ id: "ColumnProfile" });

export const DatasetVersion = z
  .object({
    dataset: z.string(),
    version: z.number().int(),
    status: z.enum(["importing", "ready", "failed"]),
    source: z.string(),
    rows: z.number().nullable(),
    /** The version whose rows this one begins with, and how many rows after them are new. */
    appendedFrom: z.number().int().nullable(),
    appendedRows: z.number().nullable(),
    bytes: z.number().nullable(),
    hash: z.string().nullable(),
    columns: z.array(ColumnInfo).nullable(),
    profile: z.array(ColumnProfile).nullable(),
    suggestedTarget: z.string().nullable(),
    warnings: z.array(z.string()),
    error: Problem.nullable(),
    createdAt: Timestamp,
    finishedAt: Timestamp.nullable(),
  })
  .meta({ id: "DatasetVersion" });

export const Dataset = z
  .object({
    name: z.string(),
    createdAt: Timestamp,
    latest: DatasetVersion.omit({ columns: true, profile: true }).nullable(),
  })
  .meta({ id: "Dataset" });

export const UploadQuery = z.object({
  name: Name,
  /** The file's own name: its ending tells the format unless `format` does. */
  filename: z.string().min(1).max(255),
  format: z.enum(["csv", "tsv", "json", "parquet"]).optional(),
});

export const AppendQuery = UploadQuery.omit({ name: true }).extend({
  /** Columns that the file lacks are missing in its rows; otherwise such a file is refused. */
  fillMissing: z.stringbool().default(false),
});

export const SqlRequest = z.object({
  /** One SELECT; data sets are tables by their names, at their latest version. */
  sql: z.string().min(1).max(100_000),
  limit: z.number().int().min(1).max(100_000).default(1000),
});

export const SqlResult = z
  .object({
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.json())),
    truncated: z.boolean(),
    seconds: z.number(),
  })
  .meta({ id: "SqlResult" });

export type ColumnInfo = z.infer<typeof ColumnInfo>;
export type ColumnProfile = z.infer<typeof ColumnProfile>;
export type DatasetVersion = z.infer<typeof DatasetVersion>;
export type Dataset = z.infer<typeof Dataset>;
export type SqlResult = z.infer<typeof SqlResult>;
