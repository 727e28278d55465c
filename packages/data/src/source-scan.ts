// Looks at a file's bytes before DuckDB does: finds what it is, refuses what is no text, and makes a plain UTF-8
// copy where the original is compressed or UTF-16. It reads every byte of a text once (about 1 GB/s), because
// here a bad byte can be named by line, and because DuckDB crashes on JSON that is nested deeply enough.
import { isUtf8 } from "node:buffer";
import { createReadStream, createWriteStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DataError } from "./data-error.ts";
import { diskFull, refuseAborted } from "./engine.ts";
import { checkParquetFrame } from "./parquet-frame.ts";

/** The file formats that can be read. */
export type FileFormat = "csv" | "tsv" | "json" | "parquet";

/** A source that is ready for DuckDB: a Parquet file, or plain UTF-8 text with its first bytes at hand. */
export interface ScannedSource {
  format: FileFormat;
  path: string;
  /** The file's name as errors show it. */
  name: string;
  bytes: number;
  /** The first bytes of a text, at most `HEAD_BYTES`, decoded without its byte order mark. */
  head: string;
  /** Whether `head` is the whole text. */
  whole: boolean;
  /** Both `\r\n` and lone `\n` occur. */
  mixedLineEnds: boolean;
  /** The longest line, exact when it is longer than a chunk of reading (1 MB). */
  longestLine: { bytes: number; line: number };
}

export interface ScanOptions {
  folder: string;
  format?: FileFormat;
  maxBytes: number;
  signal?: AbortSignal;
}

/** Examines `source`; the copies it may need go to `folder`. */
export async function scanSource(source: string, options: ScanOptions): Promise<ScannedSource> {
  const name = basename(source);
  const size = await sizeOf(source, name);
  refuseSize(size, options.maxBytes, name);
  if (size === 0) throw new DataError("EMPTY_FILE", `${name} is empty; give a file with a header and rows`);
  const magic = await firstBytes(source, 512);
  if (options.format === "parquet" || magic.subarray(0, 4).equals(PARQUET_MAGIC)) {
    await checkParquetFrame(source, name);
    const text = { head: "", whole: false, mixedLineEnds: false, longestLine: { bytes: 0, line: 1 } };
    return { format: "parquet", path: source, name, bytes: size, ...text };
  }
  refuseBinary(magic, name);
  const plain = await plainText(source, magic, { ...options, name });
  const facts = await readText(plain, name, options.signal);
  const format = options.format ?? formatOf(name, facts.head);
  return { format, path: plain, name, ...facts };
}

// Internal

const PARQUET_MAGIC = Buffer.from("PAR1");
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** Enough for the dialect of a CSV and for the widest header that is accepted. */
const HEAD_BYTES = 1 << 20;
const CHUNK_BYTES = 1 << 20;

/** Signatures of common files that are no tables, so that the message can say what was given. */
const KNOWN_BINARIES: readonly (readonly [string, string, string])[] = [
  ["89504e470d0a1a0a", "a PNG image", "give the table itself"],
  ["ffd8ff", "a JPEG image", "give the table itself"],
  ["7f454c46", "a program (ELF)", "give the table itself"],
  ["25504446", "a PDF document", "export its table as CSV"],
  ["504b0304", "a ZIP archive or an Excel workbook", "unpack it, or export the sheet as CSV"],
  ["d0cf11e0", "an old Excel or Word file", "export the sheet as CSV"],
  ["53514c69746520666f726d6174203300", "an SQLite database", "export the table as CSV"],
  ["28b52ffd", "a Zstandard archive", "unpack it first"],
  ["425a68", "a bzip2 archive", "unpack it first"],
  ["fd377a585a00", "an xz archive", "unpack it first"],
];

async function sizeOf(source: string, name: string): Promise<number> {
  try {
    const facts = await stat(source);
    if (facts.isDirectory()) throw new DataError("NOT_A_TABLE", `${name} is a directory; give one file`);
    if (!facts.isFile()) throw new DataError("NOT_A_TABLE", `${name} is not a plain file; give a file on disk`);
    return facts.size;
  } catch (error) {
    throw fileError(error, name);
  }
}

