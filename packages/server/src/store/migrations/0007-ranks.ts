// Trainings on several processes: how many, where, and what that gave.
import { type Kysely, sql } from "kysely";

/** Adds the column. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table runs add column ranks jsonb").execute(db);
}
