// The contract of the blob store: bytes kept under the SHA-256 of their content, complete or absent. The folder of an
// embedded home is one implementation; others pass the same conformance suite.
import type { Readable } from "node:stream";
import { StoreError } from "../store/errors.ts";

/** What can be put: bytes in memory, a stream, or an existing file, which is copied. */
export type BlobSource = Uint8Array | Readable | AsyncIterable<Uint8Array> | { readonly file: string };

/** What a put made, or found to be there. */
export interface BlobInfo {
  /** SHA-256 of the content, 64 lower-case hexadecimal digits. */
  readonly hash: string;
  readonly bytes: number;
}

/** Bytes under the hash of their content. */
export interface Blobs {
  /** Keeps the content; when it resolves, the content survives a loss of power. Putting the same content again is free. */
  put(source: BlobSource): Promise<BlobInfo>;
  /** The whole content, verified; throws BlobMissingError or BlobDamagedError. */
  get(hash: string): Promise<Uint8Array>;
  /** The content as a stream, which ends in BlobDamagedError when what was read is not what the hash names. */
  read(hash: string): Promise<Readable>;
  /** A local file with the content, verified once here; for engines that must be given a file. Never write to it. */
  path(hash: string): Promise<string>;
  has(hash: string): Promise<boolean>;
  /**
   * A local file that keeps the content although the blob is deleted: `path`, made for this, or, where a file system
   * has no second names, the blob's own. Not verified. Undefined when there is no such blob.
   */
  link(hash: string, path: string): Promise<{ readonly path: string; readonly bytes: number } | undefined>;
  /** Takes content away; false when there was none. */
  delete(hash: string): Promise<boolean>;
  /** Every blob, in order of hash. */
  list(): AsyncIterable<BlobInfo>;
}

/** A blob that is not there. */
export class BlobMissingError extends Error {
  override readonly name = "BlobMissingError";
  readonly hash: string;

  constructor(hash: string, options?: ErrorOptions) {
    super(`There is no blob ${hash}.`, options);
    this.hash = hash;
  }
}

/** A blob whose content is not what its hash names. */
export class BlobDamagedError extends Error {
  override readonly name = "BlobDamagedError";
  readonly hash: string;

  constructor(hash: string) {
    super(`The blob ${hash} is damaged: its content has another hash. Restore it from a backup or make it again.`);
    this.hash = hash;
  }
}

/** Throws MISUSE unless `hash` is a SHA-256 in hexadecimal; a hash also becomes a path, hence no exceptions. */
export function assertHash(hash: string): void {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new StoreError("MISUSE", `"${hash}" is not a blob's hash (64 lower-case hexadecimal digits).`);
  }
}
