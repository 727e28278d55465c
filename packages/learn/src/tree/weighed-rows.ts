// Rows of weight zero are left out before anything is learned: not even the bins may show that they were there.
import type { Column, Table } from "../base/table.ts";

export interface WeighedRows<A> {
  readonly table: Table;
  readonly targets: A;
  readonly weights: Float64Array | undefined;
}

/** The rows that count; all of them, and the same objects, when none has weight zero. */
export function rowsThatCount<A extends Float64Array | Int32Array>(rows: WeighedRows<A>): WeighedRows<A> {
  const { table, targets, weights } = rows;
  if (weights === undefined || !weights.includes(0)) return rows;
  const kept = Uint32Array.from(weights.keys()).filter((row) => weights[row] > 0);
  const take = <B extends Float64Array | Int32Array>(values: B): B => {
    const taken = values.slice(0, kept.length) as B;
    for (let i = 0; i < kept.length; i++) taken[i] = values[kept[i]];
    return taken;
  };
  const columns = table.columns.map((column): Column => {
    if (column.kind === "category") return { ...column, codes: take(column.codes) };
    if (column.kind === "text") return { ...column, values: Array.from(kept, (row) => column.values[row]) };
    return { ...column, values: take(column.values) };
  });
  return { table: { rows: kept.length, columns }, targets: take(targets), weights: take(weights) };
}
