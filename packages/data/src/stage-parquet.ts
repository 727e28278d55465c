// Parquet into the table `staged`.
import { DataError } from "./data-error.ts";
import { type Engine, engineFault } from "./engine.ts";
import type { ScannedSource } from "./source-scan.ts";
import { literal } from "./sql-text.ts";
import { stageTyped } from "./stage-typed.ts";
import type { ReadLimits, StagedTable } from "./staged-table.ts";

/** Reads a scanned Parquet file into `staged`. */
export async function stageParquet(engine: Engine, source: ScannedSource, limits: ReadLimits): Promise<StagedTable> {
  try {
    const staged = await stageTyped(engine, `read_parquet(${literal(source.path)})`, { file: source.name, limits });
    return staged;
  } catch (error) {
    if (error instanceof DataError) throw error;
    const fault = engineFault(error);
    if (fault === undefined || fault.type === "INTERRUPT" || fault.type === "Out of Memory" || fault.errno === 28)
      throw error;
    throw new DataError("INVALID_PARQUET", `${source.name} holds damaged Parquet data; write or download it again`, {
      cause: error,
    });
  }
}
