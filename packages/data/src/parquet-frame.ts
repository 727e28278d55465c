// The outer frame of a Parquet file: magic bytes at both ends and a footer that fits between them. A file cut
// short in transfer fails here, by facts, before an engine has to guess.
import { open } from "node:fs/promises";
import { DataError } from "./data-error.ts";

/** Refuses a Parquet file that lost its end. */
export async function checkParquetFrame(path: string, name: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(4);
    const end = Buffer.alloc(8);
    await file.read(start, 0, 4, 0);
    if (start.toString("latin1") !== "PAR1") {
      throw new DataError(
        "INVALID_PARQUET",
        `${name} is not a Parquet file: it does not begin with PAR1; check the format`,
      );
    }
    if (size >= 12) await file.read(end, 0, 8, size - 8);
    if (end.toString("latin1", 4) !== "PAR1" || end.readUInt32LE(0) > size - 12) {
      throw new DataError("TRUNCATED_FILE", `${name} has lost the end of its Parquet data; copy or download it again`);
    }
  } finally {
    await file.close();
  }
}
