// Support vector machines: a row of the RBF kernel's matrix, and an epoch of dual coordinate descent for linear ones.
import { expNegativeSingle } from "./exponential";
import { accumulate, dot } from "./vector";

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
