// The home folder of an embedded Massif: where each part keeps its files, and the checks that it can be used at all.
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { codeOf, StoreError, toStoreError } from "./errors.ts";

/** Paths inside a home folder. */
export interface HomePaths {
  readonly root: string;
  /** The folder of the embedded database. */
  readonly database: string;
  /** Where the embedded database is made before it gets its name. */
  readonly databaseDraft: string;
  readonly blobs: string;
  /** Where trainings leave what another attempt goes on from. */
  readonly checkpoints: string;
  readonly lock: string;
  /** Who holds the home: pid, url, start. */
  readonly owner: string;
}

/** The paths inside `home`; touches nothing. */
export function homePaths(home: string): HomePaths {
  const root = resolve(home);
  return {
    root,
    database: join(root, "database"),
    databaseDraft: join(root, "database.tmp"),
    blobs: join(root, "blobs"),
    checkpoints: join(root, "checkpoints"),
    lock: join(root, "lock.duckdb"),
    owner: join(root, "server.json"),
  };
}

/** Makes the home folder when it is missing; throws HOME_NOT_A_FOLDER or HOME_NOT_WRITABLE where it cannot be used. */
export function prepareHome(home: string): HomePaths {
  const paths = homePaths(home);
  try {
    // Private to the user: the database holds key hashes and other people's data.
    mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" || code === "ENOTDIR") throw notAFolder(paths.root, error);
    // On a read-only file system Node's recursive mkdir says ENOENT, whatever the real reason was.
    if (code === "ENOENT") throw cannotBeMade(paths.root, error);
    throw toStoreError(error, `the home folder ${paths.root}`);
  }
  if (!statSync(paths.root).isDirectory()) throw notAFolder(paths.root);
  try {
    accessSync(paths.root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw toStoreError(error, `the home folder ${paths.root}`);
  }
  return paths;
}

function cannotBeMade(path: string, cause: unknown): StoreError {
  const message = `The home folder ${path} cannot be made: its parent is missing or read-only. Choose another home folder.`;
  return new StoreError("HOME_NOT_WRITABLE", message, { cause });
}

function notAFolder(path: string, cause?: unknown): StoreError {
  return new StoreError(
    "HOME_NOT_A_FOLDER",
    `The home ${path} is not a folder. Choose another home, or move that file away.`,
    {
      cause,
    },
  );
}
