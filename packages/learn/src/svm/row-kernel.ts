// Kernels of one row with eight points: `kernelScores` of the WebAssembly kernels in plain numbers, operation by
// operation, so that a row alone gets the same bits as a row of a table.
import type { KernelFunction } from "./kernel-function.ts";

/** Writes the kernels of `row` with the eight points that begin at `from`, packed by twos, to `out`. */
export type FillKernels = (row: Float64Array, points: Float64Array, from: number, out: Float64Array) => void;

/** The function for a kernel. */
export function compileKernel(kernel: KernelFunction): FillKernels {
  const measure = kernel.kernel === "rbf" ? squares : products;
  const { gamma, coef0, degree } = kernel;
  const finish = FINISH[kernel.kernel];
  return (row, points, from, out) => {
    measure(row, points, from, out);
    for (let i = 0; i < 8; i++) out[i] = finish(out[i], gamma, coef0, degree);
  };
}

// Internal

const FINISH: Readonly<
  Record<KernelFunction["kernel"], (z: number, gamma: number, coef0: number, degree: number) => number>
> = {
  rbf: (z, gamma) => expNegative(-gamma * z),
  linear: (z) => z,
  poly: (z, gamma, coef0, degree) => power(z * gamma + coef0, degree),
  sigmoid: (z, gamma, coef0) => {
    const inner = z * gamma + coef0;
    const e = expNegative(Math.abs(inner) * -2);
    const size = (1 - e) / (1 + e);
    return inner < 0 ? -size : size;
  },
};

function squares(row: Float64Array, points: Float64Array, from: number, out: Float64Array): void {
  for (let pair = 0; pair < 4; pair++) {
    let at = from + 2 * pair * row.length;
    let [a, b] = [0, 0];
    for (let j = 0; j < row.length; j++, at += 2) {
      const c = row[j] - points[at];
      const d = row[j] - points[at + 1];
      a += c * c;
      b += d * d;
    }
    out[2 * pair] = a;
    out[2 * pair + 1] = b;
  }
}

function products(row: Float64Array, points: Float64Array, from: number, out: Float64Array): void {
  for (let pair = 0; pair < 4; pair++) {
    let at = from + 2 * pair * row.length;
    let [a, b] = [0, 0];
    for (let j = 0; j < row.length; j++, at += 2) {
      a += row[j] * points[at];
      b += row[j] * points[at + 1];
    }
    out[2 * pair] = a;
    out[2 * pair + 1] = b;
  }
}

function power(base: number, degree: number): number {
  let [result, factor] = [1, base];
  for (let left = degree; left > 0; left >>= 1) {
    if (left & 1) result *= factor;
    factor *= factor;
  }
  return result;
}

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const ROUND = 6755399441055744;
const LOWEST = -708;
/** 2^-n; e^LOWEST is a little more than 2^-1022. */
const POWERS = Float64Array.from({ length: 1023 }, (_, n) => 2 ** -n);

/** e^z for z <= 0, as `exponential.ts` of the kernels computes it. */
export function expNegative(z: number): number {
  const x = Math.max(z, LOWEST);
  const n = x * Math.LOG2E + ROUND - ROUND;
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  const r2 = r * r;
  const r4 = r2 * r2;
  const r8 = r4 * r4;
  const q0 = 1 + r + (1 / 2 + (1 / 6) * r) * r2;
  const q1 = 1 / 24 + (1 / 120) * r + (1 / 720 + (1 / 5040) * r) * r2;
  const q2 = 1 / 40320 + (1 / 362880) * r + (1 / 3628800 + (1 / 39916800) * r) * r2;
  const q3 = 1 / 479001600 + (1 / 6227020800) * r;
  return (q0 + q1 * r4 + (q2 + q3 * r4) * r8) * POWERS[-n];
}
