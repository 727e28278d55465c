// The table `usage`: what was used, in windows of time. A flush that is written again (after a kill or a lost answer)
// carries the same flush id and counts once.
import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import type { Row, UsageKind } from "./schema.ts";

/** One counter of one window; what is left out is zero. */
export interface NewUsage {
  flushId: string;
  windowStart: Date;
  projectId: string;
  keyId?: string | null;
  endpointId?: string | null;
  modelVersionId?: string | null;
  runId?: string | null;
  kind: UsageKind;
  requests?: number;
  errors?: number;
  rows?: number;
  cpuSeconds?: number;
  memoryMbSeconds?: number;
  bytesIn?: number;
  bytesOut?: number;
  cost?: number;
}

/** What to add up usage by. */
export type UsageGroup = "day" | "kind" | "key_id" | "endpoint_id" | "model_version_id" | "run_id";

/** Usage added up over a span of time. */
export interface UsageTotal {
  /** The group's value, null where a row has none. */
  group: string | null;
  requests: number;
  errors: number;
  rows: number;
  cpuSeconds: number;
  memoryMbSeconds: number;
  bytesIn: number;
  bytesOut: number;
  cost: number;
}

/** Writes counters, skipping those whose flush id is there already; returns how many were new. */
export async function insertUsage(db: Executor, entries: readonly NewUsage[]): Promise<number> {
  if (entries.length === 0) return 0;
  const rows = entries.map((entry) => ({
    id: newId("use"),
    flush_id: entry.flushId,
    window_start: entry.windowStart,
    project_id: entry.projectId,
    key_id: entry.keyId ?? null,
    endpoint_id: entry.endpointId ?? null,
    model_version_id: entry.modelVersionId ?? null,
    run_id: entry.runId ?? null,
    kind: entry.kind,
    requests: entry.requests ?? 0,
    errors: entry.errors ?? 0,
    rows: entry.rows ?? 0,
    cpu_seconds: entry.cpuSeconds ?? 0,
    memory_mb_seconds: entry.memoryMbSeconds ?? 0,
    bytes_in: entry.bytesIn ?? 0,
    bytes_out: entry.bytesOut ?? 0,
    cost: entry.cost ?? 0,
  }));
  const result = await db
    .insertInto("usage")
    .values(rows)
    .onConflict((on) => on.column("flush_id").doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0n);
}

/** Adds a project's usage up by a column, or by day (UTC), over windows that began in [from, to). */
export function sumUsage(
  db: Executor,
  { projectId, from, to, by }: { projectId: string; from: Date; to: Date; by: UsageGroup },
): Promise<UsageTotal[]> {
  // Sums of bigint are numeric, which drivers return as text: as double they are exact up to 2^53.
  const total = (
    column: "requests" | "errors" | "rows" | "cpu_seconds" | "memory_mb_seconds" | "bytes_in" | "bytes_out" | "cost",
  ) => sql<number>`sum(${sql.ref(column)})::double precision`;
  const day = sql<string | null>`to_char(window_start at time zone 'UTC', 'YYYY-MM-DD')`;
  const group = by === "day" ? day : sql<string | null>`${sql.ref(by)}`;
  return db
    .selectFrom("usage")
    .select([
      group.as("group"),
      total("requests").as("requests"),
      total("errors").as("errors"),
      total("rows").as("rows"),
      total("cpu_seconds").as("cpuSeconds"),
      total("memory_mb_seconds").as("memoryMbSeconds"),
      total("bytes_in").as("bytesIn"),
      total("bytes_out").as("bytesOut"),
      total("cost").as("cost"),
    ])
    .where("project_id", "=", projectId)
    .where("window_start", ">=", from)
    .where("window_start", "<", to)
    .groupBy(group)
    .orderBy(group)
    .execute();
}

/** A project's usage rows of windows that began in [from, to), in order of time. */
export function listUsage(
  db: Executor,
  { projectId, from, to }: { projectId: string; from: Date; to: Date },
): Promise<Row<"usage">[]> {
  return db
    .selectFrom("usage")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("window_start", ">=", from)
    .where("window_start", "<", to)
    .orderBy("window_start")
    .orderBy("id")
    .execute();
}
