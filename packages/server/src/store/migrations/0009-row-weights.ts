// Rows that count more than others: the column with their weights.
import { type Kysely, sql } from "kysely";

/** Adds the columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ["runs", "studies"]) await sql.raw(`alter table ${table} add column weights text`).execute(db);
}
