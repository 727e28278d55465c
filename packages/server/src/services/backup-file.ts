// What a backup is: one tar file. `backup.json` comes first and says of what; then the tables, the waiting jobs and the
// files they refer to; `manifest.json` comes last, with the size and hash of everything before it. Without that last
// entry a file is no backup, so what was cut off anywhere is never taken for a whole one.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ApiError, isErrorCode } from "@massif/api";
import { extract, type Header } from "tar-stream";
import { codeOf } from "../store/errors.ts";

/** The number of this layout; another one is refused. */
export const BACKUP_FORMAT = 1;

/** The names of the entries. */
export const ENTRIES = {
  about: "backup.json",
  jobs: "jobs.jsonl",
  manifest: "manifest.json",
  /** Instead of the manifest, why the backup could not be finished. */
  failure: "failure.json",
  table: (name: string) => `tables/${name}.jsonl`,
  blob: (hash: string) => `blobs/${hash}`,
} as const;

/** The first entry. */
export interface BackupAbout {
  readonly format: number;
  /** The Massif that made it. */
  readonly version: string;
  readonly createdAt: string;
  readonly engine: "embedded" | "postgres";
  /** The migrations of its tables, in order. */
  readonly migrations: readonly string[];
  readonly tables: readonly string[];
}

/** One entry as the manifest knows it. */
export interface BackupEntry {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a whole backup holds. */
export interface BackupSummary {
  readonly version: string;
  readonly createdAt: string;
  readonly engine: "embedded" | "postgres";
  readonly tables: number;
  readonly blobs: number;
  /** Of everything in it, without the wrapping. */
  readonly bytes: number;
}

/** What to do with the entries of a backup while it is read; each must read its entry to the end. */
export interface BackupVisitor {
  about(about: BackupAbout): Promise<void>;
  table(name: string, rows: Readable): Promise<void>;
  jobs(rows: Readable): Promise<void>;
  blob(hash: string, content: Readable): Promise<void>;
}

/** What reading may be told. */
export interface ReadOptions {
  /** Bytes of the file that were read. */
  readonly onBytes?: (read: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Reads a backup once, from the first byte to the last, checking every hash; throws BACKUP_DAMAGED, BACKUP_NEWER. */
export async function readBackup(
  file: string,
  visitor: BackupVisitor,
  { onBytes = () => {}, signal }: ReadOptions = {},
): Promise<BackupSummary> {
  const total = await sizeOf(file);
  let read = 0;
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  source.on("data", (chunk) => {
    read += chunk.length;
    onBytes(read, total);
  });
  const entries = extract();
  const stop = () => void source.destroy(signal?.reason);
  signal?.addEventListener("abort", stop, { once: true });
  const fed = pipeline(source, entries).catch((error) => error as Error);
  const reader = new BackupReader(file, visitor);
  try {
    for await (const entry of entries) await reader.take(entry.header, Readable.from(entry));
    await fed;
    return reader.finish();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ApiError || codeOf(error) !== undefined || error === reader.visitorFailure) throw error;
    throw damaged(file, "it breaks off or is no tar file", error);
  } finally {
    signal?.removeEventListener("abort", stop);
    source.destroy();
  }
}

/** Reads a backup and does nothing with it. */
export function verifyBackup(file: string, options: ReadOptions = {}): Promise<BackupSummary> {
  const skip = async (content: Readable) => void content.resume();
  return readBackup(
    file,
    { about: async () => undefined, table: (_, rows) => skip(rows), jobs: skip, blob: (_, content) => skip(content) },
    options,
  );
}

/** A file that is not a whole backup. */
export function damaged(file: string, why: string, cause?: unknown): ApiError {
  return new ApiError("BACKUP_DAMAGED", `${file} is not a whole backup: ${why}`, { cause });
}

// Internal

/** Tables, jobs and the two descriptions are read as text; none is larger than a tenth of what a string can hold. */
const LARGEST_TEXT = 64 * 1024 * 1024;
const ENTRY = /^(?:tables\/(?<table>[a-z_][a-z0-9_]*)\.jsonl|blobs\/(?<blob>[0-9a-f]{64}))$/;

class BackupReader {
  readonly #file: string;
  readonly #visitor: BackupVisitor;
  readonly #seen: BackupEntry[] = [];
  #about: BackupAbout | undefined;
  #whole = false;
  /** What a visitor threw, which is no fault of the file. */
  visitorFailure: unknown;

