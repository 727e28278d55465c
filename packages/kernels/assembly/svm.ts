// Support vector machines. With the RBF kernel: a row of its matrix, and the choice and move of a pair of rows. Linear
// ones: an epoch of dual coordinate descent; loss, gradient and curvature of the squared hinge.
import { expNegative, expNegativeSingle } from "./exponential";
import { accumulate, dot, sumLanes } from "./vector";

/** Least curvature of a pair, that of two equal points. */
// @ts-ignore: decorator
@inline
const LEAST_CURVATURE: f64 = 1e-12;

/**
 * Subtracts `step` times the difference of two kernel rows from `v`, and gives back the first row of the largest v + `up`,
 * where `up` is 0 or minus infinity; -1 when it is minus infinity throughout.
 */
export function smoMove(v: usize, up: usize, first: usize, second: usize, step: f64, count: i32): i32 {
  const steps = f64x2.splat(step);
  let mosts = f64x2.splat(-Infinity);
  let places = i64x2.splat(-1);
  let place = i64x2(0, 1);
  let at: usize = 0;
  const end = (<usize>(count & ~1)) << 3;
  for (; at < end; at += 16) {
    const half = at >> 1;
    const difference = f32x4.sub(v128.load64_zero(first + half), v128.load64_zero(second + half));
    const value = f64x2.sub(v128.load(v + at), f64x2.mul(steps, f64x2.promote_low_f32x4(difference)));
    v128.store(v + at, value);
    const allowed = f64x2.add(value, v128.load(up + at));
    places = v128.bitselect(place, places, f64x2.gt(allowed, mosts));
    mosts = f64x2.pmax(mosts, allowed);
    place = i64x2.add(place, i64x2.splat(2));
  }
  let most = f64x2.extract_lane(mosts, 0);
  let best = <i32>i64x2.extract_lane(places, 0);
  const other = f64x2.extract_lane(mosts, 1);
  const otherPlace = <i32>i64x2.extract_lane(places, 1);
  if (other > most || (other == most && otherPlace < best)) {
    most = other;
    best = otherPlace;
  }
  if (count & 1) {
    const half = at >> 1;
    const value = load<f64>(v + at) - step * <f64>(load<f32>(first + half) - load<f32>(second + half));
    store<f64>(v + at, value);
    if (value + load<f64>(up + at) > most) best = count - 1;
  }
  return best;
}

/**
 * The row that gains most when its beta falls while that of a row with `most` and kernel row `kernel` grows: the largest
 * (most - v)^2 / (2 - 2 K) of rows with v < most; -1 when there is none. `low` is 0 or infinity, where beta cannot fall.
 * The least v + low goes to `worst`.
 */
