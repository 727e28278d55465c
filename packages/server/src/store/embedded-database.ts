// PGlite on disk, made dependable: created under another name and renamed when it is complete, every commit fsynced,
// and the checkpoints and vacuums done that a server's background processes would do. Needs the home lock: two
// processes on one folder lose rows.
import { existsSync, fsyncSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { type SyncFile, syncFolder, syncTree } from "./durable-files.ts";
import { DURABLE_START_PARAMS, DurableNodeFS } from "./durable-node-fs.ts";
import { codeOf, StoreError, toStoreError } from "./errors.ts";
import type { HomePaths } from "./home.ts";
import { maintainDatabase } from "./maintenance.ts";

/** What may be set on the embedded database. */
export interface EmbeddedDatabaseOptions {
  /** Milliseconds between maintenances (checkpoint, vacuum); 0 for none but the one at close. */
  readonly maintenanceInterval?: number;
  /** Begins without the tables that the build prepared. */
  readonly empty?: boolean;
  /** How files are flushed; tests count or fail the calls. */
  readonly sync?: SyncFile;
  /** Told about a failed maintenance, which is tried again at the next interval. */
  readonly onError?: (error: unknown) => void;
  /** Told once when the engine is dead, as after a failed fsync: end the process, a restart recovers. */
  readonly onFatal?: (error: StoreError) => void;
}

/** The open embedded database. */
export interface EmbeddedDatabase {
  readonly pglite: PGlite;
  /** Looks at what a statement failed with: maps it, and remembers when the engine died of it. */
  readonly observe: (error: unknown) => unknown;
  /** Throws DATABASE_FAILED once the engine is dead, on which statements would wait for ever. */
  readonly assertAlive: () => void;
  /** Vacuum what needs it and checkpoint, now. */
  maintain(): Promise<void>;
  close(): Promise<void>;
}

// One minute bounds what a restart must replay; on an idle database it is two short queries.
const MAINTENANCE_INTERVAL = 60_000;
/** A new database takes 45 MB, of which 16 MB are the first segment of its log; the rest is room to begin with. */
const FIRST_START_BYTES = 80_000_000;
/** One segment of the log: with less, even the recovery at a start may fail. */
const START_BYTES = 16_777_216;

/** Opens the embedded database of a locked home, making it at the first start. */
export async function openEmbeddedDatabase(
  paths: HomePaths,
  {
    maintenanceInterval = MAINTENANCE_INTERVAL,
    sync = fsyncSync,
    empty = false,
    onError = () => {},
    onFatal = () => {},
  }: EmbeddedDatabaseOptions = {},
): Promise<EmbeddedDatabase> {
  try {
    if (!existsSync(paths.database)) await createDatabase(paths, { sync, prepared: empty ? undefined : template() });
  } catch (error) {
    throw toStoreError(error, `the home folder ${paths.root}`);
  }
  const pglite = await openExisting(paths, sync);
  const health = new EngineHealth(onFatal);
  const maintain = async () => {
    health.assertAlive();
    try {
      await maintainDatabase(pglite);
    } catch (error) {
      throw health.observe(error);
    }
  };
  const timer = maintenanceInterval > 0 ? setInterval(() => maintain().catch(onError), maintenanceInterval) : undefined;
  timer?.unref();
  return {
    pglite,
    observe: (error) => health.observe(error),
    assertAlive: () => health.assertAlive(),
    maintain,
    async close() {
      clearInterval(timer);
      if (pglite.closed || health.dead) return;
      // A full disk must not keep the process from ending: what is committed is in the log already.
      await maintain().catch(onError);
      if (!health.dead) await pglite.close();
    },
  };
}

// Internal

/** Knows whether the engine is still alive: PostgreSQL ends itself where going on could lose acknowledged rows. */
class EngineHealth {
  readonly #onFatal: (error: StoreError) => void;
  #failure: StoreError | undefined;

  constructor(onFatal: (error: StoreError) => void) {
    this.#onFatal = onFatal;
  }

  get dead(): boolean {
    return this.#failure !== undefined;
  }

  assertAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  observe(error: unknown): unknown {
    if (this.#failure !== undefined) return this.#failure;
    if (!isDeadly(error)) return toStoreError(error, "the database");
    const message =
      "The database engine stopped because it could not write safely. Check the disk, then start Massif again.";
    this.#failure = new StoreError("DATABASE_FAILED", message, { cause: error });
    this.#onFatal(this.#failure);
    return this.#failure;
  }
}

/** A panic as PostgreSQL reports it, or a trap of the WebAssembly engine. */
function isDeadly(error: unknown): boolean {
  if (error instanceof Error && error.name === "RuntimeError") return true;
  const severity = (error as { severity?: unknown } | null)?.severity;
  return severity === "PANIC" || severity === "FATAL";
}

/** A kill before the rename leaves only a draft, which the next start throws away. */
async function createDatabase(
  paths: HomePaths,
  { sync, prepared }: { sync: SyncFile; prepared: Blob | undefined },
): Promise<void> {
  rmSync(paths.databaseDraft, { recursive: true, force: true });
  if (freeBytes(paths.root) < FIRST_START_BYTES) throw tooFull(paths, FIRST_START_BYTES);
  // The engine need not flush a draft: `syncTree` does it for every file before the rename.
  const pglite = await PGlite.create({ ...optionsFor(paths.databaseDraft, () => {}), loadDataDir: prepared });
  await pglite.close();
  syncTree(paths.databaseDraft, sync);
  renameSync(paths.databaseDraft, paths.database);
  syncFolder(paths.root, sync);
}

/** The prepared database that the build left; without it the engine makes one itself, which takes seconds. */
function template(): Blob | undefined {
  let file: string;
  try {
    file = createRequire(import.meta.url).resolve("@massif/server/database-template");
  } catch {
    return undefined; // the build itself, which is about to make it
  }
  return new Blob([readFileSync(file)]);
}

async function openExisting(paths: HomePaths, sync: SyncFile): Promise<PGlite> {
  if (!statSync(paths.database).isDirectory()) throw damaged(paths);
  try {
    return await PGlite.create(optionsFor(paths.database, sync));
  } catch (error) {
    const known = toStoreError(error, paths.database);
    if (known instanceof StoreError || codeOf(error) !== undefined) throw known;
    // The engine gives up with words alone, so what it lacked is looked for here.
    throw freeBytes(paths.root) < START_BYTES ? tooFull(paths, START_BYTES, error) : damaged(paths, error);
  }
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function tooFull(paths: HomePaths, needed: number, cause?: unknown): StoreError {
  const message = `The disk of ${paths.root} is too full to start: about ${Math.ceil(needed / 1e6)} MB must be free. Free some space or choose another home.`;
  return new StoreError("DISK_FULL", message, { cause });
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
