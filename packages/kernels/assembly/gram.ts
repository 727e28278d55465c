// X'X for the closed form of ridge regression and for covariances: columns of float64, tiles of 4 x 4 products in two
// halves, so that eight sums are under way at once. Columns can be centred first.
import { sumLanes } from "./vector";

/** Rows per block: 8 columns of 512 f64 stay in the first-level cache. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 512;

/**
 * Products of all pairs of `columns` over rows [begin, end), written to partial begin / grain (columns x columns f64).
 * `x` holds the columns one after another, `height` f64 each; `columns` is a multiple of 4 (pad with zero columns).
 */
export function gramPass(x: usize, height: i32, columns: i32, partials: usize, grain: i32, begin: i32, end: i32): void {
  const span = ((<usize>columns) * <usize>columns) << 3;
  const out = partials + <usize>(begin / grain) * span;
  memory.fill(out, 0, span);
  for (let from = begin; from < end; from += BLOCK_ROWS) {
    const stop = min(end, from + BLOCK_ROWS);
    for (let i = 0; i < columns; i += 4) {
      for (let j = 0; j <= i; j += 4) tile(x, height, columns, out, i, j, from, stop);
    }
  }
}

function tile(x: usize, height: i32, columns: i32, out: usize, i: i32, j: i32, from: i32, stop: i32): void {
  const column = (<usize>height) << 3;
  const bytes = (<usize>columns) << 3;
  const b = x + <usize>j * column;
  for (let k = 0; k < 4; k += 2) {
    const a = x + <usize>(i + k) * column;
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let t0 = s0;
    let t1 = s0;
    let t2 = s0;
    let t3 = s0;
    let row = from;
    for (; row + 2 <= stop; row += 2) {
      const at = (<usize>row) << 3;
      const v = v128.load(a + at);
      const w = v128.load(a + column + at);
      const b0 = v128.load(b + at);
      s0 = f64x2.add(s0, f64x2.mul(v, b0));
      t0 = f64x2.add(t0, f64x2.mul(w, b0));
      const b1 = v128.load(b + column + at);
      s1 = f64x2.add(s1, f64x2.mul(v, b1));
      t1 = f64x2.add(t1, f64x2.mul(w, b1));
      const b2 = v128.load(b + 2 * column + at);
      s2 = f64x2.add(s2, f64x2.mul(v, b2));
      t2 = f64x2.add(t2, f64x2.mul(w, b2));
      const b3 = v128.load(b + 3 * column + at);
      s3 = f64x2.add(s3, f64x2.mul(v, b3));
      t3 = f64x2.add(t3, f64x2.mul(w, b3));
    }
    if (row < stop) {
      const at = (<usize>row) << 3;
      const v = f64x2(load<f64>(a + at), 0);
      const w = f64x2(load<f64>(a + column + at), 0);
      const b0 = f64x2(load<f64>(b + at), 0);
      const b1 = f64x2(load<f64>(b + column + at), 0);
      const b2 = f64x2(load<f64>(b + 2 * column + at), 0);
      const b3 = f64x2(load<f64>(b + 3 * column + at), 0);
      s0 = f64x2.add(s0, f64x2.mul(v, b0));
      t0 = f64x2.add(t0, f64x2.mul(w, b0));
      s1 = f64x2.add(s1, f64x2.mul(v, b1));
      t1 = f64x2.add(t1, f64x2.mul(w, b1));
      s2 = f64x2.add(s2, f64x2.mul(v, b2));
      t2 = f64x2.add(t2, f64x2.mul(w, b2));
      s3 = f64x2.add(s3, f64x2.mul(v, b3));
      t3 = f64x2.add(t3, f64x2.mul(w, b3));
    }
    const at = out + <usize>(i + k) * bytes + ((<usize>j) << 3);
    addSums(at, s0, s1, s2, s3);
    addSums(at + bytes, t0, t1, t2, t3);
  }
}

/** Adds the lanes' sums of four vectors to four numbers. */
// @ts-ignore: decorator
@inline
function addSums(at: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  const p = f64x2.add(v128.shuffle<i64>(s0, s1, 0, 2), v128.shuffle<i64>(s0, s1, 1, 3));
  const q = f64x2.add(v128.shuffle<i64>(s2, s3, 0, 2), v128.shuffle<i64>(s2, s3, 1, 3));
  v128.store(at, f64x2.add(v128.load(at), p));
  v128.store(at, f64x2.add(v128.load(at, 16), q), 16);
}

/**
 * Subtracts `middles` from columns [begin, end), puts 0 where a value is missing, and adds the sum of what is left and
 * the number of missing values to `sums` (two f64 per column).
 */
export function centreColumns(x: usize, height: i32, middles: usize, sums: usize, begin: i32, end: i32): void {
  for (let j = begin; j < end; j++) {
    let at = x + <usize>j * ((<usize>height) << 3);
    const middle = f64x2.splat(load<f64>(middles + ((<usize>j) << 3)));
    const one = f64x2.splat(1);
    let s = f64x2.splat(0);
    let t = s;
    let missing = s;
    let row = 0;
    for (; row + 4 <= height; row += 4) {
      const a = f64x2.sub(v128.load(at), middle);
      const b = f64x2.sub(v128.load(at, 16), middle);
      const isA = f64x2.eq(a, a);
      const isB = f64x2.eq(b, b);
      const c = v128.and(a, isA);
      const d = v128.and(b, isB);
      v128.store(at, c);
      v128.store(at, d, 16);
      s = f64x2.add(s, c);
      t = f64x2.add(t, d);
      missing = f64x2.add(missing, f64x2.add(v128.andnot(one, isA), v128.andnot(one, isB)));
      at += 32;
    }
    s = f64x2.add(s, t);
    let sum = sumLanes(s);
    let count = sumLanes(missing);
    for (; row < height; row++) {
      const value = load<f64>(at) - f64x2.extract_lane(middle, 0);
      const isMissing = value != value;
      store<f64>(at, isMissing ? 0 : value);
      if (isMissing) count += 1;
      else sum += value;
      at += 8;
    }
    const out = sums + ((<usize>j) << 4);
    store<f64>(out, load<f64>(out) + sum);
    store<f64>(out, load<f64>(out, 8) + count, 8);
  }
}
