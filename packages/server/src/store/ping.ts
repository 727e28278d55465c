// Whether the database answers at all.
import { sql } from "kysely";
import type { Executor } from "./database.ts";

/** Resolves when the database answers. */
export async function pingDatabase(db: Executor): Promise<void> {
  await sql`select 1`.execute(db);
}
