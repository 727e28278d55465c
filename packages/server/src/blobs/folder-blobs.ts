// Blobs in a folder. Written to a temporary name, flushed, renamed to its hash, and the folder flushed: a blob's name
// exists only with all of its content. `ab/abcdef…` keeps folders small; `tmp/` holds what is unfinished.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, fsync } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { promisify } from "node:util";
import { codeOf, toStoreError } from "../store/errors.ts";
import { assertHash, BlobDamagedError, type BlobInfo, BlobMissingError, type BlobSource, type Blobs } from "./blobs.ts";

/** What may be set on blobs in a folder. */
export interface FolderBlobsOptions {
  /** Whether this process alone uses the folder, as with an embedded home; else only old leftovers are removed. */
  readonly exclusive?: boolean;
  /** How files and folders are flushed; tests count or fail the calls. */
  readonly sync?: (fd: number) => Promise<void>;
}

const TEMPORARY = "tmp";
/** In a shared folder, an unfinished file this old has no process any more. */
const LEFTOVER_MILLISECONDS = 86_400_000;

/** Opens a folder of blobs, making it when it is missing; what an interrupted put left behind is removed. */
export async function openBlobs(
  folder: string,
  { exclusive = true, sync = promisify(fsync) }: FolderBlobsOptions = {},
): Promise<Blobs> {
  const temporary = join(folder, TEMPORARY);
  try {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    for (const name of await readdir(temporary)) {
      const path = join(temporary, name);
      if (exclusive || Date.now() - (await stat(path)).mtimeMs > LEFTOVER_MILLISECONDS) await rm(path, { force: true });
    }
  } catch (error) {
    throw toStoreError(error, `the blob folder ${folder}`);
  }
  return new FolderBlobs(folder, sync);
}

class FolderBlobs implements Blobs {
  readonly #folder: string;
  readonly #sync: (fd: number) => Promise<void>;

  constructor(folder: string, sync: (fd: number) => Promise<void>) {
    this.#folder = folder;
    this.#sync = sync;
  }

  async put(source: BlobSource): Promise<BlobInfo> {
    const draft = join(this.#folder, TEMPORARY, randomUUID());
    try {
      const info = await this.#write(draft, source);
      await this.#place(draft, info.hash);
      return info;
    } catch (error) {
      await rm(draft, { force: true });
      throw toStoreError(error, `the blob folder ${this.#folder}`);
    }
  }

  async get(hash: string): Promise<Uint8Array> {
    const bytes = await readFile(this.#path(hash)).catch((error) => this.#missing(hash, error));
    if (createHash("sha256").update(bytes).digest("hex") !== hash) throw new BlobDamagedError(hash);
    return bytes;
  }

  async read(hash: string): Promise<Readable> {
    const handle = await open(this.#path(hash)).catch((error) => this.#missing(hash, error));
    const file = handle.createReadStream();
    const checked = verifying(hash);
    // Without this an error of the file (a failing disk) would leave the reader waiting.
    file.on("error", (error) => checked.destroy(error));
    checked.on("close", () => file.destroy());
    return file.pipe(checked);
  }

  async path(hash: string): Promise<string> {
    const stream = await this.read(hash);
    for await (const _ of stream);
    return this.#path(hash);
  }

  async has(hash: string): Promise<boolean> {
    return (await this.#size(hash)) !== undefined;
  }

  async link(hash: string, path: string): Promise<{ path: string; bytes: number } | undefined> {
    const own = this.#path(hash);
    const bytes = await this.#size(hash);
    if (bytes === undefined) return undefined;
    try {
      await rm(path, { force: true });
      await link(own, path);
      return { path, bytes };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      return { path: own, bytes };
    }
  }

  async delete(hash: string): Promise<boolean> {
    const path = this.#path(hash);
    try {
      await rm(path);
      await this.#syncFolder(join(path, ".."));
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw toStoreError(error, `the blob folder ${this.#folder}`);
    }
  }

  async *list(): AsyncGenerator<BlobInfo> {
    const shards = await readdir(this.#folder);
    for (const shard of shards.filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
      for (const hash of (await readdir(join(this.#folder, shard))).sort()) {
        const bytes = await this.#size(hash);
        if (bytes !== undefined) yield { hash, bytes };
      }
    }
  }

  // Internal

  #path(hash: string): string {
    assertHash(hash);
    return join(this.#folder, hash.slice(0, 2), hash);
  }

  async #size(hash: string): Promise<number | undefined> {
    try {
      return (await stat(this.#path(hash))).size;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw toStoreError(error, `the blob folder ${this.#folder}`);
    }
  }

  async #write(draft: string, source: BlobSource): Promise<BlobInfo> {
    const hash = createHash("sha256");
    let bytes = 0;
    const file = await open(draft, "wx", 0o600);
    try {
      for await (const chunk of chunksOf(source)) {
        hash.update(chunk);
        await writeAll(file, chunk);
        bytes += chunk.byteLength;
      }
      await this.#sync(file.fd);
    } finally {
      await file.close();
    }
    return { hash: hash.digest("hex"), bytes };
  }

  /** Also over an existing blob, which has the same content or is damaged and thereby mended. */
  async #place(draft: string, hash: string): Promise<void> {
    const path = this.#path(hash);
    const shard = join(path, "..");
    if ((await mkdir(shard, { recursive: true, mode: 0o700 })) !== undefined) await this.#syncFolder(this.#folder);
    await rename(draft, path);
    await this.#syncFolder(shard);
  }

  async #syncFolder(path: string): Promise<void> {
    // Windows cannot open a folder as a file; NTFS journals names itself.
    if (process.platform === "win32") return;
    const folder = await open(path, "r");
    try {
      await this.#sync(folder.fd);
    } finally {
      await folder.close();
    }
  }

  #missing(hash: string, error: unknown): never {
    if (codeOf(error) === "ENOENT") throw new BlobMissingError(hash, { cause: error });
    throw toStoreError(error, `the blob folder ${this.#folder}`);
  }
}

function chunksOf(source: BlobSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (source instanceof Uint8Array) return [source];
  if ("file" in source) return createReadStream(source.file, { highWaterMark: 1 << 20 });
  return source as AsyncIterable<Uint8Array>;
}

/** A write to a file may take less than it was given, as when a disk is nearly full; the next one then says why. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, from, chunk.byteLength - from);
    from += bytesWritten;
  }
}

function verifying(hash: string): Transform {
  const seen = createHash("sha256");
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      seen.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(seen.digest("hex") === hash ? null : new BlobDamagedError(hash));
    },
  });
}
