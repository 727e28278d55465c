// Dual coordinate descent for a hyperplane within a tube of the targets (Ho & Lin 2012), as LIBLINEAR does it.
import type { Allocations, KernelRuntime } from "@massif/kernels";
import { Random } from "../base/random.ts";
import { DualRows, type DualRowsOptions } from "./dual-rows.ts";
import type { Hyperplane, HyperplaneSolver } from "./hyperplane.ts";

interface TubeOptions extends DualRowsOptions {
  readonly c: number;
  readonly loss: "epsilonInsensitive" | "squaredEpsilonInsensitive";
  readonly epsilon: number;
  readonly tolerance: number;
  readonly maxIterations: number;
  readonly seed: number;
}

export class TubeDescent implements HyperplaneSolver {
  readonly #rows: DualRows;
  readonly #options: TubeOptions;

  constructor(runtime: KernelRuntime, memory: Allocations, options: TubeOptions) {
    this.#options = options;
    this.#rows = new DualRows(runtime, memory, options);
  }

  /** Converged when the violations of all rows have together fallen to the tolerance's share of those at the start. */
  run(rows: Int32Array, targetOf: (row: number) => number): Hyperplane {
    const { c, loss, epsilon, tolerance, maxIterations, seed } = this.#options;
    const { runtime, head, limits: limitsAt } = this.#rows;
    const order = this.#rows.begin(rows, targetOf);
    const limits = runtime.f64(limitsAt, 2);
    limits[0] = Number.POSITIVE_INFINITY;
    const [upper, shift] = loss === "epsilonInsensitive" ? [c, 0] : [Number.POSITIVE_INFINITY, 0.5 / c];
    const random = new Random(seed);
    let [active, first, converged] = [rows.length, 0, false];
    for (let epoch = 0; epoch < maxIterations && !converged; epoch++) {
      random.shuffle(order.subarray(0, active));
      active = runtime.call("linearSvrEpoch", ...head, upper, shift, epsilon, limitsAt, active);
      if (epoch === 0) first = limits[1];
      if (limits[1] > tolerance * first) continue;
      // What was set aside has its say before the end.
      converged = active === rows.length;
      active = rows.length;
      limits[0] = Number.POSITIVE_INFINITY;
    }
    return { weights: this.#rows.weights, converged };
  }
}
