// Newton's method for the squared hinge, or squared errors outside a tube, in the weights themselves, which beats the dual
// when rows outnumber columns: the loss is piecewise quadratic, so a few steps end it (Keerthi & DeCoste 2005). Steps are
// found by conjugate gradients.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { DualRowsOptions } from "./dual-rows.ts";
import type { Hyperplane, HyperplaneSolver } from "./hyperplane.ts";

interface NewtonOptions extends DualRowsOptions {
  readonly c: number;
  /** Errors from a target cost nothing up to here; absent: the rows' values are signs, and the loss the squared hinge. */
  readonly epsilon?: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

const MAX_CHUNKS = 64;
const MIN_GRAIN = 512;
/** The gradient's share that conjugate gradients leave: exact steps would be wasted far from the minimum. */
const CG_SHARE = 0.1;
/** Share of the expected fall that a step must bring (Armijo 1966), and halvings until it is given up. */
const ARMIJO = 1e-4;
const HALVINGS = 30;

interface Place {
  readonly weights: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

export class PrimalNewton implements HyperplaneSolver {
  readonly #runtime: KernelRuntime;
  readonly #options: NewtonOptions;
  readonly #values: Pointer;
  readonly #counts: Pointer;
  readonly #active: Pointer;
  readonly #vector: Pointer;
  readonly #partials: Pointer;
  readonly #total: Pointer;
  readonly #span: number;
  readonly #grain: number;

  constructor(runtime: KernelRuntime, memory: Allocations, options: NewtonOptions) {
    this.#runtime = runtime;
    this.#options = options;
    const { rows, stride } = options.x;
    this.#grain = Math.max(MIN_GRAIN, Math.ceil(rows / MAX_CHUNKS));
    this.#span = stride + 2;
    this.#values = memory.alloc(rows * 8);
    this.#counts = memory.alloc(rows * 8);
    this.#active = memory.alloc(rows * 8);
    this.#vector = memory.alloc(stride * 8);
    this.#partials = memory.alloc(Math.ceil(rows / this.#grain) * this.#span * 8);
    this.#total = memory.alloc(this.#span * 8);
  }

  run(rows: Int32Array, numberOf: (row: number) => number): Hyperplane {
    const { x, counts, tolerance, maxIterations } = this.#options;
    const values = this.#runtime.f64(this.#values, x.rows).fill(0);
    const counted = this.#runtime.f64(this.#counts, x.rows).fill(0);
    for (const row of rows) {
      values[row] = numberOf(row);
      counted[row] = counts[row];
    }
    let place = this.#at(new Float64Array(x.stride));
    const enough = tolerance * norm(place.gradient);
    for (let iteration = 0; iteration < maxIterations; iteration++) {
      if (norm(place.gradient) <= enough) return { weights: place.weights, converged: true };
      const next = this.#stepFrom(place);
      // No step falls any further: rounding is all that is left.
      if (next === undefined) return { weights: place.weights, converged: true };
      place = next;
    }
    return { weights: place.weights, converged: norm(place.gradient) <= enough };
  }

  // Internal

  /** Value and gradient of |w|²/2 + c Σ max(0, 1 − s w·x)², or of |error| − epsilon; marks the rows where that is > 0. */
  #at(weights: Float64Array): Place {
    const { x, c, epsilon } = this.#options;
    const runtime = this.#runtime;
    runtime.f64(this.#vector, x.stride).set(weights);
    const rest = [this.#counts, this.#vector, this.#active];
    const sums =
      epsilon === undefined
        ? this.#sum("squaredHingePass", [this.#values, ...rest])
        : this.#sum("squaredTubePass", [this.#values, epsilon, ...rest]);
    const gradient = weights.map((weight, j) => weight + c * sums[j]);
    return { weights, value: 0.5 * dot(weights, weights) + c * sums[x.stride], gradient };
  }

  /** The curvature at the place last asked for, along `direction`. */
  #along(direction: Float64Array): Float64Array {
    const { x, c } = this.#options;
    this.#runtime.f64(this.#vector, x.stride).set(direction);
    const sums = this.#sum("squaredMarginCurvature", [this.#active, this.#vector]);
    return direction.map((value, j) => value + c * sums[j]);
  }

  #sum(kernel: string, args: readonly number[]): Float64Array {
    const { x } = this.#options;
    const runtime = this.#runtime;
    const head = [x.pointer, x.stride, ...args, this.#partials, this.#span, this.#grain];
    runtime.parallel(kernel, head, x.rows, this.#grain);
    const chunks = Math.ceil(x.rows / this.#grain);
    runtime.call("sumPartials", this.#partials, this.#span, chunks, this.#total, 0, x.stride + 1);
    return runtime.f64(this.#total, x.stride + 1);
  }

  #stepFrom(place: Place): Place | undefined {
    const direction = this.#newtonDirection(place.gradient);
    const slope = dot(direction, place.gradient);
    let length = 1;
    for (let halving = 0; halving < HALVINGS; halving++, length /= 2) {
      const next = this.#at(place.weights.map((weight, j) => weight + length * direction[j]));
      if (next.value <= place.value + ARMIJO * length * slope && next.value < place.value) return next;
    }
    return undefined;
  }

  /** Solves H d = −g roughly by conjugate gradients (Hestenes & Stiefel 1952). */
  #newtonDirection(gradient: Float64Array): Float64Array {
    const direction = new Float64Array(gradient.length);
    const residual = gradient.map((value) => -value);
    let search = residual.slice();
    let square = dot(residual, residual);
    const enough = CG_SHARE * CG_SHARE * square;
    for (let i = 0; i < gradient.length && square > enough; i++) {
      const curved = this.#along(search);
      const length = square / dot(search, curved);
      for (let j = 0; j < direction.length; j++) {
        direction[j] += length * search[j];
        residual[j] -= length * curved[j];
      }
      const next = dot(residual, residual);
      const share = next / square;
      search = search.map((value, j) => residual[j] + share * value);
      square = next;
    }
    return direction;
  }
}

// Internal

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}
