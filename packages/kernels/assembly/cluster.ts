// One pass of Lloyd's algorithm: every row goes to its nearest centre. Centres lie in panels of 8 as the points of
// `distance.ts` do, with half of each squared length; the score |c|^2 / 2 - x c grows with the distance. Four rows at a
// time share the loads of a panel. Rows move between the sums of centres, which each chunk keeps from pass to pass: most
// stay where they are. With bounds (Hamerly 2010, by the triangle inequality) most are not even read.
import { ClusterContext } from "./cluster-context";
import { high, low } from "./vector";

/** Rows whose numbers are listed at once. */
// @ts-ignore: decorator
@inline
const BLOCK: i32 = 256;
/** Factors that undo the rounding of a few f32 operations. */
// @ts-ignore: decorator
@inline
const UP: f32 = 1.0000005;
// @ts-ignore: decorator
@inline
const DOWN: f32 = 0.9999995;

/**
 * A chunk's partial is `clusters` x `stride` sums and `clusters` counts of its rows, kept up to date; behind them, at an
 * even place, is scratch. Of equally near centres the first is taken, with and without bounds.
 */
export function clusterPass(at: usize, begin: i32, end: i32): void {
  const c = changetype<ClusterContext>(at);
  const partial = c.partials + ((<usize>(<u32>begin / c.grain) * <usize>c.span) << 3);
  const list = partial + (((<usize>(c.clusters * (c.stride + 1)) + 1) & ~1) << 3);
  for (let from = begin; from < end; from += BLOCK) {
    const stop = min(end, from + BLOCK);
    const count = c.bounded != 0 ? unsettledRows(c, list, from, stop) : allRows(list, from, stop);
    for (let i = 0; i < count; i += 4) assignFour(c, partial, list, i, count);
  }
}

function allRows(list: usize, from: i32, stop: i32): i32 {
  for (let i = from; i < stop; i++) store<i32>(list + ((<usize>(i - from)) << 2), i);
  return stop - from;
}

/** Lists the rows of [from, stop) whose bounds leave it open which centre is nearest; moves all bounds with the centres. */
function unsettledRows(c: ClusterContext, list: usize, from: i32, stop: i32): i32 {
  const largest = <f32>c.largest;
  const second = <f32>c.second;
  const farthest = c.farthest;
  const moves = c.moves;
  const constant = <f32>c.constant;
  const slope = <f32>c.slope;
  let count = 0;
  for (let i = from; i < stop; i++) {
    const place = (<usize>i) << 2;
    const own = load<u32>(c.assigned + place);
    const u = (load<f32>(c.upper + place) + load<f32>(moves + ((<usize>own) << 2))) * UP;
    const l = max<f32>(load<f32>(c.lower + place) - (own == farthest ? second : largest), 0) * DOWN;
    store<f32>(c.upper + place, u);
    store<f32>(c.lower + place, l);
    store<i32>(list + ((<usize>count) << 2), i);
    count += isOpen(u, l, constant, slope);
  }
  // What is left may only lack a close upper bound.
  const loosening = <f32>(1 + 0.5 * c.rounding);
  let left = 0;
  for (let k = 0; k < count; k++) {
    const i = load<i32>(list + ((<usize>k) << 2));
    const place = (<usize>i) << 2;
    const own = load<u32>(c.assigned + place);
    const u = sqrt<f32>(squaredDistance(c, i, own) * loosening) * UP;
    store<f32>(c.upper + place, u);
    store<i32>(list + ((<usize>left) << 2), i);
    left += isOpen(u, load<f32>(c.lower + place), constant, slope);
  }
  return left;
}

// @ts-ignore: decorator
@inline
function isOpen(u: f32, l: f32, constant: f32, slope: f32): i32 {
  return i32(!(l * l * DOWN > u * u * UP + constant + slope * u));
}

// @ts-ignore: decorator
@inline
function squaredDistance(c: ClusterContext, i: i32, k: u32): f32 {
  const bytes = (<usize>c.stride) << 2;
  const row = c.rows + <usize>i * bytes;
  const centre = c.centres + <usize>k * bytes;
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    const d = f32x4.sub(v128.load(row + j), v128.load(centre + j));
    sum = f32x4.add(sum, f32x4.mul(d, d));
  }
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
}

