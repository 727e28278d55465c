// A database knows itself by an id, so that a folder of blobs can say which database it belongs to.
import { type Kysely, sql } from "kysely";

const STATEMENTS = [
  `create table instance (
    id text primary key,
    created_at timestamptz not null default now(),
    single boolean not null default true constraint instance_single unique check (single)
  )`,
  `insert into instance (id) values ('ins_' || replace(gen_random_uuid()::text, '-', ''))`,
];

/** Makes the table and its one row. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
