// Making files and folders survive a loss of power: content is on the disk once `fsync` of the file returns, a name
// once `fsync` of its folder does. Synchronous, because PGlite's file system calls are; `sync` is passed in so that
// tests can count the calls and make them fail.
import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Flushes an open file or folder to the disk; `fs.fsyncSync` unless a test counts or fails the calls. */
export type SyncFile = (fd: number) => void;

/** Flushes one folder's list of names. */
export function syncFolder(path: string, sync: SyncFile = fsyncSync): void {
  // Windows cannot open a folder as a file; NTFS journals names itself.
  if (process.platform === "win32") return;
  const fd = openSync(path, "r");
  try {
    sync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Flushes every file and folder below `path`, the leaves first. */
export function syncTree(path: string, sync: SyncFile = fsyncSync): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) syncTree(child, sync);
    else if (entry.isFile()) syncExistingFile(child, sync);
  }
  syncFolder(path, sync);
}

function syncExistingFile(path: string, sync: SyncFile): void {
  const fd = openSync(path, process.platform === "win32" ? "r+" : "r");
  try {
    sync(fd);
  } finally {
    closeSync(fd);
  }
}