  constructor(file: string, visitor: BackupVisitor) {
    this.#file = file;
    this.#visitor = visitor;
  }

  async take({ name, type, size = 0 }: Header, content: Readable): Promise<void> {
    if (type !== "file" || this.#whole) throw damaged(this.#file, `it has the unexpected entry "${name}"`);
    if (name === ENTRIES.manifest) return this.#compare(JSON.parse(await this.#text(content, size)));
    if (name === ENTRIES.failure) throw failureOf(this.#file, JSON.parse(await this.#text(content, size)));
    const hash = createHash("sha256");
    const hashed = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await Promise.all([pipeline(content, hashed), this.#visit(name, hashed, size)]);
    this.#seen.push({ path: name, bytes: size, sha256: hash.digest("hex") });
  }

  finish(): BackupSummary {
    if (!this.#whole || this.#about === undefined) throw damaged(this.#file, "its end is missing");
    const { version, createdAt, engine, tables } = this.#about;
    const blobs = this.#seen.filter(({ path }) => path.startsWith("blobs/")).length;
    const bytes = this.#seen.reduce((sum, entry) => sum + entry.bytes, 0);
    return { version, createdAt, engine, tables: tables.length, blobs, bytes };
  }

  // Internal

  async #visit(name: string, content: Readable, size: number): Promise<void> {
    if (this.#about === undefined) return this.#begin(name, content, size);
    const found = ENTRY.exec(name)?.groups;
    if (found === undefined && name !== ENTRIES.jobs) {
      throw damaged(this.#file, `it has the unexpected entry "${name}"`);
    }
    try {
      if (found?.table !== undefined) await this.#visitor.table(found.table, content);
      else if (found?.blob !== undefined) await this.#visitor.blob(found.blob, content);
      else await this.#visitor.jobs(content);
    } catch (error) {
      this.visitorFailure = error;
      throw error;
    }
  }

  async #begin(name: string, content: Readable, size: number): Promise<void> {
    if (name !== ENTRIES.about) throw damaged(this.#file, `it begins with "${name}"`);
    const about = JSON.parse(await this.#text(content, size)) as BackupAbout;
    if (about.format !== BACKUP_FORMAT) {
      const message = `${this.#file} is a backup of format ${about.format} by Massif ${about.version}; this one reads format ${BACKUP_FORMAT}`;
      throw new ApiError("BACKUP_NEWER", message);
    }
    this.#about = about;
    try {
      await this.#visitor.about(about);
    } catch (error) {
      this.visitorFailure = error;
      throw error;
    }
  }

  async #text(content: Readable, size: number): Promise<string> {
    if (size > LARGEST_TEXT) throw damaged(this.#file, "its description is too long");
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }

  #compare({ entries }: { entries?: readonly BackupEntry[] }): void {
    if (entries?.length !== this.#seen.length) throw damaged(this.#file, "entries are missing");
    for (const [i, { path, bytes, sha256 }] of this.#seen.entries()) {
      const told = entries[i];
      const blob = ENTRY.exec(path)?.groups?.blob ?? sha256;
      if (told.path !== path || told.bytes !== bytes || told.sha256 !== sha256 || blob !== sha256) {
        throw damaged(this.#file, `${path} was changed`);
      }
    }
    this.#whole = true;
  }
}

function failureOf(file: string, { code, message }: { code?: unknown; message?: unknown }): ApiError {
  const known = isErrorCode(code) ? code : "INTERNAL";
  return new ApiError(known, `${file} was not finished by the server: ${String(message)}`);
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new ApiError("INVALID_REQUEST", `${file} is not a file`);
    return found.size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw new ApiError("NOT_FOUND", `there is no file ${file}`, { cause: error });
    throw error;
  }
}
