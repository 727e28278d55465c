// Codes chosen from rows that are read in parts: the same codes as from all rows at once, for which the numbers of at most
// a sample of the rows are in memory.
import type { KernelRuntime } from "@massif/kernels";
import { numberedParts, type RowParts } from "../base/row-parts.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import type { Column, ColumnSchema, Table } from "../base/table.ts";
import { Binning, codesByCount, countCategories, type FeatureCodes } from "./binning.ts";
import { findColumnCuts, sampleRows } from "./cuts.ts";

/** How to choose, and what looks at each part before it is used. */
export interface PartsOptions {
  readonly maxBins: number;
  readonly seed: number;
  /** The estimator's name. */
  readonly owner: string;
  check(table: Table): void;
}

/** `Binning.fit` of the rows of all parts, read once for each few columns. Throws ShapeError and what `check` throws. */
export async function fitBinningParts(
  runtime: KernelRuntime,
  rows: RowParts,
  { maxBins, seed, owner, check }: PartsOptions,
): Promise<Binning> {
  const looked = sampleRows(rows.rows, seed);
  const count = looked?.length ?? rows.rows;
  const perPass = Math.max(1, Math.floor(SAMPLE_BYTES / 8 / Math.max(1, count)));
  let schema: readonly ColumnSchema[] | undefined;
  const features: FeatureCodes[] = [];
  do {
    const from = features.length;
    let gathered: Float64Array[] = [];
    let at = 0;
    for await (const { table, first } of numberedParts(rows)) {
      check(table);
      schema ??= tableSchema(table);
      const aligned = alignTable(schema, table, owner);
      const wanted = aligned.columns.slice(from, from + perPass);
      if (first === 0)
        gathered = wanted.map((c) => new Float64Array(c.kind === "category" ? c.categories.length : count));
      const end = endOf(looked, { at, before: first + table.rows, count });
      for (const [c, column] of wanted.entries()) gather(column, gathered[c], { looked, at, end, first });
      at = end;
    }
    const kinds = (schema ?? []).slice(from, from + perPass).map(({ kind }) => kind);
    const numbers = gathered.filter((_, c) => kinds[c] !== "category");
    const cuts = findColumnCuts(runtime, numbers, { maxBins, seed }).values();
    for (const [c, kind] of kinds.entries()) {
      if (kind === "category") features.push(codesByCount(gathered[c].length, () => gathered[c]));
      else features.push({ kind: "number", cuts: cuts.next().value as Float64Array });
    }
  } while (features.length < (schema?.length ?? 0));
  return new Binning(schema ?? [], features);
}

// Internal

/** Numbers of the sampled rows that are in memory at a time. */
const SAMPLE_BYTES = 32e6;

/** The first from `at` on of the rows looked at that is not `before` a row. */
function endOf(
  looked: Uint32Array | undefined,
  { at, before, count }: { at: number; before: number; count: number },
): number {
  if (looked === undefined) return Math.min(count, before);
  let end = at;
  while (end < count && looked[end] < before) end++;
  return end;
}

interface Gathering {
  readonly looked: Uint32Array | undefined;
  /** The rows looked at that are in the part. */
  readonly at: number;
  readonly end: number;
  /** Number of the part's first row. */
  readonly first: number;
}

/** Keeps the numbers of the rows looked at; counts the categories of all. */
function gather(column: Column, into: Float64Array, { looked, at, end, first }: Gathering): void {
  if (column.kind === "text") return;
  if (column.kind === "category") {
    const counts = countCategories(column);
    for (let i = 0; i < counts.length; i++) into[i] += counts[i];
  } else {
    for (let i = at; i < end; i++) into[i] = column.values[(looked?.[i] ?? i) - first];
  }
}
