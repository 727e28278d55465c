// The table `instance`: one row, by which a database is told from every other one.
import type { Executor } from "./database.ts";

/** The id that this database alone has. */
export async function instanceId(db: Executor): Promise<string> {
  const { id } = await db.selectFrom("instance").select("id").executeTakeFirstOrThrow();
  return id;
}
