// Linear support vector machines: an epoch of dual coordinate descent; loss, gradient and curvature of the squared hinge.
import { accumulate, dot } from "./vector";

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
