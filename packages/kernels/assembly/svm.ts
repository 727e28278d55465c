// Support vector machines. With the RBF kernel: a row of its matrix, and the choice and move of a pair of rows. Linear
// ones: an epoch of dual coordinate descent; loss, gradient and curvature of the squared hinge.
import { expNegativeSingle } from "./exponential";
import { accumulate, dot } from "./vector";

/** Least curvature of a pair, that of two equal points. */
// @ts-ignore: decorator
@inline
const LEAST_CURVATURE: f64 = 1e-12;

/**
 * Subtracts `step` times the difference of two kernel rows from `v`, and gives back the row of the largest v + `up`, where
 * `up` is 0 or minus infinity; -1 when it is minus infinity throughout.
 */
export function smoMove(v: usize, up: usize, first: usize, second: usize, step: f64, count: i32): i32 {
  let most: f64 = -Infinity;
  let best = -1;
  for (let t = 0; t < count; t++) {
    const at = (<usize>t) << 3;
    const half = (<usize>t) << 2;
    const value = load<f64>(v + at) - step * <f64>(load<f32>(first + half) - load<f32>(second + half));
    store<f64>(v + at, value);
    const allowed = value + load<f64>(up + at);
    if (allowed > most) {
      most = allowed;
      best = t;
    }
  }
  return best;
}

/**
 * The row that gains most when its beta falls while that of a row with `most` and kernel row `kernel` grows: the largest
 * (most - v)^2 / (2 - 2 K) of rows with v < most; -1 when there is none. `low` is 0 or infinity, where beta cannot fall.
 * The least v + low goes to `worst`.
 */
export function smoPartner(v: usize, low: usize, kernel: usize, most: f64, worst: usize, count: i32): i32 {
  let least: f64 = Infinity;
  let best = -1;
  let bestSquare: f64 = 0;
  let bestCurvature: f64 = 1;
  for (let t = 0; t < count; t++) {
    const at = (<usize>t) << 3;
    const value = load<f64>(v + at) + load<f64>(low + at);
    least = min(least, value);
    const difference = most - value;
    if (!(difference > 0)) continue;
    const curvature = max(2 - 2 * <f64>load<f32>(kernel + ((<usize>t) << 2)), LEAST_CURVATURE);
    const square = difference * difference;
    // Two products are faster than a quotient.
    if (square * bestCurvature > bestSquare * curvature) {
      bestSquare = square;
      bestCurvature = curvature;
      best = t;
    }
  }
  store<f64>(worst, least);
  return best;
}

/**
 * The squared hinge max(0, 1 - s w x)^2 of rows with a sign: partial begin / grain gets its gradient by w, then its sum.
 * Whether a row lies within the margin goes to `active`; a row with sign 0 takes no part.
 */
export function squaredHingePass(
  x: usize, stride: i32, signs: usize, weights: usize, active: usize, partials: usize, span: i32, grain: i32,
  begin: i32, end: i32,
): void {
  const at = partials + ((<usize>(begin / grain) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>span) << 3);
  const bytes = (<usize>stride) << 2;
  let sum: f64 = 0;
  for (let i = begin; i < end; i++) {
    const sign = load<f64>(signs + ((<usize>i) << 3));
    const row = x + <usize>i * bytes;
    const slack = sign == 0 ? 0 : 1 - sign * dot(row, weights, stride);
    store<u8>(active + <usize>i, slack > 0 ? 1 : 0);
    if (slack <= 0) continue;
    sum += slack * slack;
    accumulate(-2 * slack * sign, row, at, stride);
  }
  store<f64>(at + ((<usize>stride) << 3), sum);
}

/** The curvature of the squared hinge along `vector`: twice the sum of x (x vector) over the active rows. */
export function squaredHingeCurvature(
  x: usize, stride: i32, active: usize, vector: usize, partials: usize, span: i32, grain: i32, begin: i32, end: i32,
): void {
  const at = partials + ((<usize>(begin / grain) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>span) << 3);
  const bytes = (<usize>stride) << 2;
  for (let i = begin; i < end; i++) {
    if (load<u8>(active + <usize>i) == 0) continue;
    const row = x + <usize>i * bytes;
    accumulate(2 * dot(row, vector, stride), row, at, stride);
  }
}