/** The `DataError` of a failed file operation. */
function fileError(error: unknown, name: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new DataError("FILE_NOT_FOUND", `there is no file ${name}; check the path`, { cause: error });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new DataError("FILE_UNREADABLE", `${name} may not be read; give this user read permission`, {
      cause: error,
    });
  }
  if (code === "ENOSPC") return diskFull(error);
  return error;
}

function refuseSize(bytes: number, maxBytes: number, name: string): void {
  if (bytes <= maxBytes) return;
  throw new DataError("TOO_LARGE", `${name} has more than ${maxBytes} bytes; split the file or raise the size limit`);
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, basename(path));
  }
}

function refuseBinary(magic: Buffer, name: string): void {
  for (const [signature, what, cure] of KNOWN_BINARIES) {
    if (magic.toString("hex", 0, signature.length / 2) !== signature) continue;
    throw new DataError("NOT_A_TABLE", `${name} is ${what}, not a table; ${cure}`);
  }
}

/** The path of the text as UTF-8: the source itself, or a copy that is unpacked or re-encoded. */
async function plainText(source: string, magic: Buffer, options: ScanOptions & { name: string }): Promise<string> {
  const gzip = magic.subarray(0, 2).equals(GZIP_MAGIC);
  let path = source;
  if (gzip) {
    path = join(options.folder, "unpacked");
    await unpack(source, path, options);
    const size = await sizeOf(path, options.name);
    if (size === 0) throw new DataError("EMPTY_FILE", `${options.name} holds an empty file; give a header and rows`);
  }
  const start = gzip ? await firstBytes(path, 512) : magic;
  if (gzip) refuseBinary(start, `the content of ${options.name}`);
  const encoding = utf16Of(start);
  if (encoding === undefined) return path;
  const copy = join(options.folder, "utf8");
  await writeStream(createReadStream(path), decoding(encoding), copy);
  return copy;
}

async function unpack(source: string, path: string, options: ScanOptions & { name: string }): Promise<void> {
  const { maxBytes, name, signal } = options;
  let total = 0;
  const limited = async function* (stream: AsyncIterable<Buffer>) {
    for await (const chunk of stream) {
      total += chunk.length;
      refuseSize(total, maxBytes, `the content of ${name}`);
      yield chunk;
    }
  };
  try {
    await pipeline(createReadStream(source), createGunzip(), limited, createWriteStream(path), { signal });
  } catch (error) {
    refuseAborted(signal);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "Z_BUF_ERROR") {
      throw new DataError("TRUNCATED_FILE", `${name} ends in the middle of its gzip data; copy or download it again`, {
        cause: error,
      });
    }
    if (code?.startsWith("Z_")) {
      throw new DataError("NOT_A_TABLE", `${name} is damaged gzip data; copy or download it again`, { cause: error });
    }
    throw fileError(error, name);
  }
}

async function writeStream(
  source: Readable,
  change: (stream: AsyncIterable<Buffer>) => AsyncIterable<string>,
  path: string,
): Promise<void> {
  try {
    await pipeline(source, change, createWriteStream(path));
  } catch (error) {
    throw fileError(error, basename(path));
  }
}

