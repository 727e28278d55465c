// Synthetic data for benchmarks, made once and kept as raw float32 files that both sides read.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ClassTarget, type NumberTarget, Random, type Table } from "@massif/learn";

export interface DatasetFiles {
  readonly x: string;
  readonly y: string;
  readonly columns: number;
  /** Rows at the end that are held out. */
  readonly test: number;
}

export interface DatasetShape {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly test: number;
  /** Writes the features of row number `index`; absent: they are drawn from a standard normal. */
  fill?(row: Float32Array, index: number): void;
  /** The target of row number `index`; `noise` draws from a standard normal. */
  target(row: Float32Array, noise: () => number, index: number): number;
}

/** Features and the given target, in `cache`, made when absent. */
export function dataset(cache: string, shape: DatasetShape): DatasetFiles {
  const base = path.join(cache, `${shape.name}-${shape.rows}x${shape.columns}`);
  const files = { x: `${base}.x.f32`, y: `${base}.y.f32`, columns: shape.columns, test: shape.test };
  if (existsSync(files.x) && existsSync(files.y)) return files;
  const random = new Random(20261123);
  const x = new Float32Array(shape.rows * shape.columns);
  const y = new Float32Array(shape.rows);
  if (shape.fill === undefined) for (let i = 0; i < x.length; i++) x[i] = random.normal();
  for (let r = 0; r < shape.rows; r++) {
    const row = x.subarray(r * shape.columns, (r + 1) * shape.columns);
    shape.fill?.(row, r);
    y[r] = shape.target(row, () => random.normal(), r);
  }
  writeFileSync(files.x, x);
  writeFileSync(files.y, y);
  return files;
}

/** The files as columns, training and held-out rows apart. */
export function tables(files: DatasetFiles): { train: Table; test: Table; trainY: Float64Array; testY: Float64Array } {
  const x = floats(files.x);
  const y = floats(files.y);
  const cut = y.length - files.test;
  return {
    train: table(x, files.columns, 0, cut),
    test: table(x, files.columns, cut, y.length),
    trainY: Float64Array.from(y.subarray(0, cut)),
    testY: Float64Array.from(y.subarray(cut)),
  };
}

export function numberTarget(values: Float64Array): NumberTarget {
  return { kind: "number", name: "y", values };
}

export function classTarget(values: Float64Array): ClassTarget {
  return { kind: "class", name: "y", codes: Int32Array.from(values), classes: ["0", "1"] };
}

// Internal

function floats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function table(x: Float32Array, columns: number, begin: number, end: number): Table {
  const made = Array.from({ length: columns }, (_, c) => {
    const values = new Float64Array(end - begin);
    for (let r = begin; r < end; r++) values[r - begin] = x[r * columns + c];
    return { kind: "number" as const, name: `x${c}`, values };
  });
  return { rows: end - begin, columns: made };
}
