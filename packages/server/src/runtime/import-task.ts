// One import, in the task process: reads the uploaded bytes under the name they came with and writes a Parquet file.
import { mkdir, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { appendFile, type ImportOptions, type ImportResult, importFile, inferTask } from "@massif/data";
import type { TaskContext } from "./task-process.ts";
import type { AppendTask, ImportOutcome, ImportTask } from "./task-protocol.ts";

/**
 * Shares of the process's memory that the engine may use at most and at least, and what the process needs beside it, in
 * MB: while it sorts the engine holds up to 200 MB more than its limit (measured at limits of 150 to 390 MB).
 */
const ENGINE_SHARE = { most: 0.6, least: 0.4 };
const BESIDE_ENGINE_MB = 400;
const LEAST_ENGINE_MB = 100;

/** Imports the file. Throws DataError. */
export async function importTask(task: ImportTask, context: TaskContext): Promise<ImportOutcome> {
  return outcomeOf(await importFile(await readingOf(task, context)));
}

/** Appends the file's rows to a version's. Throws DataError. */
export async function appendTask(task: AppendTask, context: TaskContext): Promise<ImportOutcome> {
  const { base, columns, fillMissing } = task;
  const appended = await appendFile({ ...(await readingOf(task, context)), base, columns, fillMissing });
  return { ...outcomeOf(appended), appendedRows: appended.appendedRows };
}

// Internal

async function readingOf(
  { source, filename, format, output }: Omit<ImportTask, "kind">,
  { limits, report }: TaskContext,
): Promise<ImportOptions> {
  const folder = dirname(output);
  const named = join(folder, "source");
  await mkdir(named, { recursive: true });
  // The importer reads the format from the file's ending and names the file in its messages.
  const path = join(named, safeName(filename));
  await symlink(source, path);
  return {
    source: path,
    outPath: output,
    ...(format === null ? {} : { format }),
    threads: limits.threads,
    memoryLimitMB: engineMemory(limits.memoryMb),
    workDir: folder,
    onProgress: ({ stage, fraction, rows: seen }) => {
      void report({
        stage,
        ...(fraction === undefined ? {} : { fraction }),
        ...(seen === undefined ? {} : { rows: seen }),
      }).catch(() => undefined);
    },
  };
}

/** Beyond its limit the engine keeps rows on disk; the process as a whole may not pass its own. */
function engineMemory(memoryMb: number): number {
  const left = Math.max(memoryMb - BESIDE_ENGINE_MB, memoryMb * ENGINE_SHARE.least, LEAST_ENGINE_MB);
  return Math.floor(Math.min(memoryMb * ENGINE_SHARE.most, left));
}

function outcomeOf({ rows, columns, profile, warnings }: ImportResult): ImportOutcome {
  return { rows, columns, profile: profile.columns, suggestedTarget: suggestTarget(columns), warnings };
}

function safeName(filename: string): string {
  const name = basename(filename.replaceAll("\\", "/")).replace(/[^\w.-]/g, "_");
  return name === "" || name === "." || name === ".." ? "file" : name.slice(-200);
}

/** By custom the target is the last column; the last that can be one is suggested. */
function suggestTarget(columns: ImportOutcome["columns"]): string | null {
  const names = columns.filter(({ role }) => role === "feature").map(({ name }) => name);
  for (const name of names.reverse()) {
    try {
      inferTask(columns, name);
      return name;
    } catch {
      // Nothing can be learned for this one.
    }
  }
  return null;
}
