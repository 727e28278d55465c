// Reading a CSV of a million rows into columns: ours types every column by all of its values, pandas by its chunks.
import { closeSync, existsSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { readFileTable } from "@massif/data";
import { Random } from "@massif/learn";
import type { BenchCase } from "../case.ts";

const ROWS = 1_000_000;
const CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"];

export const DATA_CASES: readonly BenchCase[] = [
  {
    name: "csv-to-columns",
    title: "CSV of 1M x 6 (4 number, 2 category columns) to typed arrays, types inferred",
    peer: "pandas",
    // pandas types as it goes; the level that matters is one second on two quiet cores.
    target: 2.5,
    quality: "mean",
    rounds: 3,
    async prepare(cache) {
      const csv = table(cache);
      return {
        peerInput: { csv },
        async ours(threads) {
          const started = performance.now();
          const { table: columns } = await readFileTable({ source: csv, threads });
          const seconds = (performance.now() - started) / 1000;
          const first = columns.columns[0] as { values: Float64Array };
          return { seconds, quality: first.values.reduce((sum, x) => sum + x, 0) / columns.rows };
        },
      };
    },
  },
];

// Internal

/** The file, made when absent. */
function table(cache: string): string {
  const file = path.join(cache, `csv-${ROWS}x6.csv`);
  if (existsSync(file)) return file;
  const random = new Random(20261123);
  const out = openSync(`${file}.tmp`, "w");
  writeSync(out, "a,b,c,n,cut,city\n");
  let block = "";
  for (let i = 0; i < ROWS; i++) {
    const [a, b, c] = [random.normal(), random.normal() * 100, random.normal() / 7];
    const [n, city] = [Math.abs(Math.trunc(b * 10)), Math.abs(Math.trunc(a * 60))];
    block += `${a.toFixed(6)},${b.toFixed(3)},${c.toFixed(7)},${n},${CUTS[n % 5]},city_${city}\n`;
    if (block.length < 1 << 20 && i < ROWS - 1) continue;
    writeSync(out, block);
    block = "";
  }
  closeSync(out);
  renameSync(`${file}.tmp`, file);
  return file;
}
