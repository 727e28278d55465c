// Dual coordinate descent for one hyperplane (Hsieh et al. 2008): rows in kernel memory, the loop over them in a kernel.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { Random } from "../base/random.ts";
import type { DenseRows } from "../matrix/dense-rows.ts";
import type { Hyperplane, HyperplaneSolver } from "./hyperplane.ts";

interface DescentOptions {
  readonly x: DenseRows;
  readonly c: number;
  readonly loss: "hinge" | "squaredHinge";
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly seed: number;
}

export class DualDescent implements HyperplaneSolver {
  readonly #runtime: KernelRuntime;
  readonly #options: DescentOptions;
  readonly #signs: Pointer;
  readonly #squares: Pointer;
  readonly #order: Pointer;
  readonly #alpha: Pointer;
  readonly #weights: Pointer;
  readonly #limits: Pointer;

  constructor(runtime: KernelRuntime, memory: Allocations, options: DescentOptions) {
    this.#runtime = runtime;
    this.#options = options;
    const { rows, stride, pointer } = options.x;
    this.#signs = memory.alloc(rows * 8);
    this.#squares = memory.alloc(rows * 8);
    this.#order = memory.alloc(rows * 4);
    this.#alpha = memory.alloc(rows * 8);
    this.#weights = memory.alloc(stride * 8);
    this.#limits = memory.alloc(16);
    const squares = runtime.f64(this.#squares, rows);
    const values = runtime.f32(pointer, rows * stride);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = i * stride; j < (i + 1) * stride; j++) sum += values[j] * values[j];
      // A row of zeros moves nothing; any positive number keeps it from dividing by 0.
      squares[i] = sum === 0 ? 1 : sum;
    }
  }

  run(rows: Int32Array, signOf: (row: number) => 1 | -1): Hyperplane {
    const { x, c, loss, tolerance, maxIterations, seed } = this.#options;
    const runtime = this.#runtime;
    const signs = runtime.f64(this.#signs, x.rows);
    for (const row of rows) signs[row] = signOf(row);
    runtime.f64(this.#alpha, x.rows).fill(0);
    runtime.f64(this.#weights, x.stride).fill(0);
    const order = runtime.i32(this.#order, rows.length);
    order.set(rows);
    const limits = runtime.f64(this.#limits, 2);
    limits.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const [upper, shift] = loss === "hinge" ? [c, 0] : [Number.POSITIVE_INFINITY, 0.5 / c];
    const head = [x.pointer, x.stride, this.#signs, this.#squares, this.#order, this.#alpha, this.#weights];
    const random = new Random(seed);
    let active = rows.length;
    let converged = false;
    for (let epoch = 0; epoch < maxIterations && !converged; epoch++) {
      random.shuffle(order.subarray(0, active));
      active = runtime.call("linearSvmEpoch", ...head, upper, shift, this.#limits, active);
      const [largest, smallest] = limits;
      if (active === 0 || largest - smallest <= tolerance) {
        // What was set aside has its say before the end.
        converged = active === rows.length;
        active = rows.length;
        limits.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
      } else {
        limits.set([
          largest <= 0 ? Number.POSITIVE_INFINITY : largest,
          smallest >= 0 ? Number.NEGATIVE_INFINITY : smallest,
        ]);
      }
    }
    return { weights: runtime.f64(this.#weights, x.stride).slice(), converged };
  }
}