/** UTF-16 announces itself by its byte order mark; without one its zero bytes make it binary. */
function utf16Of(start: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (start.length >= 2 && start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start.length >= 2 && start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  return undefined;
}

function decoding(encoding: string) {
  return async function* (stream: AsyncIterable<Buffer>): AsyncIterable<string> {
    const decoder = new TextDecoder(encoding);
    for await (const chunk of stream) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  };
}

function formatOf(name: string, head: string): FileFormat {
  const bare = name.toLowerCase().replace(/\.gz$/, "");
  if (/\.(json|jsonl|ndjson|geojson)$/.test(bare)) return "json";
  if (/\.(tsv|tab)$/.test(bare)) return "tsv";
  if (/\.(csv|txt|data|dat)$/.test(bare)) return "csv";
  return /^\s*(\[\s*[{[\]]|\{\s*["}])/.test(head) ? "json" : "csv";
}

type TextFacts = Pick<ScannedSource, "bytes" | "head" | "whole" | "mixedLineEnds" | "longestLine">;

/** Reads the text to its end, refusing zero bytes and whatever is not UTF-8 by line. */
async function readText(path: string, name: string, signal: AbortSignal | undefined): Promise<TextFacts> {
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let line = 1;
  let ends = { crlf: false, lf: false };
  let lineBytes = 0;
  let longestLine = { bytes: 0, line: 1 };
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>) {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      const block = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      const end = characterBoundary(block);
      checkText(block.subarray(0, end), { name, line });
      ends = lineEnds(chunk, ends);
      const firstEnd = chunk.indexOf(10);
      lineBytes += firstEnd < 0 ? chunk.length : firstEnd;
      if (lineBytes > longestLine.bytes) longestLine = { bytes: lineBytes, line };
      if (firstEnd >= 0) lineBytes = chunk.length - chunk.lastIndexOf(10);
      line += newlines(block.subarray(0, end));
      rest = block.subarray(end);
      bytes += chunk.length;
    }
  } catch (error) {
    refuseAborted(signal);
    throw fileError(error, name);
  }
  checkText(rest, { name, line });
  const text = new TextDecoder("utf-8").decode(head.subarray(0, characterBoundary(head)));
  if (text.trim() === "") throw new DataError("EMPTY_FILE", `${name} holds only blanks; give a header and rows`);
  return { bytes, head: text, whole: bytes <= HEAD_BYTES, mixedLineEnds: ends.crlf && ends.lf, longestLine };
}

/** The end of the last whole UTF-8 character of `block`. */
function characterBoundary(block: Buffer): number {
  for (let back = 1; back <= Math.min(3, block.length); back++) {
    const byte = block[block.length - back];
    if (byte < 0x80) return block.length;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? block.length - back : block.length;
    }
  }
  return block.length;
}

function checkText(block: Buffer, { name, line }: { name: string; line: number }): void {
  const zero = block.indexOf(0);
  if (zero >= 0) {
    const at = line + newlines(block.subarray(0, zero));
    throw new DataError(
      "NOT_A_TABLE",
      `${name} is binary: line ${at} has a zero byte; give a CSV, JSON or Parquet file`,
    );
  }
  if (isUtf8(block)) return;
  const start = firstInvalid(block);
  const byte = block[start].toString(16).padStart(2, "0");
  throw new DataError(
    "INVALID_ENCODING",
    `${name} is not UTF-8: byte 0x${byte} in line ${line + newlines(block.subarray(0, start))}; ` +
      "save it as UTF-8 (if it is Latin-1 or Windows-1252: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT)",
  );
}

/** Halves the block until the first invalid byte is found: a valid prefix may only end inside a character. */
function firstInvalid(block: Buffer): number {
  let low = 0;
  let high = block.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const end = low + characterBoundary(block.subarray(low, middle));
    if (end > low && isUtf8(block.subarray(low, end))) low = end;
    else if (middle - low <= 4) break;
    else high = middle;
  }
  let at = low;
  while (at < high && at - low < 8 && isUtf8(block.subarray(low, at + 1))) at++;
  return Math.min(at, block.length - 1);
}

/** Counts line ends; cheap because `indexOf` runs in native code. */
function newlines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) count++;
  return count;
}

function lineEnds(chunk: Buffer, seen: { crlf: boolean; lf: boolean }): { crlf: boolean; lf: boolean } {
  const crlf = seen.crlf || chunk.includes("\r\n");
  let lf = seen.lf;
  for (let at = chunk.indexOf(10); at >= 0 && !lf && crlf; at = chunk.indexOf(10, at + 1)) {
    lf = at > 0 && chunk[at - 1] !== 13;
  }
  return { crlf, lf };
}
