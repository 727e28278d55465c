// Makes a backup of a running Massif. All tables are read in one snapshot; the files they refer to get a second name at
// once, so that nothing that is removed meanwhile is missed; then everything is sent, hashed as it goes.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError } from "@massif/api";
import { type Pack, pack } from "tar-stream";
import { BlobDamagedError, BlobMissingError } from "../blobs/blobs.ts";
import { insertAudit } from "../store/audit.ts";
import { listUsedBlobs } from "../store/blob-references.ts";
import { holdSnapshot, listMigrations, listTables, readRows } from "../store/table-copy.ts";
import { BACKUP_FORMAT, type BackupAbout, type BackupEntry, ENTRIES } from "./backup-file.ts";
import type { Caller } from "./caller.ts";
import { toApiError } from "./failures.ts";
import type { Means } from "./means.ts";

/** A backup on its way. */
export interface BackupStream {
  readonly stream: Readable;
  /** Bytes of what is in it, without the wrapping: for progress. */
  readonly bytes: number;
  readonly name: string;
}

/** A blob that went away between the snapshot and its second name: the next snapshot does not refer to it any more. */
const SNAPSHOT_TRIES = 5;

/** Makes backups. */
export class Backups {
  readonly #means: Means;
  readonly #version: string;
  #busy = false;

  constructor(means: Means, version: string) {
    this.#means = means;
    this.#version = version;
  }

  /** Everything, as one tar file; throws CONFLICT while another backup is made, BLOB_DAMAGED when a file is missing. */
  async create(caller: Caller, signal: AbortSignal): Promise<BackupStream> {
    if (this.#busy) throw new ApiError("CONFLICT", "another backup is being made; wait until it has ended");
    this.#busy = true;
    const folder = await mkdtemp(join(this.#means.scratch, "backup-"));
    const leave = async () => {
      this.#busy = false;
      await rm(folder, { recursive: true, force: true });
    };
    try {
      const snapshot = await this.#snapshot(folder);
      const { projectId, keyId, requestId } = caller;
      const detail = { blobs: snapshot.blobs.length };
      await insertAudit(this.#means.store.db, { projectId, keyId, requestId, action: "backup.create", detail });
      const tar = pack();
      signal.addEventListener("abort", () => tar.destroy(), { once: true });
      void this.#send(tar, snapshot).finally(leave);
      const bytes = snapshot.files.reduce((sum, file) => sum + file.bytes, 0);
      const stamp = snapshot.about.createdAt.slice(0, 19).replaceAll(":", "-");
      return { stream: Readable.from(tar), bytes, name: `massif-${stamp}.tar` };
    } catch (error) {
      await leave();
      throw error;
    }
  }

  // Internal

  async #snapshot(folder: string): Promise<Snapshot> {
    for (let tried = 1; ; tried++) {
      const snapshot = await this.#readTables(folder);
      const lost = await this.#pin(folder, snapshot);
      if (lost === undefined) return snapshot;
      if (tried === SNAPSHOT_TRIES) throw toApiError(new BlobMissingError(lost)) as ApiError;
    }
  }

  async #readTables(folder: string): Promise<Snapshot> {
    const { store, queue } = this.#means;
    const files: SnapshotFile[] = [];
    const spool = async (path: string, lines: AsyncIterable<string[]>) => {
      const file = join(folder, path.replace("/", "-"));
      await pipeline(texts(lines), createWriteStream(file));
      files.push({ path, file, bytes: (await stat(file)).size });
    };
    return store.transaction(async (tx) => {
      await holdSnapshot(tx);
      const tables = await listTables(tx);
      for (const table of tables) await spool(ENTRIES.table(table), readRows(tx, table));
      await spool(ENTRIES.jobs, jobLines(await queue.unfinished(tx)));
      const about: BackupAbout = {
        format: BACKUP_FORMAT,
        version: this.#version,
        createdAt: new Date(this.#means.clock()).toISOString(),
        engine: store.kind,
        migrations: await listMigrations(tx),
        tables,
      };
      return { about, files, blobs: [...(await listUsedBlobs(tx))].sort() };
    });
  }

  /** Gives every blob a second name; the hash of one that is not there any more, if any. */
  async #pin(folder: string, { files, blobs }: Snapshot): Promise<string | undefined> {
    for (const hash of blobs) {
      const file = join(folder, hash);
      const found = await this.#means.blobs.link(hash, file);
      if (found === undefined) return hash;
      files.push({ path: ENTRIES.blob(hash), file: found.path, bytes: found.bytes });
    }
    return undefined;
  }

  async #send(tar: Pack, { about, files }: Snapshot): Promise<void> {
    const entries: BackupEntry[] = [];
    try {
      entries.push(await addText(tar, ENTRIES.about, about));
      for (const file of files) entries.push(await addFile(tar, file));
      await addText(tar, ENTRIES.manifest, { entries });
    } catch (error) {
      if (tar.destroyed) return;
      this.#means.log.error({ err: error }, "a backup could not be finished");
      const { code, message } = toApiError(error) ?? { code: "INTERNAL", message: "see the server's log" };
      await addText(tar, ENTRIES.failure, { code, message });
    }
    tar.finalize();
  }
}

// Internal

interface SnapshotFile {
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
}

interface Snapshot {
  readonly about: BackupAbout;
  readonly files: SnapshotFile[];
  readonly blobs: readonly string[];
}

async function* texts(lines: AsyncIterable<string[]>): AsyncGenerator<string> {
  for await (const some of lines) yield some.map((line) => `${line}\n`).join("");
}

async function* jobLines(jobs: readonly object[]): AsyncGenerator<string[]> {
  yield jobs.map((job) => JSON.stringify(job));
}

function addText(tar: Pack, name: string, value: unknown): Promise<BackupEntry> {
  const text = Buffer.from(JSON.stringify(value));
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) =>
      error ? reject(error) : resolve({ path: name, bytes: text.length, sha256: sha256(text) });
    tar.entry({ name }, text, done);
  });
}

async function addFile(tar: Pack, { path, file, bytes }: SnapshotFile): Promise<BackupEntry> {
  const hash = createHash("sha256");
  const entry = tar.entry({ name: path, size: bytes });
  await pipeline(
    createReadStream(file, { highWaterMark: 1 << 20 }),
    async function* hashed(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    entry,
  );
  const sum = hash.digest("hex");
  if (path.startsWith("blobs/") && path !== ENTRIES.blob(sum)) throw new BlobDamagedError(path.slice(6));
  return { path, bytes, sha256: sum };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
