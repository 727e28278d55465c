// One process per home folder. The lock is an operating-system file lock, so it is free the moment its holder dies,
// however it dies. Node has no call for such a lock; DuckDB, which Massif ships for data anyway, takes one on each
// platform (fcntl, LockFileEx) when it opens a database file for writing, so an empty database file is our lock.
// Nothing else may open the lock file in the holding process: closing any descriptor of it would drop an fcntl lock.
import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { StoreError, toStoreError } from "./errors.ts";
import type { HomePaths } from "./home.ts";
import { openLockFile } from "./lock-file.ts";

/** Who holds a home, as written into its `server.json` for people and for the command line. */
export interface HomeOwner {
  readonly pid: number;
  /** Where it answers, once it does. */
  readonly url?: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** An exclusive hold on a home folder, until `release` or the end of the process. */
export interface HomeLock {
  /** Adds to what `server.json` says, such as the address once the server listens. */
  announce(owner: Partial<HomeOwner>): void;
  release(): void;
}

// Locks of fcntl do not exclude the process that holds them, so a second attempt in this process is refused here.
const heldHere = new Set<string>();

/** Takes the lock of a home; throws HOME_LOCKED (naming the holder), HOME_NOT_WRITABLE, DISK_FULL or HOME_DAMAGED. */
export async function acquireHomeLock(paths: HomePaths): Promise<HomeLock> {
  const key = realpathSync(paths.root);
  if (heldHere.has(key)) throw lockedError(paths);
  heldHere.add(key);
  try {
    const opened = await openLockFile(paths.lock);
    if (opened.held) throw lockedError(paths, opened.cause);
    return holdLock(paths, () => {
      opened.close();
      heldHere.delete(key);
    });
  } catch (error) {
    heldHere.delete(key);
    throw error;
  }
}

/** Who holds a home according to its `server.json`; undefined when nobody says so. */
export function readHomeOwner(paths: HomePaths): HomeOwner | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(paths.owner, "utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, url, startedAt } = value as Partial<HomeOwner>;
    if (typeof pid !== "number" || typeof startedAt !== "string") return undefined;
    return typeof url === "string" ? { pid, url, startedAt } : { pid, startedAt };
  } catch {
    // Missing, half written or foreign: the lock itself decides, this file only explains.
    return undefined;
  }
}

// Internal

function holdLock(paths: HomePaths, unlock: () => void): HomeLock {
  let owner: HomeOwner = { pid: process.pid, startedAt: new Date().toISOString() };
  let released = false;
  const write = () => {
    try {
      const draft = `${paths.owner}.tmp`;
      writeFileSync(draft, `${JSON.stringify(owner)}\n`);
      renameSync(draft, paths.owner);
    } catch (error) {
      throw toStoreError(error, paths.owner);
    }
  };
  const release = () => {
    if (released) return;
    released = true;
    try {
      rmSync(paths.owner, { force: true });
    } finally {
      unlock();
    }
  };
  try {
    write();
  } catch (error) {
    release();
    throw error;
  }
  const announce = (more: Partial<HomeOwner>) => {
    owner = { ...owner, ...more };
    write();
  };
  return { announce, release };
}

function lockedError(paths: HomePaths, cause?: unknown): StoreError {
  const owner = readHomeOwner(paths);
  const who =
    owner === undefined
      ? "another process"
      : `process ${owner.pid}${owner.url === undefined ? "" : ` (${owner.url})`}, running since ${owner.startedAt}`;
  return new StoreError(
    "HOME_LOCKED",
    `The home ${paths.root} is in use by ${who}. Use that server, stop it first, or choose another home.`,
    { cause, detail: { home: paths.root, ...(owner ?? {}) } },
  );
}
