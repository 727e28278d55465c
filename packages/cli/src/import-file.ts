// A file from disk into a data set: upload, then the server's import, both on one progress line.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { ApiError, type Client, type DatasetVersion } from "@massif/api";
import { bytes, count, duration } from "./figures.ts";
import type { WorkLine } from "./progress.ts";
import { importEnd } from "./watch.ts";

export interface ImportOptions {
  readonly file: string;
  /** Default: made from the file's name. */
  readonly name?: string;
  readonly format?: "csv" | "tsv" | "json" | "parquet";
  /** Adds the rows to the newest version instead of replacing it. */
  readonly append?: { readonly fillMissing: boolean };
  readonly line: WorkLine;
  readonly signal: AbortSignal;
}

/** Uploads and imports; throws INVALID_FILE and what the server says of the file. */
export async function importFile(client: Client, options: ImportOptions): Promise<DatasetVersion> {
  const { file, format, line, signal } = options;
  const size = await sizeOf(file);
  const started = performance.now();
  try {
    const name = options.name ?? nameOf(file);
    const query = { filename: path.basename(file), format };
    const sent = { file: await uploadOf(file, { size, line, signal }), signal };
    const begun =
      options.append === undefined
        ? await client.importDataset({ query: { name, ...query }, ...sent })
        : await client.appendRows({
            params: { name },
            query: { ...query, fillMissing: String(options.append.fillMissing) },
            ...sent,
          });
    line.update({ value: 0, total: undefined, unit: "", detail: "reading and profiling" });
    const version = await importEnd(client, begun, { signal, tick: () => line.update({}) });
    const seconds = (performance.now() - started) / 1000;
    line.done(`${count(version.rows)} rows, ${bytes(size)} in ${duration(seconds)}`);
    return version;
  } catch (error) {
    line.failed(signal.aborted ? "stopped" : "see below");
    throw error;
  }
}

/** A valid name from a file name: `Sales 2026.csv` is `sales_2026`; `what` it is for is said when none can be made. */
export function nameOf(file: string, what = "data set"): string {
  const base = path
    .basename(file)
    .replace(/\.[^.]*$/, "")
    .toLowerCase();
  const name = base
    .replace(/[^a-z0-9_-]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, 63);
  if (name !== "") return name;
  throw new ApiError("INVALID_REQUEST", `no ${what} name can be made from ${path.basename(file)}: pass \`--name\``);
}

/** Size of an ordinary file with something in it; throws INVALID_FILE for anything else. */
export async function sizeOf(file: string): Promise<number> {
  const found = await stat(file);
  if (found.isDirectory()) throw new ApiError("INVALID_FILE", `${file} is a folder, not a file`);
  if (!found.isFile()) throw new ApiError("INVALID_FILE", `${file} is no ordinary file`);
  if (found.size === 0) throw new ApiError("INVALID_FILE", `${file} is empty`);
  return found.size;
}

export interface UploadOptions {
  readonly size: number;
  readonly line: WorkLine;
  readonly signal: AbortSignal;
}

/** A file as a stream that shows its progress. It is opened first, so that one that may not be read is told as such. */
export async function uploadOf(file: string, { size, line, signal }: UploadOptions): Promise<ReadableStream> {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES, signal });
  await new Promise<void>((resolve, reject) => {
    source.once("open", () => resolve());
    source.once("error", reject);
  });
  let sent = 0;
  line.update({ value: 0, total: size, unit: "bytes" });
  async function* counted() {
    for await (const chunk of source) {
      yield chunk as Buffer;
      sent += (chunk as Buffer).length;
      line.update({ value: sent });
    }
  }
  return Readable.toWeb(Readable.from(counted(), { objectMode: false })) as ReadableStream;
}

// Internal

const CHUNK_BYTES = 256 * 1024;
