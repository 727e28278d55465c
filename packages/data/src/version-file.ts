// One Parquet file per dataset version: written under a temporary name, synced, then renamed, so that a path holds
// a whole file or none. Equal rows give equal bytes on any number of threads: the sort by rowid
// (which is their order already) is what makes chunks, and so row groups and pages, of even size.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ColumnInfo } from "./column-info.ts";
import { DataError } from "./data-error.ts";
import { diskFull, type Engine, engineFault } from "./engine.ts";
import { KINDS_KEY } from "./read-table.ts";
import { identifier, literal } from "./sql-text.ts";

/** A written version: its path, size and SHA-256. */
export interface VersionFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** Writes columns of a relation to `path`, replacing what was there. */
export async function writeVersion(
  engine: Engine,
  relation: string,
  { columns, path }: { columns: readonly { sql: string; info: ColumnInfo }[]; path: string },
): Promise<VersionFile> {
  const temporary = `${path}.${process.pid}.${Date.now().toString(36)}.tmp`;
  const selected = columns.map(({ sql, info }) => `${sql} AS ${identifier(info.name)}`).join(", ");
  const kinds = JSON.stringify(Object.fromEntries(columns.map(({ info }) => [info.name, info.kind])));
  const options =
    `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, USE_TMP_FILE false, ` +
    `KV_METADATA {${identifier(KINDS_KEY)}: ${literal(kinds)}}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await engine.run(`COPY (SELECT ${selected} FROM ${relation} ORDER BY rowid) TO ${literal(temporary)} (${options})`);
    await syncPath(temporary);
    const { size } = await stat(temporary);
    const sha256 = await sha256Of(temporary);
    await rename(temporary, path);
    await syncPath(dirname(path));
    return { path, bytes: size, sha256 };
  } catch (error) {
    // The first error is the one to report.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(error, path);
  }
}

// Internal

/** DuckDB's own default; fixed here because the bytes of a version must not depend on it. */
const ROW_GROUP_ROWS = 122_880;

async function syncPath(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}

function writeError(error: unknown, path: string): unknown {
  if (error instanceof DataError) return error;
  const fault = engineFault(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || fault?.errno === 28) return diskFull(error);
  if (fault?.type !== "IO" && code === undefined) return error;
  return new DataError("WRITE_FAILED", `cannot write ${path}; give a folder that exists and is writable`, {
    cause: error,
  });
}
