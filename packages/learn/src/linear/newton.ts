// Newton's method for convex functions whose second derivative fits in memory, damped where that is flat (Levenberg
// 1944), with a backtracking line search. It knows nothing of data: the function is passed in.
import { largest } from "./lbfgs.ts";

/** What the function is near a place. */
export interface Expansion {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Minus the inverse of the second derivative times the gradient, with so much of a scale added to its diagonal. */
  step(damping: number): Float64Array;
}

export interface CurvedFunction {
  /** The value at `x`; infinite where there is none. */
  value(x: Float64Array): number;
  expand(x: Float64Array): Expansion;
  /** Shortens a step, in place, to keep to the function's domain. Default: any step will do. */
  limit?(x: Float64Array, step: Float64Array): void;
}

export interface NewtonOptions {
  /** Stops when no entry of the gradient is larger. */
  readonly tolerance: number;
  readonly maxIterations: number;
  /** Called after every iteration; rejects to stop. */
  readonly onIteration: (iteration: number, value: number) => Promise<void>;
}

export interface NewtonResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** A step must gain this share of what the slope promises (Armijo). */
const SUFFICIENT = 1e-4;
const MAX_HALVINGS = 40;
/** Shares of the scale, tried in turn until a step gains. */
const DAMPINGS = [0, 1e-8, 1e-4, 1e-2, 1, 100];
/** Promised gains below this share of the value are rounding. */
const NEGLIGIBLE = 1e-15;

/** Minimises `f` from `start`. */
export async function minimiseByNewton(
  f: CurvedFunction,
  start: Float64Array,
  { tolerance, maxIterations, onIteration }: NewtonOptions,
): Promise<NewtonResult> {
  let x = start;
  let at = f.expand(x);
  for (let iteration = 1; ; iteration++) {
    const done = { x, value: at.value, iterations: iteration - 1 };
    if (largest(at.gradient) <= tolerance) return { ...done, converged: true };
    if (iteration > maxIterations) return { ...done, converged: false };
    const next = descend(f, x, at);
    if (next === undefined) return { ...done, converged: isAtRest(at) };
    const isLast = next.promised <= NEGLIGIBLE * (1 + Math.abs(at.value));
    const reached = f.expand(next.x);
    // Where values no longer tell places apart, gradients do.
    if (isLast && largest(reached.gradient) >= largest(at.gradient)) return { ...done, converged: true };
    x = next.x;
    at = reached;
    await onIteration(iteration, at.value);
    if (isLast) return { x, value: at.value, iterations: iteration, converged: true };
  }
}

// Internal

interface Step {
  readonly x: Float64Array;
  /** What the slope promised. */
  readonly promised: number;
}

/** The first step, by growing damping, that gains enough. */
function descend(f: CurvedFunction, x: Float64Array, at: Expansion): Step | undefined {
  for (const damping of DAMPINGS) {
    const step = at.step(damping);
    f.limit?.(x, step);
    const promised = -dot(at.gradient, step);
    if (!(promised > 0)) continue;
    const found = search(f, x, { at, step, promised });
    if (found !== undefined) return { x: found, promised };
  }
  return undefined;
}

function search(
  f: CurvedFunction,
  x: Float64Array,
  { at, step, promised }: { at: Expansion; step: Float64Array; promised: number },
): Float64Array | undefined {
  const rounding = NEGLIGIBLE * (1 + Math.abs(at.value));
  for (let halving = 0, size = 1; halving < MAX_HALVINGS; halving++, size /= 2) {
    const to = x.map((value, j) => value + size * step[j]);
    const value = f.value(to);
    if (value <= at.value - SUFFICIENT * size * promised + rounding) return to;
    if (size * promised <= rounding) return undefined;
  }
  return undefined;
}

/** No step gains although the gradient is above the tolerance: the minimum, if Newton's own step promises nothing. */
function isAtRest(at: Expansion): boolean {
  return Math.abs(dot(at.gradient, at.step(0))) <= 1e-12 * (1 + Math.abs(at.value));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
