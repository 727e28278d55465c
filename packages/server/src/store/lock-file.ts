// The lock file as DuckDB makes it: created under another name and linked into place, so that a kill cannot leave
// half a lock file; a refusal is told from damage by looking at the file, never by the words of an error.
import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { syncFolder } from "./durable-files.ts";
import { codeOf, StoreError, toStoreError } from "./errors.ts";

/** The lock is ours until `close`, or another process holds it. */
export type OpenedLock = { held: false; close(): void } | { held: true; cause: unknown };

/** A DuckDB file carries this at byte 8, after a checksum. */
const DUCKDB_MAGIC = "DUCK";
const MAGIC_OFFSET = 8;
/** The size of the empty file, which a probe tries to write when DuckDB could not. */
const LOCK_FILE_BYTES = 12_288;
/** An idle instance needs next to nothing; without limits DuckDB would start a thread for each core. */
const LOCK_INSTANCE = { threads: "1", memory_limit: "16MB" };

/** Opens the lock file for writing, making it when it is missing. */
export async function openLockFile(path: string): Promise<OpenedLock> {
  if (!existsSync(path)) await createLockFile(path);
  try {
    const instance = await DuckDBInstance.create(path, LOCK_INSTANCE);
    return { held: false, close: () => instance.closeSync() };
  } catch (cause) {
    assertSoundLockFile(path, cause);
    return { held: true, cause };
  }
}

async function createLockFile(path: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    rmSync(draft, { force: true });
    const instance = await DuckDBInstance.create(draft, LOCK_INSTANCE);
    instance.closeSync();
    placeWithoutReplacing(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    throw creationError(path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives the draft its name unless another process was faster, whose file is then as good as ours. */
function placeWithoutReplacing(draft: string, path: string): void {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    // File systems without hard links (exFAT, some network shares).
    copyFileSync(draft, path, constants.COPYFILE_EXCL);
  }
}

/** DuckDB's errors carry no code: writing as much by ourselves shows whether room or permission is missing. */
function creationError(path: string, cause: unknown): unknown {
  const probe = `${path}.${process.pid}.probe`;
  try {
    if (codeOf(cause) !== undefined) return toStoreError(cause, path);
    writeFileSync(probe, Buffer.alloc(LOCK_FILE_BYTES));
  } catch (error) {
    return toStoreError(error, path);
  } finally {
    rmSync(probe, { force: true });
  }
  return damaged(path, cause);
}

function assertSoundLockFile(path: string, cause: unknown): void {
  let magic: string;
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    magic = readMagic(path);
  } catch (error) {
    throw toStoreError(error, path);
  }
  if (magic !== DUCKDB_MAGIC) throw damaged(path, cause);
}

function readMagic(path: string): string {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(DUCKDB_MAGIC.length);
    readSync(fd, bytes, 0, bytes.length, MAGIC_OFFSET);
    return bytes.toString("latin1");
  } finally {
    closeSync(fd);
  }
}

function damaged(path: string, cause: unknown): StoreError {
  return new StoreError(
    "HOME_DAMAGED",
    `The lock file ${path} is damaged. Make sure that no Massif uses this home, delete that file and start again.`,
    { cause },
  );
}
