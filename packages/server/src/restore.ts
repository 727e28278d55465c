// Fills an empty home, and an empty database, from a backup. An embedded home is made under another name and renamed when
// it is complete; a server's database carries a mark until then. A restore that dies leaves nothing that would start.
import { randomUUID } from "node:crypto";
import { existsSync, fsyncSync } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { ApiError } from "@massif/api";
import type { Transaction } from "kysely";
import { openBlobs } from "./blobs/folder-blobs.ts";
import { openQueue } from "./queue/boss-queue.ts";
import type { UnfinishedJob } from "./queue/queue.ts";
import { type BackupAbout, type BackupSummary, damaged, type ReadOptions, readBackup } from "./services/backup-file.ts";
import { toApiError } from "./services/failures.ts";
import { JOB_POLICIES } from "./services/job-kinds.ts";
import { openStore, type Store, type StoreOptions } from "./store/database.ts";
import { syncFolder } from "./store/durable-files.ts";
import { migrations } from "./store/migrations/index.ts";
import { beginRestore, finishRestore } from "./store/restore-mark.ts";
import type { Schema } from "./store/schema.ts";
import { listTables, replaceRows, writeRows } from "./store/table-copy.ts";

/** Options of `restoreBackup`. */
export interface RestoreOptions extends ReadOptions {
  readonly file: string;
  /** A folder that does not exist yet, or is empty. */
  readonly home: string;
  /** An empty PostgreSQL database instead of an embedded one. */
  readonly databaseUrl?: string;
}

/**
 * Restores a backup and gives what it holds. Throws ApiError: NOT_EMPTY, BACKUP_DAMAGED, BACKUP_NEWER, DISK_FULL,
 * DATABASE_UNREACHABLE; the home is then as it was before.
 */
export async function restoreBackup({ file, home, databaseUrl, ...reading }: RestoreOptions): Promise<BackupSummary> {
  const target = resolve(home);
  const draft = join(dirname(target), `.${basename(target)}.restoring-${randomUUID().slice(0, 8)}`);
  try {
    await assertEmpty(target);
    if (databaseUrl !== undefined) await beginRestore(databaseUrl);
    await mkdir(draft, { recursive: true, mode: 0o700 });
    const restore = new Restore({ file, draft, databaseUrl });
    let summary: BackupSummary;
    try {
      summary = await restore.run(reading);
    } finally {
      await restore.close();
    }
    if (existsSync(target)) await rmdir(target);
    await rename(draft, target);
    syncFolder(dirname(target), fsyncSync);
    if (databaseUrl !== undefined) await finishRestore(databaseUrl);
    return summary;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw toApiError(error) ?? error;
  }
}

// Internal

/** Rows are written some at a time; a batch stays well below what a statement may hold. */
const BATCH_CHARACTERS = 4 * 1024 * 1024;

interface RestoreParts {
  readonly file: string;
  readonly draft: string;
  readonly databaseUrl: string | undefined;
}

/** One restore into a draft of a home. */
class Restore {
  readonly #parts: RestoreParts;
  #store: Store | undefined;
  #jobs: UnfinishedJob[] = [];

  constructor(parts: RestoreParts) {
    this.#parts = parts;
  }

  async run(reading: ReadOptions): Promise<BackupSummary> {
    const { file, draft } = this.#parts;
    const blobs = await openBlobs(join(draft, "blobs"));
    let tables: ReadonlySet<string> = new Set();
    // The rows are one transaction that is committed when the whole file was read and found to be what it should be.
    const filling = new Filling();
    try {
      const summary = await readBackup(
        file,
        {
          about: async (about) => {
            this.#store = await this.#open(about);
            tables = new Set(await listTables(this.#store.db));
            await filling.begin(this.#store);
          },
          table: async (name, rows) => {
            if (!tables.has(name)) throw damaged(file, `it has the table "${name}", which its version does not know`);
            for await (const batch of batches(rows)) await filling.write(name, batch);
          },
          jobs: async (rows) => {
            for await (const batch of batches(rows)) this.#jobs.push(...batch.map((line) => JSON.parse(line)));
          },
          blob: async (hash, content) => {
            const stored = await blobs.put(content);
            if (stored.hash !== hash) throw damaged(file, `blobs/${hash} was changed`);
          },
        },
        reading,
      );
      await filling.commit();
      await this.#finish();
      return summary;
    } catch (error) {
      await filling.abandon(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  // Internal

  async #open({ migrations: done, version }: BackupAbout): Promise<Store> {
    const unknown = done.find((name) => !(name in migrations));
    if (unknown !== undefined) {
      throw new ApiError(
        "BACKUP_NEWER",
        `the backup was made by Massif ${version}, whose tables (${unknown}) are newer`,
      );
    }
    return openStore({ ...this.#place(), restoring: { upTo: done.at(-1) ?? "" } });
  }

  #place(): StoreOptions {
    const { draft, databaseUrl } = this.#parts;
    return databaseUrl === undefined ? { home: draft, maintenanceInterval: 0 } : { databaseUrl };
  }

  /** Brings the tables up to this version, and offers again what was waiting or running. */
  async #finish(): Promise<void> {
    await this.#store?.close();
    const latest = Object.keys(migrations).at(-1) as string;
    this.#store = await openStore({ ...this.#place(), restoring: { upTo: latest } });
    const queue = openQueue(this.#store, { kinds: JOB_POLICIES });
    await queue.start();
    await queue.adopt(this.#jobs);
    await queue.stop();
  }
}

/** A transaction that is filled step by step, from outside of its callback. */
class Filling {
  #tx: Transaction<Schema> | undefined;
  #end: { commit(): void; abandon(error: unknown): void } | undefined;
  #done: Promise<void> | undefined;

  begin(store: Store): Promise<void> {
    return new Promise((begun, failed) => {
      const filled = new Promise<void>((commit, abandon) => {
        this.#end = { commit, abandon };
      });
      filled.catch(() => undefined);
      this.#done = store.transaction((tx) =>
        replaceRows(tx, () => {
          this.#tx = tx;
          begun();
          return filled;
        }),
      );
      this.#done.catch(failed);
    });
  }

  write(table: string, rows: readonly string[]): Promise<void> {
    return writeRows(this.#tx as Transaction<Schema>, table, rows);
  }

  async commit(): Promise<void> {
    this.#end?.commit();
    await this.#done;
  }

  async abandon(error: unknown): Promise<void> {
    this.#end?.abandon(error);
    await this.#done?.catch(() => undefined);
  }
}

async function* batches(rows: Readable): AsyncGenerator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for await (const line of lines(rows)) {
    batch.push(line);
    characters += line.length;
    if (characters < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Lines end at line feeds alone: Node's readline also breaks at U+2028, which may be part of a text in JSON. */
async function* lines(rows: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  for await (const chunk of rows) {
    const parts = (pending + decoder.write(chunk)).split("\n");
    pending = parts.pop() ?? "";
    yield* parts;
  }
  if (pending !== "") yield pending;
}

async function assertEmpty(home: string): Promise<void> {
  const found = await readdir(home).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error.code === "ENOTDIR" ? new ApiError("NOT_EMPTY", `${home} is a file`) : error;
  });
  if (found.length > 0) throw new ApiError("NOT_EMPTY", `the home ${home} is not empty: it holds ${found[0]}`);
}
