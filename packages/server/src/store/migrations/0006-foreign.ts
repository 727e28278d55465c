// Models that were not trained here: how a version's file is written, how large it is, and where it came from.
import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  `alter table model_versions add column format text not null default 'massif' check (format in ('massif', 'onnx'))`,
  // A trained version's size is its run's.
  `alter table model_versions add column bytes bigint`,
  `alter table model_versions add column origin jsonb`,
];

/** Adds the columns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
