// Linear support vector machines: an epoch of dual coordinate descent; loss, gradient and curvature of the squared hinge
// and of squared errors outside a tube.
import { accumulate, dot } from "./vector";

/**
 * The squared hinge max(0, 1 - s w x)^2 of rows with a sign: partial begin / grain gets its gradient by w, then its sum.
 * What a row within the margin counts goes to `active`, and 0 for the others; a row with sign 0 takes no part.
 */
export function squaredHingePass(
  x: usize, stride: i32, signs: usize, counts: usize, weights: usize, active: usize, partials: usize, span: i32,
  grain: i32, begin: i32, end: i32,
): void {
  const at = partials + ((<usize>(begin / grain) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>span) << 3);
  const bytes = (<usize>stride) << 2;
  let sum: f64 = 0;
  for (let i = begin; i < end; i++) {
    const sign = load<f64>(signs + ((<usize>i) << 3));
    const row = x + <usize>i * bytes;
    const slack = sign == 0 ? 0 : 1 - sign * dot(row, weights, stride);
    const count = load<f64>(counts + ((<usize>i) << 3));
    store<f64>(active + ((<usize>i) << 3), slack > 0 ? count : 0);
    if (slack <= 0) continue;
    sum += count * slack * slack;
    accumulate(-2 * count * slack * sign, row, at, stride);
  }
  store<f64>(at + ((<usize>stride) << 3), sum);
}

/** `squaredHingePass` for max(0, |w x - target| - epsilon)^2: what a row outside the tube counts goes to `active`. */
export function squaredTubePass(
  x: usize, stride: i32, targets: usize, epsilon: f64, counts: usize, weights: usize, active: usize, partials: usize,
  span: i32, grain: i32, begin: i32, end: i32,
): void {
  const at = partials + ((<usize>(begin / grain) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>span) << 3);
  const bytes = (<usize>stride) << 2;
  let sum: f64 = 0;
  for (let i = begin; i < end; i++) {
    const row = x + <usize>i * bytes;
    const error = dot(row, weights, stride) - load<f64>(targets + ((<usize>i) << 3));
    const excess = abs(error) - epsilon;
    const count = load<f64>(counts + ((<usize>i) << 3));
    store<f64>(active + ((<usize>i) << 3), excess > 0 ? count : 0);
    if (excess <= 0) continue;
    sum += count * excess * excess;
    accumulate(2 * count * copysign<f64>(excess, error), row, at, stride);
  }
  store<f64>(at + ((<usize>stride) << 3), sum);
}

/** The curvature of either along `vector`: twice the sum of x (x vector) over the rows, each times its `active`. */
export function squaredMarginCurvature(
  x: usize, stride: i32, active: usize, vector: usize, partials: usize, span: i32, grain: i32, begin: i32, end: i32,
): void {
  const at = partials + ((<usize>(begin / grain) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>span) << 3);
  const bytes = (<usize>stride) << 2;
  for (let i = begin; i < end; i++) {
    const count = load<f64>(active + ((<usize>i) << 3));
    if (count == 0) continue;
    const row = x + <usize>i * bytes;
    accumulate(2 * count * dot(row, vector, stride), row, at, stride);
  }
}

/**
 * One epoch over rows order[0, active) (Hsieh et al. 2008, algorithm 3 with shrinking as in LIBLINEAR). `limits` holds the
 * largest and least projected gradient of the epoch before, and receives those of this one. A row that counts n has the
 * bound n upper and the shift / n. Rows that are at a bound and will likely stay there are swapped behind; gives back how
 * many are left.
 */
export function linearSvmEpoch(
  x: usize, stride: i32, signs: usize, squares: usize, order: usize, counts: usize, alpha: usize, weights: usize,
  upper: f64, shift: f64, limits: usize, active: i32,
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
    const count = load<f64>(counts + at);
    const bound = count * upper;
    const own = shift / count;
    const gradient = sign * dot(row, weights, stride) - 1 + before * own;
    let projected: f64 = gradient;
    if (before == 0) {
      if (gradient > most) {
        active--;
        swap(place, order + ((<usize>active) << 2));
        s--;
        continue;
      }
      projected = min(gradient, 0);
    } else if (before == bound) {
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
    const after = min(max(before - gradient / (load<f64>(squares + at) + own), 0), bound);
    store<f64>(alpha + at, after);
    accumulate((after - before) * sign, row, weights, stride);
  }
  store<f64>(limits, largest);
  store<f64>(limits, smallest, 8);
  return active;
}

/**
 * One epoch for errors outside a tube (Ho & Lin 2012, as in LIBLINEAR): betas lie within ± n upper, the gradient without
 * the tube is w x - target + beta shift / n. `limits` holds the largest violation of the epoch before, and receives that of
 * this one and then the sum; rows that will likely stay where they are are swapped behind. Gives back how many are left.
 */
export function linearSvrEpoch(
  x: usize, stride: i32, targets: usize, squares: usize, order: usize, counts: usize, beta: usize, weights: usize,
  upper: f64, shift: f64, epsilon: f64, limits: usize, active: i32,
): i32 {
  const most = load<f64>(limits);
  let largest: f64 = 0;
  let total: f64 = 0;
  const bytes = (<usize>stride) << 2;
  for (let s = 0; s < active; s++) {
    const place = order + ((<usize>s) << 2);
    const i = load<i32>(place);
    const row = x + <usize>i * bytes;
    const at = (<usize>i) << 3;
    const before = load<f64>(beta + at);
    const count = load<f64>(counts + at);
    const bound = count * upper;
    const own = shift / count;
    const gradient = dot(row, weights, stride) - load<f64>(targets + at) + before * own;
    const above = gradient + epsilon;
    const below = gradient - epsilon;
    let violation: f64 = 0;
    let rests = false;
    if (before == 0) {
      violation = max(max(-above, below), 0);
      rests = above > most && below < -most;
    } else if (before >= bound) {
      violation = max(above, 0);
      rests = above < -most;
    } else if (before <= -bound) {
      violation = max(-below, 0);
      rests = below > most;
    } else {
      violation = abs(before > 0 ? above : below);
    }
    if (rests) {
      active--;
      swap(place, order + ((<usize>active) << 2));
      s--;
      continue;
    }
    largest = max(largest, violation);
    total += violation;
    const curvature = load<f64>(squares + at) + own;
    let step: f64 = -before;
    if (above < curvature * before) step = -above / curvature;
    else if (below > curvature * before) step = -below / curvature;
    if (abs(step) < 1e-12) continue;
    const after = min(max(before + step, -bound), bound);
    store<f64>(beta + at, after);
    accumulate(after - before, row, weights, stride);
  }
  store<f64>(limits, largest);
  store<f64>(limits, total, 8);
  return active;
}

// @ts-ignore: decorator
@inline
function swap(a: usize, b: usize): void {
  const kept = load<i32>(a);
  store<i32>(a, load<i32>(b));
  store<i32>(b, kept);
}
