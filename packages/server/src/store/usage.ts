// The table `usage`: what was used, in windows of time. A flush that is written again (after a kill or a lost answer)
// carries the same flush id and counts once.
// What is new is added to the month's spend in the same statement.
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
  /** The price table that `cost` was made with. */
  priceId?: string | null;
  seconds?: number;
  storedGbHours?: number;
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
  seconds: number;
  storedGbHours: number;
}

/** Usage of one kind, key, endpoint and model under one price table. */
export type InvoiceTotal = Omit<UsageTotal, "group"> &
  Pick<Row<"usage">, "price_id" | "kind" | "key_id" | "endpoint_id" | "model_version_id">;

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
    price_id: entry.priceId ?? null,
    seconds: entry.seconds ?? 0,
    stored_gb_hours: entry.storedGbHours ?? 0,
  }));
  const { written } = await db
    .with("written", (cte) =>
      cte
        .insertInto("usage")
        .values(rows)
        .onConflict((on) => on.column("flush_id").doNothing())
        .returning(["project_id", "key_id", "window_start", "cost"]),
    )
    .with("spent", (cte) =>
      cte
        .insertInto("spend")
        .columns(["project_id", "month", "key_id", "amount"])
        .expression((eb) =>
          eb
            .selectFrom("written")
            .select([
              "project_id",
              monthOf.as("month"),
              sql<string>`coalesce(key_id, '')`.as("key_id"),
              sql<number>`sum(cost)`.as("amount"),
            ])
            .where("cost", ">", 0)
            // One order for all writers, so that no two wait for each other.
            .groupBy([sql`1`, sql`2`, sql`3`])
            .orderBy(sql`1, 2, 3`),
        )
        .onConflict((on) =>
          on.columns(["project_id", "month", "key_id"]).doUpdateSet((eb) => ({
            amount: eb("spend.amount", "+", eb.ref("excluded.amount")),
          })),
        ),
    )
    .selectFrom("written")
    .select(({ fn }) => fn.countAll<number>().as("written"))
    .executeTakeFirstOrThrow();
  return Number(written);
}

/** Adds a project's usage up by a column, or by day (UTC), over windows that began in [from, to). */
export function sumUsage(
  db: Executor,
  { projectId, from, to, by }: { projectId: string; from: Date; to: Date; by: UsageGroup },
): Promise<UsageTotal[]> {
  const day = sql<string | null>`to_char(window_start at time zone 'UTC', 'YYYY-MM-DD')`;
  // What a training cost is its model's, once it is registered; the newest version where there are several.
  const model = sql<string | null>`coalesce(model_version_id,
    (select max(v.id) from model_versions v where v.run_id = usage.run_id))`;
  const group = by === "day" ? day : by === "model_version_id" ? model : sql<string | null>`${sql.ref(by)}`;
  return db
    .selectFrom("usage")
    .select([group.as("group"), ...FIGURES.map(total)])
    .where("project_id", "=", projectId)
    .where("window_start", ">=", from)
    .where("window_start", "<", to)
    .groupBy(sql`1`)
    .orderBy(sql`1`)
    .execute();
}

/** A project's usage of windows that began in [from, to), by everything an invoice tells apart. */
export function sumForInvoice(
  db: Executor,
  { projectId, from, to }: { projectId: string; from: Date; to: Date },
): Promise<InvoiceTotal[]> {
  return db
    .selectFrom("usage")
    .select(["price_id", "kind", "key_id", "endpoint_id", "model_version_id", ...FIGURES.map(total)])
    .where("project_id", "=", projectId)
    .where("window_start", ">=", from)
    .where("window_start", "<", to)
    .groupBy(["price_id", "kind", "key_id", "endpoint_id", "model_version_id"])
    .orderBy(sql`1, 2, 3, 4, 5`)
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

/** The newest window of storage that was counted for a project; undefined when none was. */
export async function lastStorageWindow(db: Executor, projectId: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom("usage")
    .select("window_start")
    .where("project_id", "=", projectId)
    .where("kind", "=", "storage")
    .orderBy("window_start", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.window_start;
}

// Internal

const monthOf = sql<string>`to_char(window_start at time zone 'UTC', 'YYYY-MM')`;

const FIGURES = [
  ["requests", "requests"],
  ["errors", "errors"],
  ["rows", "rows"],
  ["cpu_seconds", "cpuSeconds"],
  ["memory_mb_seconds", "memoryMbSeconds"],
  ["bytes_in", "bytesIn"],
  ["bytes_out", "bytesOut"],
  ["cost", "cost"],
  ["seconds", "seconds"],
  ["stored_gb_hours", "storedGbHours"],
] as const;

// Sums of bigint are numeric, which drivers return as text: as double they are exact up to 2^53.
function total<const N extends string>([column, name]: readonly [string, N]) {
  return sql<number>`sum(${sql.ref(column)})::double precision`.as(name);
}