/** Scores four listed rows against all centres, sets their bounds, and moves them to their nearest centre. */
function assignFour(c: ClusterContext, partial: usize, list: usize, from: i32, count: i32): void {
  const bytes = (<usize>c.stride) << 2;
  // Beyond the last row its own values are read again, and nothing is done with them.
  const last = count - 1;
  const row0 = c.rows + <usize>load<i32>(list + ((<usize>from) << 2)) * bytes;
  const row1 = c.rows + <usize>load<i32>(list + ((<usize>min(from + 1, last)) << 2)) * bytes;
  const row2 = c.rows + <usize>load<i32>(list + ((<usize>min(from + 2, last)) << 2)) * bytes;
  const row3 = c.rows + <usize>load<i32>(list + ((<usize>min(from + 3, last)) << 2)) * bytes;
  let best0 = f32x4.splat(Infinity);
  let best1 = best0;
  let best2 = best0;
  let best3 = best0;
  let next0 = best0;
  let next1 = best0;
  let next2 = best0;
  let next3 = best0;
  let where0 = i32x4.splat(0);
  let where1 = where0;
  let where2 = where0;
  let where3 = where0;
  let panel = c.panels;
  const features = (<usize>c.features) << 2;
  // Up to four centres at the end take half a panel.
  const tail = (c.clusters & 7) - 1 < 4;
  const panelCount = tail ? c.clusters >> 3 : (c.clusters + 7) >> 3;
  for (let p: u32 = 0; p < panelCount; p++) {
    const half = c.halves + ((<usize>p) << 5);
    let a0 = v128.load(half);
    let b0 = v128.load(half, 16);
    let a1 = a0;
    let b1 = b0;
    let a2 = a0;
    let b2 = b0;
    let a3 = a0;
    let b3 = b0;
    for (let j: usize = 0; j < features; j += 4) {
      const a = v128.load(panel);
      const b = v128.load(panel, 16);
      panel += 32;
      const x0 = v128.load32_splat(row0 + j);
      a0 = f32x4.sub(a0, f32x4.mul(x0, a));
      b0 = f32x4.sub(b0, f32x4.mul(x0, b));
      const x1 = v128.load32_splat(row1 + j);
      a1 = f32x4.sub(a1, f32x4.mul(x1, a));
      b1 = f32x4.sub(b1, f32x4.mul(x1, b));
      const x2 = v128.load32_splat(row2 + j);
      a2 = f32x4.sub(a2, f32x4.mul(x2, a));
      b2 = f32x4.sub(b2, f32x4.mul(x2, b));
      const x3 = v128.load32_splat(row3 + j);
      a3 = f32x4.sub(a3, f32x4.mul(x3, a));
      b3 = f32x4.sub(b3, f32x4.mul(x3, b));
    }
    const first = i32x4.splat(p << 3);
    where0 = placeOf(a0, b0, best0, first, where0);
    next0 = nextOf(a0, b0, best0, next0);
    best0 = f32x4.pmin(best0, f32x4.pmin(a0, b0));
    where1 = placeOf(a1, b1, best1, first, where1);
    next1 = nextOf(a1, b1, best1, next1);
    best1 = f32x4.pmin(best1, f32x4.pmin(a1, b1));
    where2 = placeOf(a2, b2, best2, first, where2);
    next2 = nextOf(a2, b2, best2, next2);
    best2 = f32x4.pmin(best2, f32x4.pmin(a2, b2));
    where3 = placeOf(a3, b3, best3, first, where3);
    next3 = nextOf(a3, b3, best3, next3);
    best3 = f32x4.pmin(best3, f32x4.pmin(a3, b3));
  }
  if (tail) {
    let a0 = v128.load(c.halves + ((<usize>panelCount) << 5));
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    for (let j: usize = 0; j < features; j += 4) {
      const a = v128.load(panel);
      panel += 32;
      a0 = f32x4.sub(a0, f32x4.mul(v128.load32_splat(row0 + j), a));
      a1 = f32x4.sub(a1, f32x4.mul(v128.load32_splat(row1 + j), a));
      a2 = f32x4.sub(a2, f32x4.mul(v128.load32_splat(row2 + j), a));
      a3 = f32x4.sub(a3, f32x4.mul(v128.load32_splat(row3 + j), a));
    }
    const none = f32x4.splat(Infinity);
    const first = i32x4.splat(panelCount << 3);
    where0 = placeOf(a0, none, best0, first, where0);
    next0 = nextOf(a0, none, best0, next0);
    best0 = f32x4.pmin(best0, a0);
    where1 = placeOf(a1, none, best1, first, where1);
    next1 = nextOf(a1, none, best1, next1);
    best1 = f32x4.pmin(best1, a1);
    where2 = placeOf(a2, none, best2, first, where2);
    next2 = nextOf(a2, none, best2, next2);
    best2 = f32x4.pmin(best2, a2);
    where3 = placeOf(a3, none, best3, first, where3);
    next3 = nextOf(a3, none, best3, next3);
    best3 = f32x4.pmin(best3, a3);
  }
  const squares = sumOfFour(squaresOf(row0, bytes), squaresOf(row1, bytes), squaresOf(row2, bytes), squaresOf(row3, bytes));
  const results = list + ((<usize>BLOCK) << 2);
  // Lane k of the four rows together, then the lanes against each other.
  let best = lane(best0, best1, best2, best3, 0);
  let next = lane(next0, next1, next2, next3, 0);
  let where = lane(where0, where1, where2, where3, 0);
  for (let k = 1; k < 4; k++) {
    const b = laneAt(best0, best1, best2, best3, k);
    const w = i32x4.add(laneAt(where0, where1, where2, where3, k), i32x4.splat(k));
    next = f32x4.pmin(f32x4.pmin(next, laneAt(next0, next1, next2, next3, k)), f32x4.pmax(best, b));
    const isBetter = v128.or(f32x4.lt(b, best), v128.and(f32x4.eq(b, best), i32x4.lt_s(w, where)));
    where = v128.bitselect(w, where, isBetter);
    best = f32x4.pmin(best, b);
  }
  setBounds(c, squares, best, next, results);
  v128.store(results, where);
  for (let k = 0; k < min(4, count - from); k++) {
    const i = load<i32>(list + ((<usize>(from + k)) << 2));
    const lane = results + ((<usize>k) << 2);
    store<f32>(c.upper + ((<usize>i) << 2), load<f32>(lane, 16));
    store<f32>(c.lower + ((<usize>i) << 2), load<f32>(lane, 32));
    moveRow(c, partial, i, load<i32>(lane));
  }
}

