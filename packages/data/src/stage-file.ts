// From any supported file to the table `staged`.
import { DataError } from "./data-error.ts";
import type { Engine } from "./engine.ts";
import { type FileFormat, scanSource } from "./source-scan.ts";
import { stageCsv } from "./stage-csv.ts";
import { stageJson } from "./stage-json.ts";
import { stageParquet } from "./stage-parquet.ts";
import { DEFAULT_LIMITS, type ReadLimits, type StagedTable } from "./staged-table.ts";

/** How to read a file; what is left out is found from the file itself. */
export interface ReadOptions {
  format?: FileFormat;
  delimiter?: string;
  header?: boolean;
  limits?: Partial<ReadLimits>;
  signal?: AbortSignal;
}

/** Reads `source` into the table `staged` of `engine`. */
export async function stageFile(engine: Engine, source: string, options: ReadOptions): Promise<StagedTable> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const scanned = await scanSource(source, {
    folder: engine.folder,
    format: options.format,
    maxBytes: limits.maxBytes,
    signal: options.signal,
  });
  const staged = await stageBy(engine, scanned, { ...options, limits });
  if (staged.rows === 0) {
    throw new DataError("NO_ROWS", `${scanned.name} has columns but no rows; add rows below the header`);
  }
  if (staged.rows > limits.maxRows) {
    throw new DataError(
      "TOO_MANY_ROWS",
      `${scanned.name} has more than ${limits.maxRows} rows; split the file or raise the limit`,
    );
  }
  return staged;
}

// Internal

type ScannedSource = Awaited<ReturnType<typeof scanSource>>;

function stageBy(engine: Engine, scanned: ScannedSource, options: ReadOptions & { limits: ReadLimits }) {
  if (scanned.format === "parquet") return stageParquet(engine, scanned, options.limits);
  if (scanned.format === "json") return stageJson(engine, scanned, options.limits);
  return stageCsv(engine, scanned, options);
}
