// The logistic loss and its gradient with the products of rows in float32, half the arithmetic of `logistic.ts`: scores
// are summed up in float32, losses and slopes taken in float64, gradients summed up in float64 every 256 rows.
import { BLOCK_ROWS, slopes } from "./logistic";

/** Float32 sums of more rows would lose digits; blocks are whole. */
// @ts-ignore: decorator
@inline
const FLUSH_ROWS: i32 = 256;

/**
 * As `logisticGradient`, to about 6 digits. `scratch`, of this thread's own: 96 f64 and one f64 per column.
 */
export function logisticGradientSingle(
  x: usize, stride: i32, signs: usize, weights: usize, gradient: usize, scratch: usize, begin: i32, end: i32,
): f64 {
  const coefficients = scratch + ((<usize>BLOCK_ROWS) << 3);
  const single = coefficients + ((<usize>BLOCK_ROWS) << 2);
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
    for (let i: usize = 0; i < (<usize>BLOCK_ROWS) << 2; i += 16) v128.store(coefficients + i, demote(scratch + (i << 1)));
    addRows(first, stride, coefficients, sums, rows);
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

/** Writes the scores x w of `rows` rows to `out`, as f64. */
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
    v128.store(out, f64x2.promote_low_f32x4(sums));
    v128.store(out, f64x2.promote_low_f32x4(v128.shuffle<i64>(sums, sums, 1, 1)), 16);
    row += bytes << 2;
    out += 32;
  }
  for (; i < rows; i++) {
    let s = f32x4.splat(0);
    for (let at = weights; at < stop; at += 16) {
      s = f32x4.add(s, f32x4.mul(v128.load(row), v128.load(at)));
      row += 16;
    }
    const pair = f32x4.add(s, v128.shuffle<i64>(s, s, 1, 1));
    store<f64>(out, <f64>(f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1)));
    out += 8;
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
