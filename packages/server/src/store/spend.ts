// The table `spend`: what a project's keys spent in a month. `insertUsage` keeps it; here it is read.
import type { Executor } from "./database.ts";

/** What each key of a project spent in a month (`2026-11`); '' is what no key asked for. */
export async function readSpend(
  db: Executor,
  { projectId, month }: { projectId: string; month: string },
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("spend")
    .select(["key_id", "amount"])
    .where("project_id", "=", projectId)
    .where("month", "=", month)
    .execute();
  return new Map(rows.map(({ key_id, amount }) => [key_id, amount]));
}
