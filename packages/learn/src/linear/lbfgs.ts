// Limited-memory BFGS (Nocedal & Wright 2006, algorithms 7.4 and 7.5) for smooth convex functions, with a backtracking
// line search by cubic interpolation. It knows nothing of data: the function is passed in.

/** Writes the gradient at `x` into `gradient` and gives back the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number | Promise<number>;

export interface LbfgsOptions {
  /** Stops when no entry of the gradient is larger. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Replaces a vector by about the inverse second derivative times it: symmetric and positive. */
  readonly precondition?: (vector: Float64Array) => void;
  /** By how much values may be wrong, relatively; default 0. Gradients then decide between values as near as that. */
  readonly valueError?: number;
  /** Called after every iteration with where it stands; rejects to stop. */
  readonly onIteration: (iteration: number, value: number, position: () => LbfgsPosition) => Promise<void>;
}

/** Where a minimisation stands: all that it needs to go on. */
export interface LbfgsPosition {
  readonly point: Point;
  readonly iteration: number;
  readonly curvature: CurvaturePairs;
}

/** The last steps and changes of the gradient, one after another, and their products. */
export interface CurvaturePairs {
  readonly steps: Float64Array;
  readonly changes: Float64Array;
  readonly products: Float64Array;
  /** Whether the preconditioner is still believed. */
  readonly preconditioned: boolean;
}

export interface LbfgsResult extends Point {
  readonly iterations: number;
  /** Whether the gradient, or the progress, became negligible before the iterations ran out. */
  readonly converged: boolean;
}

/** A place with the value and the gradient there. */
export interface Point {
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

/** Pairs of steps and gradient changes that stand for the second derivative; more gain nothing for linear models. */
const MEMORY = 10;
/** A step must gain this share of what the slope promises (Armijo). */
const SUFFICIENT = 1e-4;
/** Relative gains below are rounding: scipy's L-BFGS-B stops at the same. */
const NEGLIGIBLE = 64 * Number.EPSILON;
const MAX_BACKTRACKS = 30;
const NONE = new Float64Array(0);
/** No steps yet. */
export const NO_PAIRS: CurvaturePairs = { steps: NONE, changes: NONE, products: NONE, preconditioned: true };

/** Minimises `objective` from `start`. */
export async function minimise(objective: Objective, start: Float64Array, options: LbfgsOptions): Promise<LbfgsResult> {
  return await minimiseFrom(objective, await evaluate(objective, start.slice()), options);
}

/** `minimise` from a point that is evaluated already. */
export async function minimiseFrom(objective: Objective, start: Point, options: LbfgsOptions): Promise<LbfgsResult> {
  return await resume(objective, { point: start, iteration: 0, curvature: NO_PAIRS }, options);
}

/** Goes on from where an earlier minimisation of the same function stood. */
export async function resume(
  objective: Objective,
  { point: start, iteration: done, curvature }: LbfgsPosition,
  options: LbfgsOptions,
): Promise<LbfgsResult> {
  const memory = new CurvatureMemory(start.x.length, options.precondition);
  memory.restore(curvature);
  let at = start;
  for (let iteration = done + 1; iteration <= options.maxIterations; iteration++) {
    if (largest(at.gradient) <= options.tolerance) return { ...at, iterations: iteration - 1, converged: true };
    const next = await search(objective, at, {
      direction: memory.direction(at.gradient),
      valueError: options.valueError ?? 0,
    });
    if (next === undefined) {
      // No gain along the quasi-Newton direction: start again from the plain gradient, unless that was it.
      if (memory.isEmpty) return { ...at, iterations: iteration - 1, converged: false };
      memory.clear();
      continue;
    }
    memory.add(at, next);
    const hasGained = gains(at, next, options.valueError ?? 0);
    at = next;
    const point = at;
    await options.onIteration(iteration, at.value, () => ({ point, iteration, curvature: memory.pairs() }));
    if (!hasGained) return { ...at, iterations: iteration, converged: true };
  }
  return { ...at, iterations: options.maxIterations, converged: largest(at.gradient) <= options.tolerance };
}

/** The point at `x`, which is kept and not copied. */
export async function evaluate(objective: Objective, x: Float64Array): Promise<Point> {
  const gradient = new Float64Array(x.length);
  const value = await objective(x, gradient);
  return { x, gradient, value };
}

// Internal

/** Whether the step was worth more than rounding: by the value, or where values are wrong by a gradient halved. */
function gains(from: Point, to: Point, valueError: number): boolean {
  const gain = (from.value - to.value) / Math.max(Math.abs(from.value), Math.abs(to.value), 1);
  return gain > NEGLIGIBLE || (valueError > 0 && largest(to.gradient) < 0.5 * largest(from.gradient));
}

/**
 * The first point along `direction` with sufficient gain. Where values are too near one another to tell, a slope that
 * has become much flatter without turning steep the other way stands for it: the approximate condition of Hager & Zhang
 * 2005, A New Conjugate Gradient Method with Guaranteed Descent and an Efficient Line Search, (4.1).
 */
async function search(
  objective: Objective,
  from: Point,
  { direction, valueError }: { direction: Float64Array; valueError: number },
): Promise<Point | undefined> {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  const noise = valueError * Math.abs(from.value);
  let step = 1;
  for (let tried = 0; tried < MAX_BACKTRACKS; tried++) {
    const point = await evaluate(objective, moved(from.x, direction, step));
    const end = dot(point.gradient, direction);
    if (point.value <= from.value + SUFFICIENT * step * slope) return point;
    if (noise > 0 && point.value <= from.value + noise && end <= (2 * SUFFICIENT - 1) * slope) return point;
    step = shorter(step, { value: point.value, slope: end }, { value: from.value, slope });
  }
  return undefined;
}

/** The minimum of the cubic through both ends' values and slopes, kept within a tenth and a half of the step. */
function shorter(step: number, end: { value: number; slope: number }, start: { value: number; slope: number }): number {
  const d1 = start.slope + end.slope - (3 * (end.value - start.value)) / step;
  const square = d1 * d1 - start.slope * end.slope;
  const d2 = Math.sqrt(Math.max(0, square));
  const best = step * (1 - (end.slope + d2 - d1) / (end.slope - start.slope + 2 * d2));
  return Number.isFinite(best) ? Math.min(0.5 * step, Math.max(0.1 * step, best)) : 0.1 * step;
}

/** The last steps and gradient changes, and the direction they make of a gradient. */
class CurvatureMemory {
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  readonly #products: number[] = [];
  readonly #alphas = new Float64Array(MEMORY);
  readonly #length: number;
  #precondition: LbfgsOptions["precondition"];

