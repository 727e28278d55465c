// The logistic loss and its gradient in float32, half the arithmetic of `logistic.ts`: only the losses, and the gradients
// of every 256 rows, are summed up in float64.
import { expNegativeSingle } from "./exponential";
import { sumLanes } from "./vector";

/** Rows whose scores are computed together; few, so that the memory for the next block is fetched meanwhile. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 32;

/** Float32 sums of more rows would lose digits; blocks are whole. */
// @ts-ignore: decorator
@inline
const FLUSH_ROWS: i32 = 256;

/**
 * As `logisticGradient`, to about 6 digits. `scratch`, of this thread's own: 16 f64 and one f64 per column.
 */
export function logisticGradientSingle(
  x: usize, stride: i32, signs: usize, weights: usize, gradient: usize, scratch: usize, begin: i32, end: i32,
): f64 {
  const single = scratch + ((<usize>BLOCK_ROWS) << 2);
  const sums = single + ((<usize>stride) << 2);
  for (let j: usize = 0; j < (<usize>stride) << 2; j += 16) {
    const from = weights + (j << 1);
    v128.store(single + j, demote(from));
    v128.store(sums + j, f32x4.splat(0));
  }
  let loss: f64 = 0;
  let pending = 0;
  for (let from = begin; from < end; from += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, end - from);
    const first = x + ((<usize>from * <usize>stride) << 2);
    margins(first, stride, single, scratch, rows);
    loss += slopes(scratch, signs + ((<usize>from) << 3), rows);
    addRows(first, stride, scratch, sums, rows);
    pending += rows;
    if (pending >= FLUSH_ROWS) {
      flush(sums, gradient, stride);
      pending = 0;
    }
  }
  flush(sums, gradient, stride);
  return loss;
}

/** Four f64 as f32. */
// @ts-ignore: decorator
@inline
function demote(at: usize): v128 {
  const low = f32x4.demote_f64x2_zero(v128.load(at));
  return v128.shuffle<i64>(low, f32x4.demote_f64x2_zero(v128.load(at, 16)), 0, 2);
}

/** Turns scores into derivatives of the loss, in place, and gives back the sum of losses; see `slopes` of the other. */
function slopes(scores: usize, signs: usize, rows: i32): f64 {
  let product = f64x2.splat(1);
  let linear = f32x4.splat(0);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  for (let i = 0; i < rows; i += 4) {
    const from = signs + ((<usize>i) << 3);
    const s = i + 4 <= rows ? demote(from) : rest(from, rows - i);
    const m = f32x4.mul(s, v128.load(scores));
    const e = expNegativeSingle(f32x4.neg(f32x4.abs(m)));
    const denominator = f32x4.add(one, e);
    linear = f32x4.sub(linear, f32x4.pmin(zero, m));
    const p = f32x4.div(v128.bitselect(e, one, f32x4.ge(m, zero)), denominator);
    v128.store(scores, f32x4.neg(f32x4.mul(s, p)));
    // A row that is not there has sign and score 0, and e = 1: its factor of 2 is taken back at the end.
    const upper = v128.shuffle<i64>(denominator, denominator, 1, 1);
    const pair = f64x2.mul(f64x2.promote_low_f32x4(denominator), f64x2.promote_low_f32x4(upper));
    product = f64x2.mul(product, pair);
    scores += 16;
  }
  const absent = <f64>(-rows & 3);
  const logarithm = NativeMath.log(f64x2.extract_lane(product, 0) * f64x2.extract_lane(product, 1));
  return logarithm - absent * Math.LN2 + sumLanes(f64x2.add(
    f64x2.promote_low_f32x4(linear), f64x2.promote_low_f32x4(v128.shuffle<i64>(linear, linear, 1, 1)),
  ));
}