/** Writes upper and lower bounds of four rows behind their places. */
// @ts-ignore: decorator
@inline
function setBounds(c: ClusterContext, squares: v128, best: v128, next: v128, results: usize): void {
  const two = f32x4.splat(2);
  const zero = f32x4.splat(0);
  const error = f32x4.mul(f32x4.add(squares, f32x4.splat(<f32>c.squares)), f32x4.splat(<f32>c.rounding));
  const near = f32x4.add(f32x4.add(squares, f32x4.mul(two, best)), error);
  const far = f32x4.sub(f32x4.add(squares, f32x4.mul(two, next)), error);
  v128.store(results, f32x4.mul(f32x4.sqrt(f32x4.pmax(zero, near)), f32x4.splat(UP)), 16);
  v128.store(results, f32x4.mul(f32x4.sqrt(f32x4.pmax(zero, far)), f32x4.splat(DOWN)), 32);
}

/** Where the least score so far is, lane by lane: among `best`, or in a panel's halves `a` and `b` after place `first`. */
// @ts-ignore: decorator
@inline
function placeOf(a: v128, b: v128, best: v128, first: v128, where: v128): v128 {
  const place = i32x4.add(first, v128.and(f32x4.lt(b, a), i32x4.splat(4)));
  return v128.bitselect(place, where, f32x4.lt(f32x4.pmin(a, b), best));
}

