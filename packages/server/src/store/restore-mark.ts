// A mark in a database that is being filled from a backup. It is there before the first row and goes after the last one,
// so that a restore that was cut off is never taken for a whole one.
import { Kysely, PostgresDialect, sql } from "kysely";
import { StoreError, toStoreError } from "./errors.ts";
import { openPostgresPool } from "./postgres-database.ts";
import type { Schema } from "./schema.ts";
import { isEmptyDatabase } from "./table-copy.ts";

/** Marks an empty database, or clears one whose restore was cut off and marks it again; throws NOT_EMPTY. */
export function beginRestore(url: string): Promise<void> {
  return onServer(url, async (db) => {
    if (!(await isMarked(db)) && !(await isEmptyDatabase(db))) {
      throw new StoreError("NOT_EMPTY", "The database to restore into has tables already.");
    }
    await db.transaction().execute(async (tx) => {
      // All of it is the cut-off restore's own: the mark was set when nothing else was there.
      const { rows } = await sql<{ name: string }>`
        select format('%I', table_name) as name from information_schema.tables
        where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(tx);
      for (const { name } of rows) await sql`drop table ${sql.raw(name)} cascade`.execute(tx);
      await sql`drop schema if exists pgboss cascade`.execute(tx);
      await sql`create table restoring (since timestamptz not null default now())`.execute(tx);
    });
  });
}

/** Takes the mark away: the restore is complete. */
export function finishRestore(url: string): Promise<void> {
  return onServer(url, async (db) => {
    await sql`drop table restoring`.execute(db);
  });
}

/** Throws HOME_DAMAGED when a restore into this database was cut off. */
export async function refuseUnfinished<T>(db: Kysely<T>): Promise<void> {
  if (!(await isMarked(db))) return;
  const message = "A restore into this database did not come to its end. Run `massif restore` again.";
  throw new StoreError("HOME_DAMAGED", message);
}

// Internal

async function onServer(url: string, work: (db: Kysely<Schema>) => Promise<void>): Promise<void> {
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPostgresPool(url, { connections: 1 }) }) });
  try {
    await work(db);
  } catch (error) {
    throw toStoreError(error, "the database");
  } finally {
    await db.destroy();
  }
}

async function isMarked<T>(db: Kysely<T>): Promise<boolean> {
  const { rows } = await sql`select 1 where to_regclass('public.restoring') is not null`.execute(db);
  return rows.length > 0;
}
