// Rows dealt into folds, for selectors that judge columns by rows not learned from.
import type { Table, Target } from "../base/table.ts";
import { takeRows, takeTarget } from "../base/take-rows.ts";

export interface Data {
  readonly table: Table;
  readonly target: Target;
}

/** The rows of each fold, dealt in turn, class after class, so that every fold has its share of each. */
export function dealRows(target: Target, rows: number, folds: number): Uint32Array[] {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  if (target.kind === "class") order.sort((a, b) => target.codes[a] - target.codes[b] || a - b);
  return Array.from({ length: folds }, (_, fold) => order.filter((_, i) => i % folds === fold).sort());
}

/** The rows that are learned from where those of `test` are held out, and the held-out ones. */
export function splitFold({ table, target }: Data, test: Uint32Array): { train: Data; held: Table } {
  const isHeld = new Uint8Array(table.rows);
  for (const row of test) isHeld[row] = 1;
  const train = Uint32Array.from({ length: table.rows }, (_, row) => row).filter((row) => isHeld[row] === 0);
  return {
    train: { table: takeRows(table, train), target: takeTarget(target, train) },
    held: takeRows(table, test),
  };
}
