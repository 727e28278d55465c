// Small tables for the tests: columns from plain values, null for missing.
import type { CategoryColumn, DateColumn, NumberColumn, Table, TextColumn } from "../src/base/table.ts";
import type { FitContext } from "../src/index.ts";

export function numbers(name: string, values: readonly (number | null)[]): NumberColumn {
  return { kind: "number", name, values: Float64Array.from(values, (value) => value ?? Number.NaN) };
}

export function categories(name: string, values: readonly (string | null)[], dictionary?: string[]): CategoryColumn {
  const known = dictionary ?? [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : known.indexOf(value)));
  return { kind: "category", name, codes, categories: known };
}

export function dates(name: string, values: readonly (string | null)[]): DateColumn {
  const times = Float64Array.from(values, (value) => (value === null ? Number.NaN : Date.parse(value)));
  return { kind: "date", name, values: times };
}

export function texts(name: string, values: readonly (string | null)[]): TextColumn {
  return { kind: "text", name, values };
}

export function table(...columns: Table["columns"]): Table {
  const first = columns[0];
  const rows = first === undefined ? 0 : first.kind === "category" ? first.codes.length : first.values.length;
  return { rows, columns };
}

/** A context without threads for what needs no kernels. */
export const noKernels: FitContext = {
  get runtime(): never {
    throw new Error("this fit must not use kernels");
  },
  seed: 1,
  report: async () => {},
};
