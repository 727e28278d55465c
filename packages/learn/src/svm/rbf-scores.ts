// Values of the pairs' machines at many rows, by kernel: what calibration needs. A single row is scored by
// `compileScores`, whose values these are but for the last digits of the exponentials.
import type { KernelRuntime } from "@massif/kernels";
import { copyF64 } from "../matrix/dense-rows.ts";
import { type PairMachines, scoresOfValues } from "./pair-machines.ts";

const GRAIN = 64;

/** The scores of `rows` of the columns, one per class as `compileScores` gives them: rows × classes. */
export function rbfScores(
  runtime: KernelRuntime,
  machines: PairMachines,
  { columns, rows }: { readonly columns: readonly Float64Array[]; readonly rows: Int32Array },
): Float64Array {
  const { vectors, betas, biases, gamma } = machines;
  const [features, pairs] = [columns.length, biases.length];
  const count = betas.length / pairs;
  const width = 2 * Math.ceil(count / 2);
  const values = runtime.scope((memory) => {
    const points = memory.alloc(Math.max(8, width * features * 8));
    layPairs(runtime.f64(points, width * features), vectors, features);
    const weights = new Float64Array(pairs * width);
    for (let p = 0; p < pairs; p++) weights.set(betas.subarray(p * count, (p + 1) * count), p * width);
    const queries = memory.alloc(Math.max(8, rows.length * features * 8));
    const view = runtime.f64(queries, rows.length * features);
    columns.forEach((column, j) => {
      for (let i = 0; i < rows.length; i++) view[i * features + j] = column[rows[i]];
    });
    const out = memory.alloc(Math.max(8, rows.length * pairs * 8));
    const beta = weights.length === 0 ? points : copyF64(runtime, memory, weights);
    const args = [points, width / 2, features, beta, pairs, gamma, queries, out];
    runtime.parallel("rbfScores", args, rows.length, GRAIN);
    return runtime.f64(out, rows.length * pairs).slice();
  });
  const write = scoresOfValues(pairs);
  const classes = (1 + Math.sqrt(1 + 8 * pairs)) / 2;
  const scores = new Float64Array(rows.length * classes);
  for (let i = 0; i < rows.length; i++) {
    const own = values.subarray(i * pairs, (i + 1) * pairs);
    for (let p = 0; p < pairs; p++) own[p] += biases[p];
    write(own, scores.subarray(i * classes, (i + 1) * classes));
  }
  return scores;
}

// Internal

/** Rows of features by twos: feature by feature the values of both. */
function layPairs(out: Float64Array, vectors: Float64Array, features: number): void {
  out.fill(0);
  const count = vectors.length / features;
  for (let s = 0; s < count; s++) {
    const at = (s >> 1) * 2 * features + (s & 1);
    for (let j = 0; j < features; j++) out[at + 2 * j] = vectors[s * features + j];
  }
}