export function smoPartner(v: usize, low: usize, kernel: usize, most: f64, worst: usize, count: i32): i32 {
  const mosts = f64x2.splat(most);
  const zero = f64x2.splat(0);
  const two = f64x2.splat(2);
  const leastCurvature = f64x2.splat(LEAST_CURVATURE);
  let leasts = f64x2.splat(Infinity);
  let squares = zero;
  let curvatures = f64x2.splat(1);
  let places = i64x2.splat(-1);
  let place = i64x2(0, 1);
  let at: usize = 0;
  const end = (<usize>(count & ~1)) << 3;
  for (; at < end; at += 16) {
    const value = f64x2.add(v128.load(v + at), v128.load(low + at));
    leasts = f64x2.pmin(leasts, value);
    // Nothing is gained where v is larger, and the infinite ones square to nothing.
    const difference = f64x2.pmax(zero, f64x2.sub(mosts, value));
    const similar = f64x2.promote_low_f32x4(v128.load64_zero(kernel + (at >> 1)));
    const curvature = f64x2.pmax(leastCurvature, f64x2.sub(two, f64x2.mul(two, similar)));
    const square = f64x2.mul(difference, difference);
    // Two products are faster than a quotient.
    const more = f64x2.gt(f64x2.mul(square, curvatures), f64x2.mul(squares, curvature));
    squares = v128.bitselect(square, squares, more);
    curvatures = v128.bitselect(curvature, curvatures, more);
    places = v128.bitselect(place, places, more);
    place = i64x2.add(place, i64x2.splat(2));
  }
  let least = min(f64x2.extract_lane(leasts, 0), f64x2.extract_lane(leasts, 1));
  let bestSquare = f64x2.extract_lane(squares, 0);
  let bestCurvature = f64x2.extract_lane(curvatures, 0);
  let best = <i32>i64x2.extract_lane(places, 0);
  if (f64x2.extract_lane(squares, 1) * bestCurvature > bestSquare * f64x2.extract_lane(curvatures, 1)) {
    bestSquare = f64x2.extract_lane(squares, 1);
    bestCurvature = f64x2.extract_lane(curvatures, 1);
    best = <i32>i64x2.extract_lane(places, 1);
  }
  if (count & 1) {
    const value = load<f64>(v + at) + load<f64>(low + at);
    least = min(least, value);
    const difference = max(0, most - value);
    const curvature = max(2 - 2 * <f64>load<f32>(kernel + (at >> 1)), LEAST_CURVATURE);
    if (difference * difference * bestCurvature > bestSquare * curvature) best = count - 1;
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
  const span = (<usize>features) << 5;
  let p = begin;
  // Four panels at a time: eight sums are under way at once.
  for (; p + 4 <= end; p += 4) {
    let panel = panels + <usize>p * span;
    let query = own;
    const from = halves + ((<usize>p) << 5);
    let a0 = f32x4.add(half, v128.load(from));
    let b0 = f32x4.add(half, v128.load(from, 16));
    let a1 = f32x4.add(half, v128.load(from, 32));
    let b1 = f32x4.add(half, v128.load(from, 48));
    let a2 = f32x4.add(half, v128.load(from, 64));
    let b2 = f32x4.add(half, v128.load(from, 80));
    let a3 = f32x4.add(half, v128.load(from, 96));
    let b3 = f32x4.add(half, v128.load(from, 112));
    for (let j = 0; j < features; j++) {
      const x = v128.load32_splat(query);
      a0 = f32x4.sub(a0, f32x4.mul(x, v128.load(panel)));
      b0 = f32x4.sub(b0, f32x4.mul(x, v128.load(panel, 16)));
      const panel1 = panel + span;
      a1 = f32x4.sub(a1, f32x4.mul(x, v128.load(panel1)));
      b1 = f32x4.sub(b1, f32x4.mul(x, v128.load(panel1, 16)));
      const panel2 = panel1 + span;
      a2 = f32x4.sub(a2, f32x4.mul(x, v128.load(panel2)));
      b2 = f32x4.sub(b2, f32x4.mul(x, v128.load(panel2, 16)));
      const panel3 = panel2 + span;
      a3 = f32x4.sub(a3, f32x4.mul(x, v128.load(panel3)));
      b3 = f32x4.sub(b3, f32x4.mul(x, v128.load(panel3, 16)));
      panel += 32;
      query += 32;
    }
    const at = out + ((<usize>p) << 5);
    storeSimilar(at, a0, b0, factor);
    storeSimilar(at + 32, a1, b1, factor);
    storeSimilar(at + 64, a2, b2, factor);
    storeSimilar(at + 96, a3, b3, factor);
  }
  for (; p < end; p++) {
    let panel = panels + <usize>p * span;
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
    storeSimilar(out + ((<usize>p) << 5), a, b, factor);
  }
}

/** Eight similarities from halves of squared distances; rounding may have made those negative. */
// @ts-ignore: decorator
@inline
function storeSimilar(at: usize, a: v128, b: v128, factor: v128): void {
  const zero = f32x4.splat(0);
  v128.store(at, expNegativeSingle(f32x4.mul(f32x4.pmax(zero, a), factor)));
  v128.store(at, expNegativeSingle(f32x4.mul(f32x4.pmax(zero, b), factor)), 16);
}

/**
 * The sums of betas e^(-gamma |p - q|^2) over all points p, for queries [begin, end) and each of `machines` rows of betas,
 * into `out` (queries x machines f64). Points are packed by twos, feature by feature, to `pairs` of them; all is float64
 * and eight points are added up at once. `betas` has 2 `pairs` per machine.
 */
export function rbfScores(
  points: usize, pairs: i32, features: i32, betas: usize, machines: i32, gamma: f64, queries: usize, out: usize,
  begin: i32, end: i32,
): void {
  const factor = f64x2.splat(-gamma);
  const span = (<usize>features) << 4;
  const width = (<usize>pairs) << 4;
  for (let q = begin; q < end; q++) {
    const row = queries + ((<usize>q * <usize>features) << 3);
    const sums = out + ((<usize>q * <usize>machines) << 3);
    memory.fill(sums, 0, (<usize>machines) << 3);
    let p = 0;
    for (; p + 4 <= pairs; p += 4) {
      let at = points + <usize>p * span;
      let s0 = f64x2.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (let j: usize = 0; j < (<usize>features) << 3; j += 8) {
        const x = v128.load64_splat(row + j);
        const d0 = f64x2.sub(x, v128.load(at));
        const d1 = f64x2.sub(x, v128.load(at + span));
        const d2 = f64x2.sub(x, v128.load(at + 2 * span));
        const d3 = f64x2.sub(x, v128.load(at + 3 * span));
        s0 = f64x2.add(s0, f64x2.mul(d0, d0));
        s1 = f64x2.add(s1, f64x2.mul(d1, d1));
        s2 = f64x2.add(s2, f64x2.mul(d2, d2));
        s3 = f64x2.add(s3, f64x2.mul(d3, d3));
        at += 16;
      }
      const k0 = expNegative(f64x2.mul(factor, s0));
      const k1 = expNegative(f64x2.mul(factor, s1));
      const k2 = expNegative(f64x2.mul(factor, s2));
      const k3 = expNegative(f64x2.mul(factor, s3));
      for (let m = 0; m < machines; m++) {
        const beta = betas + <usize>m * width + ((<usize>p) << 4);
        const a = f64x2.add(f64x2.mul(k0, v128.load(beta)), f64x2.mul(k1, v128.load(beta, 16)));
        const b = f64x2.add(f64x2.mul(k2, v128.load(beta, 32)), f64x2.mul(k3, v128.load(beta, 48)));
        const sum = sums + ((<usize>m) << 3);
        store<f64>(sum, load<f64>(sum) + sumLanes(f64x2.add(a, b)));
      }
    }
    for (; p < pairs; p++) {
      let at = points + <usize>p * span;
      let s = f64x2.splat(0);
      for (let j: usize = 0; j < (<usize>features) << 3; j += 8) {
        const d = f64x2.sub(v128.load64_splat(row + j), v128.load(at));
        s = f64x2.add(s, f64x2.mul(d, d));
        at += 16;
      }
      const similar = expNegative(f64x2.mul(factor, s));
      for (let m = 0; m < machines; m++) {
        const sum = sums + ((<usize>m) << 3);
        const beta = v128.load(betas + <usize>m * width + ((<usize>p) << 4));
        store<f64>(sum, load<f64>(sum) + sumLanes(f64x2.mul(similar, beta)));
      }
    }
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
