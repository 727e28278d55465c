// PGlite's folder on disk, with the fsync that PGlite leaves out. As shipped it starts with `-F` and its file system
// ignores fsync, so that an acknowledged commit may be lost with the power. Not a lock and not a backup.
import { fsyncSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";
import type { SyncFile } from "./durable-files.ts";
import { codeOf } from "./errors.ts";

type InitArguments = Parameters<NodeFS["init"]>;
type InitResult = Awaited<ReturnType<NodeFS["init"]>>;
/** The part of Emscripten's module that we extend: the operations on an open file. */
type NodeFileSystemModule = { NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } };

// WASI numbers, which Emscripten's `fd_sync` returns; the engine turns them into its own "could not fsync" error.
const ERRNO_IO = 29;
const ERRNO_NO_SPACE = 51;

/** A NodeFS on which `fsync` reaches the disk. */
export class DurableNodeFS extends NodeFS {
  readonly #sync: SyncFile;

  constructor(dataDir: string, sync: SyncFile = fsyncSync) {
    super(dataDir);
    this.#sync = sync;
  }

  override async init(...args: InitArguments): Promise<InitResult> {
    const { emscriptenOpts } = await super.init(...args);
    const addSync = (module: unknown) => {
      (module as NodeFileSystemModule).NODEFS.stream_ops.fsync = (stream) => this.#flush(stream.nfd);
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [addSync, ...asArray(emscriptenOpts.preRun)] } };
  }

  #flush(fd: number): number {
    try {
      this.#sync(fd);
      return 0;
    } catch (error) {
      return codeOf(error) === "ENOSPC" ? ERRNO_NO_SPACE : ERRNO_IO;
    }
  }
}

/** PGlite's own start parameters without `-F` (no fsync); `fdatasync`, the default method, is an empty stub there. */
export const DURABLE_START_PARAMS: readonly string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== "-F"),
  "-c",
  "wal_sync_method=fsync",
];

function asArray<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
