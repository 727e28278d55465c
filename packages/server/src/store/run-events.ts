// The table `run_events`: what happened in a run, in order; the live stream of a run is this table read from a
// sequence number on.
import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { json } from "./json.ts";
import { PAGE_LIMIT } from "./page.ts";
import type { JsonObject, Row } from "./schema.ts";

/** One thing that happened. */
export interface NewRunEvent {
  type: string;
  data: JsonObject;
  /** Defaults to the time of the insert. */
  at?: Date;
}

/** Appends events to a run; they get the next numbers, from 1 without gaps, however many append at once. */
export async function appendRunEvents(
  db: Executor,
  { runId, events }: { runId: string; events: readonly NewRunEvent[] },
): Promise<Row<"run_events">[]> {
  if (events.length === 0) return [];
  return db
    .with("counted", (cte) =>
      cte
        .updateTable("runs")
        .set((eb) => ({ event_count: eb("event_count", "+", events.length) }))
        .where("id", "=", runId)
        .returning("event_count"),
    )
    .insertInto("run_events")
    .values((eb) =>
      events.map((event, i) => ({
        run_id: runId,
        seq: eb.selectFrom("counted").select(sql<number>`event_count - ${sql.lit(events.length - 1 - i)}`.as("seq")),
        at: event.at ?? new Date(),
        type: event.type,
        data: json(event.data),
      })),
    )
    .returningAll()
    .execute();
}

/** The events of a run after a number, in order. */
export function listRunEvents(
  db: Executor,
  { runId, after = 0, limit = PAGE_LIMIT.most }: { runId: string; after?: number; limit?: number },
): Promise<Row<"run_events">[]> {
  return db
    .selectFrom("run_events")
    .selectAll()
    .where("run_id", "=", runId)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(Math.min(limit, PAGE_LIMIT.most))
    .execute();
}
