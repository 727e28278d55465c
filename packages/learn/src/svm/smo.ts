// Decomposition of a kernel machine's dual: again and again the rows that violate optimality most are brought to it
// among themselves by second-order pairs (Fan, Chen & Lin 2005), and what that does to all rows follows at once. Large
// blocks read the kernel's matrix seldom (Joachims 1999; Wen et al. 2018, ThunderSVM).
//
// There is no shrinking: rows at their bounds are not chosen, and cost a multiplication per move. Of 10 000 rows of 20
// columns LIBSVM's rule would set aside 61 % on the mean of 813 blocks, but hardly any in the first quarter (16 % at its
// end), in which most of the matrix is computed. Of 400 ms, 110 ms are spent on all rows' v, so that at most 65 ms could be
// saved there; to restore v takes the kernels of the free rows with all that were set aside, some 30 ms, and full rows of
// all that reach a bound, so that few of the 175 ms for the matrix would be saved.
//
// Written in β = yα: minimise βKβ/2 − pβ + ε|β| for betas of fixed sum between low ≤ 0 and high ≥ 0. v = p − Kβ.
import type { Allocations } from "@massif/kernels";
import { ShapeError } from "../base/errors.ts";
import type { KernelRows } from "./kernel-rows.ts";
import { WorkingSet } from "./working-set.ts";

/** Rows of a block. */
const BLOCK = 64;
/** A block is brought to this share of the violation of all: more would be undone by what other rows do to it. */
const BLOCK_SHARE = 0.3;
/** Moves for each row of a block at most, for kernels that are no products and lead nowhere. */
const BLOCK_MOVES = 200;
const SPREAD_GRAIN = 2048;

/** What is minimised; betas begin at 0, or at `start`, and keep their sum. */
export interface DualProblem {
  readonly linear: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly epsilon: number;
  readonly start?: Float64Array;
}

/** f(x) = Σ betas K(row, x) + bias. */
export interface KernelMachine {
  readonly betas: Float64Array;
  readonly bias: number;
  /** f at the rows it was fitted to. */
  readonly values: Float64Array;
  readonly converged: boolean;
}

/** When to end: the worst pair violates optimality by less than `tolerance`, or `maxIterations` pairs were moved. */
export interface Stops {
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Minimises `problem` over the rows of `kernel`. Throws ShapeError when kernels are too large to compute with. */
export function minimise(kernel: KernelRows, memory: Allocations, problem: DualProblem, stops: Stops): KernelMachine {
  const { runtime, rows } = kernel;
  const { linear, low, high, epsilon } = problem;
  const betas = problem.start?.slice() ?? new Float64Array(rows);
  const vAt = memory.alloc(rows * 8);
  const v = runtime.f64(vAt, rows);
  v.set(linear);
  const block = new Block(kernel, memory, vAt);
  if (problem.start !== undefined) block.spreadAll(betas);
  const working = new WorkingSet(runtime, memory, {
    size: block.size,
    v: vAt,
    state: { v, betas, low, high, epsilon },
  });
  let left = stops.maxIterations;
  let violation = working.choose();
  while (violation >= stops.tolerance && left > 0) {
    const tolerance = Math.max(stops.tolerance / 2, BLOCK_SHARE * violation);
    const which = working.rows();
    const moves = block.improve(which, { betas, low, high, epsilon, tolerance, most: left, v });
    if (moves === 0) break;
    for (let i = 0; i < which.length; i++) working.moved(which[i]);
    left -= moves;
    violation = working.choose();
  }
  if (!v.every(Number.isFinite)) {
    throw new ShapeError("kernels of these rows are too large to compute with; scale the columns, or lower the degree");
  }
  const bias = working.bias();
  return {
    betas,
    bias,
    values: v.map((rest, row) => linear[row] - rest + bias),
    converged: violation < stops.tolerance,
  };
}

// Internal

interface BlockMove {
  readonly v: Float64Array;
  readonly betas: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly epsilon: number;
  readonly tolerance: number;
  readonly most: number;
}

/** The memory of a block, and the moves within it. */
class Block {
  readonly size: number;
  readonly #kernel: KernelRows;
  readonly #v: number;
  readonly #matrix: number;
  readonly #which: number;
  readonly #rows: number;
  readonly #numbers: number;

  constructor(kernel: KernelRows, memory: Allocations, v: number) {
    this.#kernel = kernel;
    this.#v = v;
    this.size = Math.min(BLOCK, kernel.places);
    this.#matrix = memory.alloc(this.size * this.size * 4);
    this.#which = memory.alloc(this.size * 4);
    this.#rows = memory.alloc(this.size * 4);
    this.#numbers = memory.alloc((8 * this.size + 2) * 8);
  }

  /** Moves pairs of `which` and gives back how many. */
  improve(which: Int32Array, { betas, low, high, epsilon, tolerance, most, v }: BlockMove): number {
    const { runtime } = this.#kernel;
    const count = which.length;
    runtime.i32(this.#which, count).set(which);
    runtime.u32(this.#rows, count).set(this.#kernel.at(which));
    runtime.call("smoGather", this.#rows, this.#which, count, this.#matrix);
    const [betaAt, lowAt, highAt, ownAt, scratch] = [0, 1, 2, 3, 4].map((i) => this.#numbers + i * count * 8);
    const own = runtime.f64(betaAt, 4 * count);
    for (let i = 0; i < count; i++) {
      const row = which[i];
      own[i] = betas[row];
      own[count + i] = low[row];
      own[2 * count + i] = high[row];
      own[3 * count + i] = v[row];
    }
    const args = [betaAt, lowAt, highAt, ownAt, scratch, epsilon, tolerance, Math.min(most, BLOCK_MOVES * count)];
    const moves = runtime.call("smoBlock", this.#matrix, count, ...args);
    const pointers = runtime.u32(this.#rows, count);
    const steps = runtime.f64(scratch, count);
    let moved = 0;
    for (let i = 0; i < count; i++) {
      const step = own[i] - betas[which[i]];
      if (step === 0) continue;
      betas[which[i]] = own[i];
      pointers[moved] = pointers[i];
      steps[moved++] = step;
    }
    this.#spread(scratch, moved);
    return moves;
  }

  /** Takes the betas' products with the matrix from v. */
  spreadAll(betas: Float64Array): void {
    const { runtime } = this.#kernel;
    const there = Int32Array.from(betas.keys()).filter((row) => betas[row] !== 0);
    for (let from = 0; from < there.length; from += this.size) {
      const which = there.subarray(from, from + this.size);
      runtime.u32(this.#rows, which.length).set(this.#kernel.at(which));
      const steps = runtime.f64(this.#numbers, which.length);
      which.forEach((row, i) => {
        steps[i] = betas[row];
      });
      this.#spread(this.#numbers, which.length);
    }
  }

  #spread(steps: number, count: number): void {
    const { runtime, rows } = this.#kernel;
    if (count > 0) runtime.parallel("smoSpread", [this.#v, this.#rows, steps, count], rows, SPREAD_GRAIN);
  }
}
