// Brings a database to this version's tables. Runs at each start: in one transaction, and on a server under an
// advisory lock, so that two processes starting together migrate once.
import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { StoreError, toStoreError } from "./errors.ts";
import { migrations } from "./migrations/index.ts";

/**
 * Runs the migrations that are missing, or those up to the one named; throws DATABASE_NEWER when the database knows one
 * that we do not.
 */
export async function migrate<T>(db: Kysely<T>, upTo?: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  await refuseNewer(db);
  const { error, results } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo));
  if (error === undefined) return;
  const known = toStoreError(error);
  if (known instanceof StoreError) throw known;
  const failed = results?.find((result) => result.status === "Error")?.migrationName;
  throw new StoreError(
    "MIGRATION_FAILED",
    `The tables could not be brought up to date${failed ? ` (at ${failed})` : ""}.`,
    {
      cause: error,
    },
  );
}

async function refuseNewer<T>(db: Kysely<T>): Promise<void> {
  const untyped = db as unknown as Kysely<{ kysely_migration: { name: string } }>;
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === "kysely_migration")) return;
  const done = await untyped.selectFrom("kysely_migration").select("name").execute();
  const unknown = done.find(({ name }) => !(name in migrations));
  if (unknown === undefined) return;
  throw new StoreError(
    "DATABASE_NEWER",
    `The database was written by a newer Massif (it has migration ${unknown.name}). Start that version or a newer one.`,
  );
}
