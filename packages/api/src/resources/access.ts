// API keys, usage, the audit log, and the server itself.
import { z } from "zod";
import { Cost, Task, Timestamp } from "./common.ts";
import { MonthlyBudget, RequestsPerMinute } from "./money.ts";

/** From most to least: each role may do what the next one may, `predict` only call endpoints. */
export const ROLES = ["admin", "member", "viewer", "predict"] as const;
export const Role = z.enum(ROLES);

export const KeyRequest = z.object({
  name: z.string().min(1).max(100),
  role: Role.default("member"),
  monthlyBudget: MonthlyBudget.default(null),
  requestsPerMinute: RequestsPerMinute.default(null),
});

export const Key = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    /** The first characters of the secret, to tell keys apart. */
    prefix: z.string(),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    revokedAt: Timestamp.nullable(),
    monthlyBudget: MonthlyBudget,
    requestsPerMinute: RequestsPerMinute,
  })
  .meta({ id: "Key" });

/** `secret` is shown this one time and stored only as a hash. */
export const NewKey = Key.extend({ secret: z.string() }).meta({ id: "NewKey" });

export const UsageQuery = z.object({
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  groupBy: z.enum(["key", "endpoint", "model", "kind", "day"]).default("kind"),
});

export const UsageRow = z
  .object({
    group: z.string(),
    requests: z.number(),
    errors: z.number(),
    rows: z.number(),
    cpuSeconds: z.number(),
    memoryMbSeconds: z.number(),
    /** Time on the clock: of tasks, and of replicas that hold memory. */
    seconds: z.number(),
    storedGbHours: z.number(),
    bytesIn: z.number(),
    bytesOut: z.number(),
    cost: Cost,
  })
  .meta({ id: "UsageRow" });

export const Usage = z
  .object({ from: Timestamp, to: Timestamp, rows: z.array(UsageRow), total: UsageRow })
  .meta({ id: "Usage" });

export const AuditEntry = z
  .object({
    id: z.string(),
    at: Timestamp,
    key: z.string().nullable(),
    action: z.string(),
    resource: z.string(),
    detail: z.record(z.string(), z.json()),
    requestId: z.string().nullable(),
  })
  .meta({ id: "AuditEntry" });

export const Health = z
  .object({
    /** `degraded`: it works, but a part does not. */
    status: z.enum(["ok", "degraded", "unhealthy"]),
    checks: z.array(
      z.object({
        name: z.string(),
        ok: z.boolean(),
        /** Why it is not ok. */
        reason: z.string().nullable(),
        /** What is worth knowing of it. */
        note: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: "Health" });

export const SystemInfo = z
  .object({
    version: z.string(),
    node: z.string(),
    platform: z.string(),
    database: z.enum(["pglite", "postgres"]),
    home: z.string(),
    cores: z.number(),
    kernelVariant: z.string(),
    memoryBytes: z.number(),
    startedAt: Timestamp,
    startupSeconds: z.number(),
  })
  .meta({ id: "SystemInfo" });

const CatalogueParam = z.object({
  type: z.enum(["float", "int", "boolean", "choice", "string", "strings"]),
  default: z.union([z.number(), z.boolean(), z.string(), z.array(z.string()), z.null()]),
  /** What it may be, in words. */
  allowed: z.string(),
  /** The words to choose from, for `choice`. */
  choices: z.array(z.string()).nullable(),
  doc: z.string(),
});

export const CatalogueEntry = z
  .object({
    name: z.string(),
    kind: z.enum(["estimator", "transformer"]),
    task: Task.nullable(),
    /** Whether rows may have weights; null for transformers. */
    weighs: z.boolean().nullable(),
    doc: z.string(),
    source: z.string(),
    params: z.record(z.string(), CatalogueParam),
  })
  .meta({ id: "CatalogueEntry" });

export type Role = z.infer<typeof Role>;
export type Key = z.infer<typeof Key>;
export type NewKey = z.infer<typeof NewKey>;
export type Usage = z.infer<typeof Usage>;
export type UsageRow = z.infer<typeof UsageRow>;
export type AuditEntry = z.infer<typeof AuditEntry>;
export type Health = z.infer<typeof Health>;
export type SystemInfo = z.infer<typeof SystemInfo>;
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;
