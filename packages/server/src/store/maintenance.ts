// What a server's background processes do and the embedded engine, which has none, leaves undone: checkpoints, and
// vacuum and analyze by autovacuum's rules. Table by table, because each statement holds up the event loop: all tables
// in one VACUUM took half a second and more, a checked table takes milliseconds.
import type { PGlite } from "@electric-sql/pglite";

// Autovacuum's defaults (PostgreSQL manual, 25.1): a fixed number of rows and a share of the table.
const CHANGED_ROWS = 50;
const DEAD_SHARE = 0.2;
const CHANGED_SHARE = 0.1;
/** Half of autovacuum's limit (autovacuum_freeze_max_age): transaction numbers must be frozen long before 2^31. */
const FREEZE_AGE = 100_000_000;

/** What a checkpoint itself writes to the log after the point from which it would be replayed, with some room. */
const IDLE_LOG_BYTES = 1024;

const NEEDY_TABLES = `
  select format('%I.%I', s.schemaname, s.relname) as name
  from pg_stat_all_tables s join pg_class c on c.oid = s.relid
  where c.relkind in ('r', 'm') and (
    s.n_dead_tup > ${CHANGED_ROWS} + ${DEAD_SHARE} * s.n_live_tup
    or s.n_mod_since_analyze > ${CHANGED_ROWS} + ${CHANGED_SHARE} * s.n_live_tup
    or age(c.relfrozenxid) > ${FREEZE_AGE})
  order by 1`;

/** Vacuums and analyzes the tables that need it, then makes a checkpoint if anything was written since the last one. */
export async function maintainDatabase(pglite: PGlite): Promise<void> {
  // Counts of changed rows are published at most once a second, unless asked for.
  await pglite.query("select pg_stat_force_next_flush()");
  const { rows } = await pglite.query<{ name: string }>(NEEDY_TABLES);
  for (const { name } of rows) {
    await pglite.query(`vacuum (analyze) ${name}`);
    // Requests that waited meanwhile go first.
    await new Promise(setImmediate);
  }
  const { rows: log } = await pglite.query<{ written: boolean }>(
    `select pg_current_wal_insert_lsn() - redo_lsn > ${IDLE_LOG_BYTES} as written from pg_control_checkpoint()`,
  );
  if (log[0].written) await pglite.query("checkpoint");
}
