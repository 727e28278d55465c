// The logistic loss log(1 + e^-m), m = s z with s = -1 or 1, of a linear model, and its gradient in one pass.
import { expNegative } from "./exponential";
import { accumulate, accumulate4, dot, dotPair } from "./vector";

/** Rows whose margins are computed together: they stay in the first-level cache for the second use. */
// @ts-ignore: decorator
@inline
export const BLOCK_ROWS: i32 = 64;

/**
 * Adds the gradient of rows [begin, end) to `gradient` and gives back the sum of their losses. `signs`: f64, -1 or 1.
 * `scratch`: 64 f64 of this thread's own.
 */
export function logisticGradient(
  x: usize, stride: i32, signs: usize, weights: usize, gradient: usize, scratch: usize, begin: i32, end: i32,
): f64 {
  let loss: f64 = 0;
  for (let from = begin; from < end; from += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, end - from);
    const first = x + ((<usize>from * <usize>stride) << 2);
    // Three loops rather than one: the long chain margin -> exp -> division of one row then overlaps with others'.
    margins(first, stride, weights, scratch, rows);
    loss += slopes(scratch, signs + ((<usize>from) << 3), rows);
    addRows(first, stride, scratch, gradient, rows);
  }
  return loss;
}

/** Writes the scores x w of `rows` rows to `out`. */
export function margins(row: usize, stride: i32, weights: usize, out: usize, rows: i32): void {
  const bytes = (<usize>stride) << 2;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const b = row + bytes;
    const c = b + bytes;
    const d = c + bytes;
    v128.store(out, dotPair(row, b, weights, stride));
    v128.store(out, dotPair(c, d, weights, stride), 16);
    row = d + bytes;
    out += 32;
  }
  for (; i < rows; i++) {
    store<f64>(out, dot(row, weights, stride));
    row += bytes;
    out += 8;
  }
}

/** gradient += sum of coefficient times row. */
export function addRows(row: usize, stride: i32, coefficients: usize, gradient: usize, rows: i32): void {
  const bytes = (<usize>stride) << 2;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const b = row + bytes;
    const c = b + bytes;
    const d = c + bytes;
    accumulate4(v128.load(coefficients), v128.load(coefficients, 16), row, b, c, d, gradient, stride);
    row = d + bytes;
    coefficients += 32;
  }
  for (; i < rows; i++) {
    accumulate(load<f64>(coefficients), row, gradient, stride);
    row += bytes;
    coefficients += 8;
  }
}

/** Turns scores into derivatives of the loss, in place, and gives back the sum of losses. At most 64 rows. */
export function slopes(scores: usize, signs: usize, rows: i32): f64 {
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  // The sum of log(1 + e) is taken as the log of a product: 64 factors in (1, 2] stay far below overflow.
  let product = one;
  let linear = zero; // sum of max(-m, 0)
  let i = 0;
  for (; i + 2 <= rows; i += 2) {
    const s = v128.load(signs + ((<usize>i) << 3));
    const at = scores + ((<usize>i) << 3);
    const m = f64x2.mul(s, v128.load(at));
    const e = expNegative(f64x2.neg(f64x2.abs(m)));
    const denominator = f64x2.add(one, e);
    product = f64x2.mul(product, denominator);
    linear = f64x2.sub(linear, f64x2.pmin(zero, m));
    // sigmoid(-m) is e/(1+e) for m >= 0 and 1/(1+e) otherwise; the derivative by the score is -s times it.
    const p = f64x2.div(v128.bitselect(e, one, f64x2.ge(m, zero)), denominator);
    v128.store(at, f64x2.neg(f64x2.mul(s, p)));
  }
  let factor = f64x2.extract_lane(product, 0) * f64x2.extract_lane(product, 1);
  let rest = f64x2.extract_lane(linear, 0) + f64x2.extract_lane(linear, 1);
  if (i < rows) {
    const at = scores + ((<usize>i) << 3);
    const s = load<f64>(signs + ((<usize>i) << 3));
    const m = s * load<f64>(at);
    const e = expOne(-abs(m));
    factor *= 1 + e;
    rest += max(-m, 0);
    store<f64>(at, -s * (m >= 0 ? e : 1) / (1 + e));
  }
  return NativeMath.log(factor) + rest;
}

/** e^z for one z <= 0. */
// @ts-ignore: decorator
@inline
export function expOne(z: f64): f64 {
  return f64x2.extract_lane(expNegative(f64x2.splat(z)), 0);
}
