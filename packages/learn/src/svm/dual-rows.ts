// What dual coordinate descent keeps of its rows in kernel memory, whatever it minimises.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { copyF64, type DenseRows } from "../matrix/dense-rows.ts";

export interface DualRowsOptions {
  readonly x: DenseRows;
  /** How much each row counts, more than 0. */
  readonly counts: Float64Array;
}

export class DualRows {
  readonly runtime: KernelRuntime;
  /** The leading arguments of an epoch's kernel. */
  readonly head: readonly number[];
  readonly limits: Pointer;
  readonly #x: DenseRows;
  readonly #values: Pointer;
  readonly #order: Pointer;
  readonly #duals: Pointer;
  readonly #weights: Pointer;

  constructor(runtime: KernelRuntime, memory: Allocations, { x, counts }: DualRowsOptions) {
    this.runtime = runtime;
    this.#x = x;
    const { rows, stride, pointer } = x;
    this.#values = memory.alloc(rows * 8);
    this.#order = memory.alloc(rows * 4);
    this.#duals = memory.alloc(rows * 8);
    this.#weights = memory.alloc(stride * 8);
    this.limits = memory.alloc(16);
    const squares = memory.alloc(rows * 8);
    const values = runtime.f32(pointer, rows * stride);
    const sums = runtime.f64(squares, rows);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = i * stride; j < (i + 1) * stride; j++) sum += values[j] * values[j];
      // A row of zeros moves nothing; any positive number keeps it from dividing by 0.
      sums[i] = sum === 0 ? 1 : sum;
    }
    const countsAt = copyF64(runtime, memory, counts);
    this.head = [pointer, stride, this.#values, squares, this.#order, countsAt, this.#duals, this.#weights];
  }

  /** Duals and weights of 0, and the values of `rows`; gives the order in which an epoch takes them. */
  begin(rows: Int32Array, numberOf: (row: number) => number): Int32Array {
    const { runtime } = this;
    const values = runtime.f64(this.#values, this.#x.rows);
    for (const row of rows) values[row] = numberOf(row);
    runtime.f64(this.#duals, this.#x.rows).fill(0);
    runtime.f64(this.#weights, this.#x.stride).fill(0);
    const order = runtime.i32(this.#order, rows.length);
    order.set(rows);
    return order;
  }

  /** A copy of the weights as they are now. */
  get weights(): Float64Array {
    return this.runtime.f64(this.#weights, this.#x.stride).slice();
  }
}