  constructor(length: number, precondition: LbfgsOptions["precondition"]) {
    this.#length = length;
    this.#precondition = precondition;
  }

  /** Whether a direction is the plain gradient's. */
  get isEmpty(): boolean {
    return this.#steps.length === 0 && this.#precondition === undefined;
  }

  clear(): void {
    this.#precondition = undefined;
    this.#steps.length = 0;
    this.#changes.length = 0;
    this.#products.length = 0;
  }

  /** A copy of what it remembers. */
  pairs(): CurvaturePairs {
    return {
      steps: joined(this.#steps, this.#length),
      changes: joined(this.#changes, this.#length),
      products: Float64Array.from(this.#products),
      preconditioned: this.#precondition !== undefined,
    };
  }

  restore({ steps, changes, products, preconditioned }: CurvaturePairs): void {
    if (!preconditioned) this.#precondition = undefined;
    for (const [i, product] of products.entries()) {
      this.#steps.push(steps.slice(i * this.#length, (i + 1) * this.#length));
      this.#changes.push(changes.slice(i * this.#length, (i + 1) * this.#length));
      this.#products.push(product);
    }
  }

  add(from: Point, to: Point): void {
    const step = difference(to.x, from.x);
    const change = difference(to.gradient, from.gradient);
    const product = dot(step, change);
    // Without positive curvature along the step (rounding near the minimum) the pair would spoil the approximation.
    if (product <= Number.EPSILON * dot(change, change)) return;
    if (this.#steps.length === MEMORY) {
      this.#steps.shift();
      this.#changes.shift();
      this.#products.shift();
    }
    this.#steps.push(step);
    this.#changes.push(change);
    this.#products.push(product);
  }

  /** The two-loop recursion. Without a preconditioner the very first direction is scaled to length at most 1. */
  direction(gradient: Float64Array): Float64Array {
    const d = gradient.map((g) => -g);
    const last = this.#steps.length - 1;
    for (let i = last; i >= 0; i--) {
      this.#alphas[i] = dot(this.#steps[i], d) / this.#products[i];
      addScaled(d, this.#changes[i], -this.#alphas[i]);
    }
    this.#precondition?.(d);
    const scale = last >= 0 ? this.#scale(last) : this.#precondition ? 1 : Math.min(1, 1 / Math.sqrt(dot(d, d)));
    for (let j = 0; j < this.#length; j++) d[j] *= scale;
    for (let i = 0; i <= last; i++) {
      const beta = dot(this.#changes[i], d) / this.#products[i];
      addScaled(d, this.#steps[i], this.#alphas[i] - beta);
    }
    return d;
  }

  /** The size of the inverse second derivative along the last change, measured by the preconditioner. */
  #scale(last: number): number {
    const change = this.#changes[last];
    const conditioned = change.slice();
    this.#precondition?.(conditioned);
    return this.#products[last] / dot(change, conditioned);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

/** The largest absolute entry. */
export function largest(v: Float64Array): number {
  let found = 0;
  for (let j = 0; j < v.length; j++) found = Math.max(found, Math.abs(v[j]));
  return found;
}

function moved(x: Float64Array, direction: Float64Array, step: number): Float64Array {
  return x.map((value, j) => value + step * direction[j]);
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, j) => value - b[j]);
}

function addScaled(out: Float64Array, v: Float64Array, scale: number): void {
  for (let j = 0; j < out.length; j++) out[j] += scale * v[j];
}

function joined(parts: readonly Float64Array[], length: number): Float64Array {
  const whole = new Float64Array(parts.length * length);
  for (const [i, part] of parts.entries()) whole.set(part, i * length);
  return whole;
}
