// Brings plain rows into kernel memory as the kernels want them.
import type { Allocations, KernelRuntime, Pointer } from "../src/index.ts";

/** Rows as float32, padded with zeros to a multiple of 4 columns. */
export function layRows(
  runtime: KernelRuntime,
  memory: Allocations,
  rows: readonly (readonly number[])[],
): { pointer: Pointer; stride: number } {
  const stride = Math.ceil(rows[0].length / 4) * 4;
  const pointer = memory.alloc(rows.length * stride * 4);
  const view = runtime.f32(pointer, rows.length * stride).fill(0);
  rows.forEach((row, i) => {
    view.set(row, i * stride);
  });
  return { pointer, stride };
}

/** Weight rows as float64 with the same padding. */
export function layWeights(
  runtime: KernelRuntime,
  memory: Allocations,
  { weights, stride }: { weights: readonly (readonly number[])[]; stride: number },
): Pointer {
  const pointer = memory.alloc(weights.length * stride * 8);
  const view = runtime.f64(pointer, weights.length * stride).fill(0);
  weights.forEach((row, k) => {
    view.set(row, k * stride);
  });
  return pointer;
}

export function layF64(runtime: KernelRuntime, memory: Allocations, values: readonly number[]): Pointer {
  const pointer = memory.alloc(values.length * 8);
  runtime.f64(pointer, values.length).set(values);
  return pointer;
}

export function layI32(runtime: KernelRuntime, memory: Allocations, values: readonly number[]): Pointer {
  const pointer = memory.alloc(values.length * 4);
  runtime.i32(pointer, values.length).set(values);
  return pointer;
}

/** Asserts |a - b| <= tolerance * (1 + |b|), entry by entry. */
export function closeTo(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  for (let i = 0; i < expected.length; i++) {
    const limit = tolerance * (1 + Math.abs(expected[i]));
    if (!(Math.abs(actual[i] - expected[i]) <= limit)) {
      throw new Error(`entry ${i} is ${actual[i]}, expected ${expected[i]} within ${limit}`);
    }
  }
}
