// What a descent with an L1 penalty does with the columns of a table, in float64: sums over them, and sweeps over some.
import { sumLanes } from "./vector";

/**
 * Adds to `sums`, three f64 per column of [begin, end), over `rows` staged f64 of each (at every `step`-th) less its
 * middle: their sum, their squares and their products with `target`. Rows count as `weights` say where that is not 0;
 * the target's do so already.
 */
export function columnMoments(
  staged: usize, step: i32, rows: i32, middles: usize, target: usize, weights: usize, sums: usize, begin: i32, end: i32,
): void {
  for (let j = begin; j < end; j++) {
    const x = staged + ((<usize>j * <usize>step) << 3);
    const out = sums + <usize>j * 24;
    const middle = load<f64>(middles + (<usize>j << 3));
    const m = f64x2.splat(middle);
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let q0 = s0;
    let q1 = s0;
    let p0 = s0;
    let p1 = s0;
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      const at = <usize>i << 3;
      const a = f64x2.sub(v128.load(x + at), m);
      const b = f64x2.sub(v128.load(x + at, 16), m);
      p0 = f64x2.add(p0, f64x2.mul(a, v128.load(target + at)));
      p1 = f64x2.add(p1, f64x2.mul(b, v128.load(target + at, 16)));
      const c = weights == 0 ? a : f64x2.mul(a, v128.load(weights + at));
      const d = weights == 0 ? b : f64x2.mul(b, v128.load(weights + at, 16));
      s0 = f64x2.add(s0, c);
      s1 = f64x2.add(s1, d);
      q0 = f64x2.add(q0, f64x2.mul(a, c));
      q1 = f64x2.add(q1, f64x2.mul(b, d));
    }
    let s = sumLanes(f64x2.add(s0, s1));
    let q = sumLanes(f64x2.add(q0, q1));
    let p = sumLanes(f64x2.add(p0, p1));
    for (; i < rows; i++) {
      const at = <usize>i << 3;
      const a = load<f64>(x + at) - middle;
      const c = weights == 0 ? a : a * load<f64>(weights + at);
      s += c;
      q += a * c;
      p += a * load<f64>(target + at);
    }
    store<f64>(out, load<f64>(out) + s);
    store<f64>(out, load<f64>(out, 8) + q, 8);
    store<f64>(out, load<f64>(out, 16) + p, 16);
  }
}

/** Adds to `out`, one f64 per column of [begin, end), the product of its staged rows less its middle with `target`. */
export function columnProducts(
  staged: usize, step: i32, rows: i32, middles: usize, target: usize, out: usize, begin: i32, end: i32,
): void {
  for (let j = begin; j < end; j++) {
    const x = staged + ((<usize>j * <usize>step) << 3);
    const to = out + (<usize>j << 3);
    store<f64>(to, load<f64>(to) + product(x, load<f64>(middles + (<usize>j << 3)), target, rows));
  }
}

// @ts-ignore: decorator
@inline
function product(x: usize, middle: f64, target: usize, rows: i32): f64 {
  const m = f64x2.splat(middle);
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = 0;
  for (; i + 8 <= rows; i += 8) {
    s0 = f64x2.add(s0, f64x2.mul(f64x2.sub(v128.load(x), m), v128.load(target)));
    s1 = f64x2.add(s1, f64x2.mul(f64x2.sub(v128.load(x, 16), m), v128.load(target, 16)));
    s2 = f64x2.add(s2, f64x2.mul(f64x2.sub(v128.load(x, 32), m), v128.load(target, 32)));
    s3 = f64x2.add(s3, f64x2.mul(f64x2.sub(v128.load(x, 48), m), v128.load(target, 48)));
    x += 64;
    target += 64;
  }
  let sum = sumLanes(f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3)));
  for (; i < rows; i++) {
    sum += (load<f64>(x) - middle) * load<f64>(target);
    x += 8;
    target += 8;
  }
  return sum;
}

/** out -= factor x, of `rows` f64. */
// @ts-ignore: decorator
@inline
function subtract(out: usize, factor: f64, x: usize, rows: i32): void {
  const f = f64x2.splat(factor);
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    v128.store(out, f64x2.sub(v128.load(out), f64x2.mul(f, v128.load(x))));
    v128.store(out, f64x2.sub(v128.load(out, 16), f64x2.mul(f, v128.load(x, 16))), 16);
    out += 32;
    x += 32;
  }
  for (; i < rows; i++) {
    store<f64>(out, load<f64>(out) - factor * load<f64>(x));
    out += 8;
    x += 8;
  }
}

/** Where |w - pull / square| with the penalties is least. */
// @ts-ignore: decorator
@inline
function minimum(pull: f64, square: f64, l1: f64, l2: f64): f64 {
  const over = abs(pull) - l1;
  return over > 0 ? copysign(over, pull) / (square + l2) : 0;
}

/**
 * Minimises |R|^2 / 2 + l1 |w| + l2 / 2 |w|^2 along each of the `count` coordinates `chosen` (u32) in turn, and moves the
 * correlations X'R by columns of X'X (`size` x `size` f64). Gives back the largest move as a share of the largest weight.
 */
export function sweepProducts(
  products: usize, size: i32, correlations: usize, weights: usize, squares: usize, l1: f64, l2: f64, chosen: usize,
  count: i32,
): f64 {
  let move: f64 = 0;
  let largest: f64 = 0;
  for (let i = 0; i < count; i++) {
    const k = <usize>load<u32>(chosen + (<usize>i << 2)) << 3;
    const before = load<f64>(weights + k);
    const square = load<f64>(squares + k);
    const after = minimum(load<f64>(correlations + k) + square * before, square, l1, l2);
    if (after != before) {
      store<f64>(weights + k, after);
      subtract(correlations, after - before, products + k * <usize>size, size);
      move = max(move, abs(after - before));
    }
    largest = max(largest, abs(after));
  }
  return largest == 0 ? 0 : move / largest;
}

/** As `sweepProducts`, but moves the residual itself, of `rows` f64, by the columns at every `step`-th f64 of `x`. */
export function sweepRows(
  x: usize, step: i32, rows: i32, residual: usize, weights: usize, squares: usize, l1: f64, l2: f64, chosen: usize,
  count: i32,
): f64 {
  let move: f64 = 0;
  let largest: f64 = 0;
  for (let i = 0; i < count; i++) {
    const k = <usize>load<u32>(chosen + (<usize>i << 2)) << 3;
    const column = x + k * <usize>step;
    const before = load<f64>(weights + k);
    const square = load<f64>(squares + k);
    const after = minimum(product(column, 0, residual, rows) + square * before, square, l1, l2);
    if (after != before) {
      store<f64>(weights + k, after);
      subtract(residual, after - before, column, rows);
      move = max(move, abs(after - before));
    }
    largest = max(largest, abs(after));
  }
  return largest == 0 ? 0 : move / largest;
}
