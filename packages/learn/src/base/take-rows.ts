// Rows of tables and targets by index.
import type { Column, Prediction, Table, Target } from "./table.ts";

/** The rows of `table` at `indices`, in that order. */
export function takeRows(table: Table, indices: Uint32Array): Table {
  return { rows: indices.length, columns: table.columns.map((column) => takeColumn(column, indices)) };
}

/** The values of `target` at `indices`, in that order; nothing of no target. */
export function takeTarget<T extends Target | undefined>(target: T, indices: Uint32Array): T;
export function takeTarget(target: Target | undefined, indices: Uint32Array): Target | undefined {
  if (target === undefined) return undefined;
  return target.kind === "number"
    ? { ...target, values: numbers(target.values, indices) }
    : { ...target, codes: codes(target.codes, indices) };
}

/** The values at `indices`, in that order. */
export function takeValues(values: Float64Array, indices: Uint32Array): Float64Array {
  return numbers(values, indices);
}

/** The predictions at `indices`, in that order. */
export function takePrediction(whole: Prediction, indices: Uint32Array): Prediction {
  if (whole.kind === "number") return { ...whole, values: numbers(whole.values, indices) };
  const own = codes(whole.codes, indices);
  if (whole.kind === "class") {
    return { ...whole, codes: own, probabilities: blocks(whole.probabilities, indices, whole.classes.length) };
  }
  return { ...whole, codes: own, distances: blocks(whole.distances, indices, whole.clusters) };
}

/** Writes the rows of `part` to `indices` of `whole`, which has the same kind and classes. */
export function putPrediction(whole: Prediction, part: Prediction, indices: Uint32Array): void {
  if (whole.kind === "number" && part.kind === "number") {
    indices.forEach((row, i) => {
      whole.values[row] = part.values[i];
    });
  } else if (whole.kind === "class" && part.kind === "class") {
    const k = whole.classes.length;
    indices.forEach((row, i) => {
      whole.codes[row] = part.codes[i];
      whole.probabilities.set(part.probabilities.subarray(i * k, (i + 1) * k), row * k);
    });
  } else if (whole.kind === "cluster" && part.kind === "cluster") {
    const k = whole.clusters;
    indices.forEach((row, i) => {
      whole.codes[row] = part.codes[i];
      whole.distances.set(part.distances.subarray(i * k, (i + 1) * k), row * k);
    });
  }
}

// Internal

function takeColumn(column: Column, indices: Uint32Array): Column {
  switch (column.kind) {
    case "category":
      return { ...column, codes: codes(column.codes, indices) };
    case "text":
      return { ...column, values: Array.from(indices, (row) => column.values[row]) };
    default:
      return { ...column, values: numbers(column.values, indices) };
  }
}

function blocks(values: Float64Array, indices: Uint32Array, width: number): Float64Array {
  const taken = new Float64Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    taken.set(values.subarray(indices[i] * width, (indices[i] + 1) * width), i * width);
  }
  return taken;
}

function numbers(values: Float64Array, indices: Uint32Array): Float64Array {
  const taken = new Float64Array(indices.length);
  for (let i = 0; i < indices.length; i++) taken[i] = values[indices[i]];
  return taken;
}

function codes(values: Int32Array, indices: Uint32Array): Int32Array {
  const taken = new Int32Array(indices.length);
  for (let i = 0; i < indices.length; i++) taken[i] = values[indices[i]];
  return taken;
}