/** The second least score so far, lane by lane. */
// @ts-ignore: decorator
@inline
function nextOf(a: v128, b: v128, best: v128, next: v128): v128 {
  const other = f32x4.pmin(f32x4.pmax(a, b), f32x4.pmax(best, f32x4.pmin(a, b)));
  return f32x4.pmin(next, other);
}

/** Lane k of each of four vectors. */
// @ts-ignore: decorator
@inline
function laneAt(a: v128, b: v128, c: v128, d: v128, k: i32): v128 {
  if (k == 1) return lane(a, b, c, d, 1);
  return k == 2 ? lane(a, b, c, d, 2) : lane(a, b, c, d, 3);
}

// @ts-ignore: decorator
@inline
function lane(a: v128, b: v128, c: v128, d: v128, k: u8): v128 {
  if (k == 0) return v128.shuffle<i64>(v128.shuffle<i32>(a, b, 0, 4, 0, 4), v128.shuffle<i32>(c, d, 0, 4, 0, 4), 0, 2);
  if (k == 1) return v128.shuffle<i64>(v128.shuffle<i32>(a, b, 1, 5, 1, 5), v128.shuffle<i32>(c, d, 1, 5, 1, 5), 0, 2);
  if (k == 2) return v128.shuffle<i64>(v128.shuffle<i32>(a, b, 2, 6, 2, 6), v128.shuffle<i32>(c, d, 2, 6, 2, 6), 0, 2);
  return v128.shuffle<i64>(v128.shuffle<i32>(a, b, 3, 7, 3, 7), v128.shuffle<i32>(c, d, 3, 7, 3, 7), 0, 2);
}

// @ts-ignore: decorator
@inline
function squaresOf(row: usize, bytes: usize): v128 {
  let sum = f32x4.splat(0);
  for (let j: usize = 0; j < bytes; j += 16) {
    const x = v128.load(row + j);
    sum = f32x4.add(sum, f32x4.mul(x, x));
  }
  return sum;
}

/** The sums of the lanes of four vectors. */
// @ts-ignore: decorator
@inline
function sumOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const p = f32x4.add(lane(a, b, c, d, 0), lane(a, b, c, d, 1));
  return f32x4.add(p, f32x4.add(lane(a, b, c, d, 2), lane(a, b, c, d, 3)));
}

/** Takes row i from the sums of its last centre and adds it to those of `to`, when these differ. */
function moveRow(c: ClusterContext, partial: usize, i: i32, to: i32): void {
  const place = c.assigned + ((<usize>i) << 2);
  const from = load<i32>(place);
  if (from == to) return;
  store<i32>(place, to);
  const weight: f64 = c.weights == 0 ? 1 : load<f64>(c.weights + ((<usize>i) << 3));
  const row = c.rows + ((<usize>i * <usize>c.stride) << 2);
  if (from >= 0) addRow(c, partial, from, row, -weight);
  addRow(c, partial, to, row, weight);
}

function addRow(c: ClusterContext, partial: usize, to: i32, row: usize, weight: f64): void {
  const count = partial + ((<usize>(c.clusters * c.stride) + <usize>to) << 3);
  store<f64>(count, load<f64>(count) + weight);
  const w = f64x2.splat(weight);
  let sums = partial + ((<usize>(<u32>to * c.stride)) << 3);
  const last = sums + ((<usize>c.stride) << 3);
  while (sums < last) {
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.mul(w, low(row))));
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.mul(w, high(row))), 16);
    sums += 32;
    row += 16;
  }
}

/**
 * Rounds rows [begin, end) to multiples of `quanta` (f32 per column, powers of two, `inverses` their inverses): with few
 * enough bits per value, float64 sums of any rows are exact, so that rows may come and go in any order.
 */
export function roundRows(rows: usize, stride: i32, quanta: usize, inverses: usize, begin: i32, end: i32): void {
  const bytes = (<usize>stride) << 2;
  for (let i = begin; i < end; i++) {
    const row = rows + <usize>i * bytes;
    for (let j: usize = 0; j < bytes; j += 16) {
      const whole = f32x4.nearest(f32x4.mul(v128.load(row + j), v128.load(inverses + j)));
      v128.store(row + j, f32x4.mul(whole, v128.load(quanta + j)));
    }
  }
}
