// The loss of a linear model over all rows and its gradient, by all threads: rows are cut into chunks whatever the
// number of threads, each chunk sums its own gradient, and the sums are added in chunk order.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { DenseRows } from "../matrix/dense-rows.ts";

/** `squared`: (z - y)^2 / 2. `logistic`: two classes as -1 and 1. `softmax`: class codes. */
export type LossKind = "squared" | "logistic" | "softmax";

export interface LossData {
  readonly kind: LossKind;
  readonly x: DenseRows;
  /** f64 numbers or signs, or i32 codes for softmax. */
  readonly y: Pointer;
  /** Rows of weights: 1, or the classes for softmax. */
  readonly outputs: number;
  /** Products of rows in float32, faster and to about 6 digits; only the logistic loss has it. */
  readonly isSingle?: boolean;
  /** The column of the rows that says how much each counts, which is none of the model's; kernels do not know it. */
  readonly weightColumn?: number;
}

const KERNELS = { squared: "squaredPass", logistic: "logisticPass", softmax: "softmaxPass" } as const;
/** More partials than threads, so that uneven threads even out; few, because each one costs a gradient to add. */
const MAX_CHUNKS = 64;
const MIN_GRAIN = 512;
/** f64 that softmax and logistic kernels need per output, and twice more. */
const SCRATCH_ROWS = 64;

/** f64 of scratch for one thread of the logistic and softmax kernels. */
export function scratchLength(outputs: number): number {
  return SCRATCH_ROWS * (outputs + 2);
}

export class GradientPass {
  /** Entries of the weights and of the gradient: outputs x stride. */
  readonly width: number;
  readonly #runtime: KernelRuntime;
  readonly #data: LossData;
  readonly #weights: Pointer;
  readonly #gradient: Pointer;
  readonly #partials: Pointer;
  readonly #span: number;
  readonly #grain: number;
  readonly #chunks: number;

  constructor(runtime: KernelRuntime, memory: Allocations, data: LossData) {
    this.#runtime = runtime;
    this.#data = data;
    this.width = data.outputs * data.x.stride;
    this.#grain = Math.max(MIN_GRAIN, Math.ceil(data.x.rows / MAX_CHUNKS));
    this.#chunks = Math.ceil(data.x.rows / this.#grain);
    // Single precision keeps its own weights and gradient.
    this.#span = this.width + 2 + scratchLength(data.outputs) + (data.isSingle ? this.width : 0);
    this.#weights = memory.alloc(this.width * 8);
    this.#gradient = memory.alloc((this.width + 2) * 8);
    this.#partials = memory.alloc(this.#chunks * this.#span * 8);
  }

  /** Writes the sum of the rows' gradients at `weights` to `gradient`, and gives back the sum of their losses. */
  run(weights: Float64Array, gradient: Float64Array): number {
    const { kind, x, y, outputs, isSingle } = this.#data;
    const kernel = isSingle && kind === "logistic" ? "logisticPassSingle" : KERNELS[kind];
    const runtime = this.#runtime;
    runtime.f64(this.#weights, this.width).set(weights);
    const head = [x.pointer, x.stride, y, this.#weights, ...(kind === "softmax" ? [outputs] : [])];
    runtime.parallel(kernel, [...head, this.#partials, this.#span, this.#grain], x.rows, this.#grain);
    runtime.call("sumPartials", this.#partials, this.#span, this.#chunks, this.#gradient, 0, this.width + 1);
    const sums = runtime.f64(this.#gradient, this.width + 1);
    gradient.set(sums.subarray(0, this.width));
    return sums[this.width];
  }
}
