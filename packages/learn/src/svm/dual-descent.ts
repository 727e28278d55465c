// Dual coordinate descent for one hyperplane (Hsieh et al. 2008): rows in kernel memory, the loop over them in a kernel.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { Random } from "../base/random.ts";
import { DualRows, type DualRowsOptions } from "./dual-rows.ts";
import type { Hyperplane, HyperplaneSolver } from "./hyperplane.ts";

interface DescentOptions extends DualRowsOptions {
  readonly c: number;
  readonly loss: "hinge" | "squaredHinge";
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly seed: number;
}

export class DualDescent implements HyperplaneSolver {
  readonly #rows: DualRows;
  readonly #options: DescentOptions;

  constructor(runtime: KernelRuntime, memory: Allocations, options: DescentOptions) {
    this.#options = options;
    this.#rows = new DualRows(runtime, memory, options);
  }

  run(rows: Int32Array, signOf: (row: number) => number): Hyperplane {
    const { c, loss, tolerance, maxIterations, seed } = this.#options;
    const { runtime, head, limits: limitsAt } = this.#rows;
    const order = this.#rows.begin(rows, signOf);
    const limits = runtime.f64(limitsAt, 2);
    limits.set([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const [upper, shift] = loss === "hinge" ? [c, 0] : [Number.POSITIVE_INFINITY, 0.5 / c];
    const random = new Random(seed);
    let active = rows.length;
    let converged = false;
    for (let epoch = 0; epoch < maxIterations && !converged; epoch++) {
      random.shuffle(order.subarray(0, active));
      active = runtime.call("linearSvmEpoch", ...head, upper, shift, limitsAt, active);
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
    return { weights: this.#rows.weights, converged };
  }
}
