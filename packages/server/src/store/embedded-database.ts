// PGlite on disk, made dependable: created under another name and renamed when it is complete, every commit fsynced,
// and the checkpoints and vacuums done that a server's background processes would do. Needs the home lock: two
// processes on one folder lose rows.
import { existsSync, fsyncSync, renameSync, rmSync, statSync } from "node:fs";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { type SyncFile, syncFolder, syncTree } from "./durable-files.ts";
import { DURABLE_START_PARAMS, DurableNodeFS } from "./durable-node-fs.ts";
import { codeOf, StoreError, toStoreError } from "./errors.ts";
import type { HomePaths } from "./home.ts";

/** What may be set on the embedded database. */
export interface EmbeddedDatabaseOptions {
  /** Milliseconds between checkpoints with vacuum; 0 for none but the one at close. */
  readonly maintenanceInterval?: number;
  /** How files are flushed; tests count or fail the calls. */
  readonly sync?: SyncFile;
  /** Told about a failed maintenance, which is tried again at the next interval. */
  readonly onError?: (error: unknown) => void;
}

/** The open embedded database. */
export interface EmbeddedDatabase {
  readonly pglite: PGlite;
  /** Checkpoint and vacuum now. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

// One minute bounds what a restart must replay; on an idle database both statements take milliseconds.
const MAINTENANCE_INTERVAL = 60_000;

/** Opens the embedded database of a locked home, making it at the first start. */
export async function openEmbeddedDatabase(
  paths: HomePaths,
  { maintenanceInterval = MAINTENANCE_INTERVAL, sync = fsyncSync, onError = () => {} }: EmbeddedDatabaseOptions = {},
): Promise<EmbeddedDatabase> {
  try {
    if (!existsSync(paths.database)) await createDatabase(paths, sync);
  } catch (error) {
    throw toStoreError(error, `the home folder ${paths.root}`);
  }
  const pglite = await openExisting(paths, sync);
  const maintain = async () => {
    await pglite.query("CHECKPOINT");
    await pglite.query("VACUUM (ANALYZE)");
  };
  const timer = maintenanceInterval > 0 ? setInterval(() => maintain().catch(onError), maintenanceInterval) : undefined;
  timer?.unref();
  return {
    pglite,
    maintain,
    async close() {
      clearInterval(timer);
      if (pglite.closed) return;
      await maintain()
        .then(() => pglite.query("CHECKPOINT"))
        .catch(onError);
      await pglite.close();
    },
  };
}

// Internal

/** A kill before the rename leaves only a draft, which the next start throws away. */
async function createDatabase(paths: HomePaths, sync: SyncFile): Promise<void> {
  rmSync(paths.databaseDraft, { recursive: true, force: true });
  const pglite = await PGlite.create(optionsFor(paths.databaseDraft, sync));
  await pglite.close();
  syncTree(paths.databaseDraft, sync);
  renameSync(paths.databaseDraft, paths.database);
  syncFolder(paths.root, sync);
}

async function openExisting(paths: HomePaths, sync: SyncFile): Promise<PGlite> {
  if (!statSync(paths.database).isDirectory()) throw damaged(paths);
  try {
    return await PGlite.create(optionsFor(paths.database, sync));
  } catch (error) {
    const known = toStoreError(error, paths.database);
    throw known instanceof StoreError || codeOf(error) !== undefined ? known : damaged(paths, error);
  }
}

function optionsFor(folder: string, sync: SyncFile): PGliteOptions {
  return { fs: new DurableNodeFS(folder, sync), startParams: [...DURABLE_START_PARAMS] };
}

function damaged(paths: HomePaths, cause?: unknown): StoreError {
  return new StoreError(
    "HOME_DAMAGED",
    `The database in ${paths.database} cannot be opened. Restore a backup, or move that folder away to start empty.`,
    { cause },
  );
}
