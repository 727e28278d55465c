// The example data sets as tables: all columns but the last are features, the last is the target.
import { readFileSync } from "node:fs";
import type { ClassTarget, NumberColumn, NumberTarget, Table } from "../src/index.ts";

interface Loaded {
  readonly table: Table;
  readonly labels: readonly string[];
  readonly name: string;
}

/** `examples/data/NAME.csv` of plain numbers; with `scaled`, columns have mean 0 and deviation 1. */
export function example(name: string, scaled: boolean): Loaded {
  const text = readFileSync(new URL(`../../../examples/data/${name}.csv`, import.meta.url), "utf8");
  const [head, ...lines] = text.trim().replaceAll('"', "").split(/\r?\n/);
  const names = head.split(",");
  const cells = lines.map((line) => line.split(","));
  const target = names.length - 1;
  const columns = names.slice(0, target).map((name, j): NumberColumn => {
    const values = Float64Array.from(cells, (row) => Number(row[j]));
    return { kind: "number", name, values: scaled ? standardised(values) : values };
  });
  return { table: { rows: cells.length, columns }, labels: cells.map((row) => row[target]), name: names[target] };
}

export function numberTargetOf({ labels, name }: Loaded): NumberTarget {
  return { kind: "number", name, values: Float64Array.from(labels, Number) };
}

export function classTargetOf({ labels, name }: Loaded): ClassTarget {
  const classes = [...new Set(labels)].sort();
  return { kind: "class", name, codes: Int32Array.from(labels, (label) => classes.indexOf(label)), classes };
}

/** The largest |a - b| / (1 + |b|). */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]) / (1 + Math.abs(expected[i]));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return values.map((v) => (v - mean) / (deviation || 1));
}
