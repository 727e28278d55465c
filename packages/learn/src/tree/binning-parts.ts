// Codes chosen from rows that are read in parts: the same codes as from all rows at once, for which the numbers of at most
// a sample of the rows are in memory.
import type { KernelRuntime } from "@massif/kernels";
import { numberedParts, type RowParts } from "../base/row-parts.ts";
import { alignTable, tableSchema } from "../base/schema.ts";
import type { ColumnSchema, Table } from "../base/table.ts";
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

/** `Binning.fit` of the rows of all parts, which are read once. Throws ShapeError and what `check` throws. */
export async function fitBinningParts(
  runtime: KernelRuntime,
  rows: RowParts,
  { maxBins, seed, owner, check }: PartsOptions,
): Promise<Binning> {
  const looked = sampleRows(rows.rows, seed);
  const count = looked?.length ?? rows.rows;
  let schema: readonly ColumnSchema[] | undefined;
  let gathered: Float64Array[] = [];
  let at = 0;
  for await (const { table, first } of numberedParts(rows)) {
    check(table);
    if (schema === undefined) {
      schema = tableSchema(table);
      gathered = schema.map((c) => new Float64Array(c.kind === "category" ? c.categories.length : count));
    }
    const aligned = alignTable(schema, table, owner);
    const end = first + table.rows;
    let taken = 0;
    while (at + taken < count && (looked?.[at + taken] ?? at + taken) < end) taken++;
    for (const [c, column] of aligned.columns.entries()) {
      if (column.kind === "category") addTo(gathered[c], countCategories(column));
      else if (column.kind !== "text") {
        for (let i = at; i < at + taken; i++) gathered[c][i] = column.values[(looked?.[i] ?? i) - first];
      }
    }
    at += taken;
  }
  const columns = schema ?? [];
  const numbers = gathered.filter((_, c) => columns[c].kind !== "category");
  const cuts = findColumnCuts(runtime, numbers, { maxBins, seed }).values();
  const features = columns.map(({ kind }, c): FeatureCodes => {
    if (kind === "category") return codesByCount(gathered[c].length, () => gathered[c]);
    return { kind: "number", cuts: cuts.next().value as Float64Array };
  });
  return new Binning(columns, features);
}

// Internal

function addTo(sums: Float64Array, counts: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += counts[i];
}
