// Rows of `usage` whose window is still open: written again and again with the window's whole sum so far. The month's
// spend gets what a row's cost grew by, in the same statement.
import { sql } from "kysely";
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import type { NewUsage } from "./usage.ts";

/** The sum so far of one window; it only grows. */
export type RunningUsage = NewUsage & Required<Pick<NewUsage, "seconds" | "memoryMbSeconds" | "cost" | "priceId">>;

/** Writes the sums of open windows; only one process may write a given flush id. */
export async function writeRunningUsage(db: Executor, rows: readonly RunningUsage[]): Promise<void> {
  if (rows.length === 0) return;
  const given = JSON.stringify(
    rows.map((row) => ({
      id: newId("use"),
      flush_id: row.flushId,
      window_start: row.windowStart,
      project_id: row.projectId,
      endpoint_id: row.endpointId ?? null,
      model_version_id: row.modelVersionId ?? null,
      kind: row.kind,
      seconds: row.seconds,
      memory_mb_seconds: row.memoryMbSeconds,
      cost: row.cost,
      price_id: row.priceId,
    })),
  );
  await sql`
    with given as (
      select * from jsonb_to_recordset(${given}::text::jsonb) as given (
        id text, flush_id text, window_start timestamptz, project_id text, endpoint_id text, model_version_id text,
        kind text, seconds float8, memory_mb_seconds float8, cost float8, price_id text)
    ),
    grown as (
      select given.project_id, given.window_start, given.cost - coalesce(usage.cost, 0) as amount
      from given left join usage on usage.flush_id = given.flush_id
    ),
    written as (
      insert into usage (id, flush_id, window_start, project_id, endpoint_id, model_version_id, kind, seconds,
        memory_mb_seconds, cost, price_id)
      select id, flush_id, window_start, project_id, endpoint_id, model_version_id, kind, seconds, memory_mb_seconds,
        cost, price_id
      from given
      on conflict (flush_id) do update
        set seconds = excluded.seconds, memory_mb_seconds = excluded.memory_mb_seconds, cost = excluded.cost
    )
    insert into spend (project_id, month, key_id, amount)
    select project_id, to_char(window_start at time zone 'UTC', 'YYYY-MM'), '', sum(amount)
    from grown group by 1, 2 having sum(amount) > 0 order by 1, 2
    on conflict (project_id, month, key_id) do update set amount = spend.amount + excluded.amount`.execute(db);
}
