// Example data sets with categories and missing values as they are; every fifth row is the test part.
import { readFileSync } from "node:fs";
import type { ClassTarget, Column, NumberTarget, Table } from "../src/index.ts";

export interface Part<T> {
  readonly table: Table;
  readonly target: T;
}

export interface Halves<T> {
  readonly train: Part<T>;
  readonly test: Part<T>;
  /** All rows. */
  readonly whole: Part<T>;
}

/** A data set whose column `target` is a number. */
export function regressionData(name: string, target: string, rows?: number): Halves<NumberTarget> {
  const columns = read(name, rows);
  const found = columns.find((column) => column.name === target);
  if (found?.kind !== "number") throw new Error(`${target} of ${name} is not a number column`);
  const pick = (chosen: readonly number[]): NumberTarget => {
    return { kind: "number", name: target, values: Float64Array.from(chosen, (row) => found.values[row]) };
  };
  return halves(columns, target, pick);
}

/** A data set whose column `target` is a class. */
export function classData(name: string, target: string, rows?: number): Halves<ClassTarget> {
  const columns = read(name, rows);
  const found = columns.find((column) => column.name === target) as Column;
  const labels =
    found.kind === "category" ? Array.from(found.codes, (code) => found.categories[code]) : valuesOf(found);
  const classes = [...new Set(labels)].sort();
  const pick = (chosen: readonly number[]): ClassTarget => {
    return {
      kind: "class",
      name: target,
      codes: Int32Array.from(chosen, (row) => classes.indexOf(labels[row])),
      classes,
    };
  };
  return halves(columns, target, pick);
}

function valuesOf(column: Column): string[] {
  if (column.kind !== "number") throw new Error(`${column.name} is neither a number nor a category`);
  return Array.from(column.values, String);
}

function read(name: string, limit?: number): Column[] {
  const text = readFileSync(new URL(`../../../examples/data/${name}.csv`, import.meta.url), "utf8");
  const [head, ...lines] = text.trim().replaceAll('"', "").split(/\r?\n/);
  const cells = lines.slice(0, limit).map((line) => line.split(","));
  return head.split(",").map((column, j): Column => {
    const texts = cells.map((row) => row[j]);
    const present = texts.filter((value) => value !== "" && value !== "NA");
    if (present.every((value) => Number.isFinite(Number(value)))) {
      const values = Float64Array.from(texts, (value) => (value === "" || value === "NA" ? Number.NaN : Number(value)));
      return { kind: "number", name: column, values };
    }
    const categories = [...new Set(present)].sort();
    const codeOf = new Map(categories.map((category, code) => [category, code]));
    return {
      kind: "category",
      name: column,
      codes: Int32Array.from(texts, (value) => codeOf.get(value) ?? -1),
      categories,
    };
  });
}

function halves<T>(columns: readonly Column[], target: string, pick: (rows: readonly number[]) => T): Halves<T> {
  const features = columns.filter((column) => column.name !== target);
  const first = columns[0];
  const count = first.kind === "category" ? first.codes.length : first.values.length;
  const all = Array.from({ length: count }, (_, row) => row);
  const part = (rows: readonly number[]): Part<T> => {
    return {
      table: { rows: rows.length, columns: features.map((column) => rowsOf(column, rows)) },
      target: pick(rows),
    };
  };
  return {
    train: part(all.filter((row) => row % 5 !== 0)),
    test: part(all.filter((row) => row % 5 === 0)),
    whole: part(all),
  };
}

function rowsOf(column: Column, rows: readonly number[]): Column {
  if (column.kind === "category") return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
  if (column.kind === "text") return { ...column, values: rows.map((row) => column.values[row]) };
  return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
}