/** The first `count` of four f64 as f32, the others 0. */
function rest(at: usize, count: i32): v128 {
  let v = f32x4(<f32>load<f64>(at), 0, 0, 0);
  if (count > 1) v = f32x4.replace_lane(v, 1, <f32>load<f64>(at, 8));
  if (count > 2) v = f32x4.replace_lane(v, 2, <f32>load<f64>(at, 16));
  return v;
}

/** Writes the scores x w of `rows` rows to `out`, up to the next multiple of four 0. */
function margins(row: usize, stride: i32, weights: usize, out: usize, rows: i32): void {
  const bytes = (<usize>stride) << 2;
  const stop = weights + bytes;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let s0 = f32x4.splat(0);
    let s1 = f32x4.splat(0);
    let s2 = f32x4.splat(0);
    let s3 = f32x4.splat(0);
    let a = row;
    let b = a + bytes;
    let c = b + bytes;
    let d = c + bytes;
    for (let at = weights; at < stop; at += 16) {
      const w = v128.load(at);
      s0 = f32x4.add(s0, f32x4.mul(v128.load(a), w));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(b), w));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(c), w));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(d), w));
      a += 16;
      b += 16;
      c += 16;
      d += 16;
    }
    // The sums of the four lanes of each, by halves.
    const p = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
    const q = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
    const sums = f32x4.add(v128.shuffle<f32>(p, q, 0, 1, 4, 5), v128.shuffle<f32>(p, q, 2, 3, 6, 7));
    v128.store(out, sums);
    row += bytes << 2;
    out += 16;
  }
  if (i < rows) v128.store(out, f32x4.splat(0));
  for (; i < rows; i++) {
    let s = f32x4.splat(0);
    for (let at = weights; at < stop; at += 16) {
      s = f32x4.add(s, f32x4.mul(v128.load(row), v128.load(at)));
      row += 16;
    }
    const pair = f32x4.add(s, v128.shuffle<i64>(s, s, 1, 1));
    store<f32>(out, f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1));
    out += 4;
  }
}

/** sums += coefficient times row, for `rows` rows. */
function addRows(row: usize, stride: i32, coefficients: usize, sums: usize, rows: i32): void {
  const bytes = (<usize>stride) << 2;
  const stop = sums + bytes;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const k0 = v128.load32_splat(coefficients);
    const k1 = v128.load32_splat(coefficients, 4);
    const k2 = v128.load32_splat(coefficients, 8);
    const k3 = v128.load32_splat(coefficients, 12);
    let a = row;
    let b = a + bytes;
    let c = b + bytes;
    let d = c + bytes;
    for (let at = sums; at < stop; at += 16) {
      const p = f32x4.add(f32x4.mul(k0, v128.load(a)), f32x4.mul(k1, v128.load(b)));
      const q = f32x4.add(f32x4.mul(k2, v128.load(c)), f32x4.mul(k3, v128.load(d)));
      v128.store(at, f32x4.add(v128.load(at), f32x4.add(p, q)));
      a += 16;
      b += 16;
      c += 16;
      d += 16;
    }
    row += bytes << 2;
    coefficients += 16;
  }
  for (; i < rows; i++) {
    const k = v128.load32_splat(coefficients);
    for (let at = sums; at < stop; at += 16) {
      v128.store(at, f32x4.add(v128.load(at), f32x4.mul(k, v128.load(row))));
      row += 16;
    }
    coefficients += 4;
  }
}

/** Adds the float32 sums to the gradient and starts them again. */
function flush(sums: usize, gradient: usize, stride: i32): void {
  const stop = sums + ((<usize>stride) << 2);
  for (; sums < stop; sums += 16) {
    const v = v128.load(sums);
    v128.store(gradient, f64x2.add(v128.load(gradient), f64x2.promote_low_f32x4(v)));
    const rest = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
    v128.store(gradient, f64x2.add(v128.load(gradient, 16), rest), 16);
    v128.store(sums, f32x4.splat(0));
    gradient += 32;
  }
}
