// Whole tables out of one database and into another, whichever engines the two are. A row travels as the JSON that
// PostgreSQL itself makes of it and reads back, so numbers and times keep every digit and nothing here knows a column.
import { sql } from "kysely";
import type { Executor } from "./database.ts";

// What belongs to a database rather than to what is in it.
const OWN_TABLES = new Set(["kysely_migration", "kysely_migration_lock", "instance", "restoring"]);
const FETCH_ROWS = 500;

/** Makes a transaction see one moment for as long as it lasts; must be its first statement. */
export async function holdSnapshot(tx: Executor): Promise<void> {
  await sql`set transaction isolation level repeatable read, read only`.execute(tx);
}

/** The tables that hold what was recorded, in order of name. */
export async function listTables(db: Executor): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !OWN_TABLES.has(name));
}

/** The migrations that were run, in order. */
export async function listMigrations(db: Executor): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** A table's rows as JSON texts, some at a time; inside a transaction. */
export async function* readRows(tx: Executor, table: string): AsyncGenerator<string[]> {
  // By an alias of its own: a table may have a column of the same name as itself.
  await sql`declare copied no scroll cursor for
    select to_jsonb(whole_row.*)::text as row from ${sql.id(table)} as whole_row`.execute(tx);
  for (;;) {
    const { rows } = await sql<{ row: string }>`fetch forward ${sql.lit(FETCH_ROWS)} from copied`.execute(tx);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await sql`close copied`.execute(tx);
}

/** Adds rows as `readRows` gave them. */
export async function writeRows(tx: Executor, table: string, rows: readonly string[]): Promise<void> {
  const name = sql.id(table);
  await sql`insert into ${name} overriding system value
    select * from jsonb_populate_recordset(null::${name}, ${`[${rows.join(",")}]`}::text::jsonb)`.execute(tx);
}

/**
 * Empties all tables and runs `load` without the references between them, which may go round in circles; they are
 * checked when they are put back, and counters go on after the highest number there is.
 */
export async function replaceRows(tx: Executor, load: () => Promise<void>): Promise<void> {
  const { rows: references } = await sql<{ table: string; name: string; definition: string }>`
    select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`.execute(tx);
  for (const { table, name } of references)
    await sql`alter table ${sql.raw(table)} drop constraint ${sql.id(name)}`.execute(tx);
  for (const table of await listTables(tx)) await sql`delete from ${sql.id(table)}`.execute(tx);
  await load();
  for (const { table, name, definition } of references) {
    await sql`alter table ${sql.raw(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(tx);
  }
  await continueSequences(tx);
}

/** Whether nothing was ever made in a database. */
export async function isEmptyDatabase(db: Executor): Promise<boolean> {
  const { rows } = await sql`
    select 1 from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema') limit 1`.execute(db);
  return rows.length === 0;
}

// Internal

async function continueSequences(tx: Executor): Promise<void> {
  const { rows } = await sql<{ sequence: string; table: string; column: string }>`
    select s.oid::regclass::text as sequence, d.refobjid::regclass::text as "table", a.attname as "column"
    from pg_class s
    join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where s.relkind = 'S' and s.relnamespace = 'public'::regnamespace`.execute(tx);
  for (const { sequence, table, column } of rows) {
    await sql`select setval(${sequence}::regclass, coalesce(max(${sql.id(column)}), 0) + 1, false)
      from ${sql.raw(table)}`.execute(tx);
  }
}
