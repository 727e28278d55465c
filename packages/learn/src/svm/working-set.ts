// Which rows are to be moved next: half of them those whose betas gain most by growing, half by falling.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";

/** A minimisation's state by row, which others change. */
export interface DualState {
  readonly v: Float64Array;
  readonly betas: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly epsilon: number;
}

export class WorkingSet {
  readonly #state: DualState;
  readonly #size: number;
  readonly #runtime: KernelRuntime;
  readonly #args: readonly number[];
  /** What is added to v where beta would grow, and where it would fall: infinite where it cannot. */
  readonly #up: Float64Array;
  readonly #down: Float64Array;
  readonly #values: Float64Array;
  readonly #rows: Int32Array;
  readonly #counts: Int32Array;
  readonly #isChosen: Uint8Array;

  /** `v` is the place of the state's v. */
  constructor(runtime: KernelRuntime, memory: Allocations, { size, v, state }: WorkingSetOptions) {
    this.#runtime = runtime;
    this.#state = state;
    this.#size = size;
    const rows = state.v.length;
    const [up, down] = [memory.alloc(rows * 8), memory.alloc(rows * 8)];
    // Free rows may be among the first of both, so that each list needs room for all.
    const [values, places, counts] = [memory.alloc(2 * size * 8), memory.alloc(2 * size * 4), memory.alloc(8)];
    this.#args = [v, up, down, size, values, places, counts, 0, rows];
    this.#up = runtime.f64(up, rows);
    this.#down = runtime.f64(down, rows);
    this.#values = runtime.f64(values, 2 * size);
    this.#rows = runtime.i32(places, 2 * size);
    this.#counts = runtime.i32(counts, 2);
    this.#isChosen = new Uint8Array(rows);
    for (let row = 0; row < rows; row++) this.moved(row);
  }

  /** Tells that the beta of a row has changed. */
  moved(row: number): void {
    const { betas, low, high, epsilon } = this.#state;
    const beta = betas[row];
    this.#up[row] = beta < high[row] ? (beta < 0 ? epsilon : -epsilon) : Number.NEGATIVE_INFINITY;
    this.#down[row] = beta > low[row] ? (beta > 0 ? -epsilon : epsilon) : Number.POSITIVE_INFINITY;
  }

  /** Looks for the rows; gives back by how much the worst pair violates optimality, at least 0. */
  choose(): number {
    this.#runtime.call("smoExtremes", ...this.#args);
    const [growing, falling] = this.#counts;
    return growing === 0 || falling === 0 ? 0 : Math.max(0, this.#values[0] + this.#values[this.#size]);
  }

  /** The rows chosen last, each once. */
  rows(): Int32Array {
    const chosen = new Int32Array(Math.min(this.#size, this.#state.v.length));
    let count = 0;
    for (let i = 0; i < this.#size; i++) {
      for (let list = 0; list < 2; list++) {
        if (i >= this.#counts[list] || count === chosen.length) continue;
        const row = this.#rows[list * this.#size + i];
        if (this.#isChosen[row] === 1) continue;
        this.#isChosen[row] = 1;
        chosen[count++] = row;
      }
    }
    for (let i = 0; i < count; i++) this.#isChosen[chosen[i]] = 0;
    return chosen.subarray(0, count).sort();
  }

  /** The mean of v of rows between their bounds, or the middle of what the others allow. */
  bias(): number {
    const { v, betas, low, high, epsilon } = this.#state;
    let [sum, free] = [0, 0];
    let [above, below] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let t = 0; t < v.length; t++) {
      const beta = betas[t];
      if (beta !== 0 && beta > low[t] && beta < high[t]) {
        sum += beta > 0 ? v[t] - epsilon : v[t] + epsilon;
        free += 1;
      }
      if (beta < high[t]) above = Math.max(above, beta < 0 ? v[t] + epsilon : v[t] - epsilon);
      if (beta > low[t]) below = Math.min(below, beta > 0 ? v[t] - epsilon : v[t] + epsilon);
    }
    if (free > 0) return sum / free;
    if (!Number.isFinite(above)) return Number.isFinite(below) ? below : 0;
    return Number.isFinite(below) ? (above + below) / 2 : above;
  }
}

// Internal

interface WorkingSetOptions {
  readonly size: number;
  readonly v: Pointer;
  readonly state: DualState;
}