/**
 * e^(-gamma |p - q|^2) of point `point` with the points of panels [begin, end) of 8, as `packPanels` lays them, into
 * `out` (8 f32 per panel). Distances come from products, so points should be centred.
 */
export function rbfRow(
  panels: usize, halves: usize, features: i32, point: i32, gamma: f64, out: usize, begin: i32, end: i32,
): void {
  const own = panels + ((<usize>((point >> 3) * features)) << 5) + ((<usize>(point & 7)) << 2);
  const half = f32x4.splat(load<f32>(halves + ((<usize>point) << 2)));
  const factor = f32x4.splat(<f32>(-2 * gamma));
  const zero = f32x4.splat(0);
  for (let p = begin; p < end; p++) {
    let panel = panels + ((<usize>(p * features)) << 5);
    let query = own;
    let a = f32x4.add(half, v128.load(halves + ((<usize>p) << 5)));
    let b = f32x4.add(half, v128.load(halves + ((<usize>p) << 5), 16));
    for (let j = 0; j < features; j++) {
      const x = v128.load32_splat(query);
      a = f32x4.sub(a, f32x4.mul(x, v128.load(panel)));
      b = f32x4.sub(b, f32x4.mul(x, v128.load(panel, 16)));
      panel += 32;
      query += 32;
    }
    const at = out + ((<usize>p) << 5);
    v128.store(at, expNegativeSingle(f32x4.mul(f32x4.pmax(zero, a), factor)));
    v128.store(at, expNegativeSingle(f32x4.mul(f32x4.pmax(zero, b), factor)), 16);
  }
}

/**
 * One epoch over rows order[0, active) (Hsieh et al. 2008, algorithm 3 with shrinking as in LIBLINEAR). `limits` holds the
 * largest and least projected gradient of the epoch before, and receives those of this one. Rows that are at a bound and
 * will likely stay there are swapped behind; gives back how many are left.
 */
export function linearSvmEpoch(
  x: usize, stride: i32, signs: usize, squares: usize, order: usize, alpha: usize, weights: usize, upper: f64,
  shift: f64, limits: usize, active: i32,
): i32 {
  const most = load<f64>(limits);
  const least = load<f64>(limits, 8);
  let largest: f64 = -Infinity;
  let smallest: f64 = Infinity;
  const bytes = (<usize>stride) << 2;
  for (let s = 0; s < active; s++) {
    const place = order + ((<usize>s) << 2);
    const i = load<i32>(place);
    const row = x + <usize>i * bytes;
    const at = (<usize>i) << 3;
    const sign = load<f64>(signs + at);
    const before = load<f64>(alpha + at);
    const gradient = sign * dot(row, weights, stride) - 1 + before * shift;
    let projected: f64 = gradient;
    if (before == 0) {
      if (gradient > most) {
        active--;
        swap(place, order + ((<usize>active) << 2));
        s--;
        continue;
      }
      projected = min(gradient, 0);
    } else if (before == upper) {
      if (gradient < least) {
        active--;
        swap(place, order + ((<usize>active) << 2));
        s--;
        continue;
      }
      projected = max(gradient, 0);
    }
    largest = max(largest, projected);
    smallest = min(smallest, projected);
    if (abs(projected) <= 1e-12) continue;
    const after = min(max(before - gradient / (load<f64>(squares + at) + shift), 0), upper);
    store<f64>(alpha + at, after);
    accumulate((after - before) * sign, row, weights, stride);
  }
  store<f64>(limits, largest);
  store<f64>(limits, smallest, 8);
  return active;
}

// @ts-ignore: decorator
@inline
function swap(a: usize, b: usize): void {
  const kept = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, kept);
}
