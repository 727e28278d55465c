// X'X for closed forms, covariances and coordinate descent, in float64. Columns lie in panels of four: of each two rows
// two values of the first column, two of the second and so on, so that a tile of 4 x 4 products reads two streams.
import { sumLanes } from "./vector";

/** Rows per block: two panels of so many stay in the first-level cache. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 256;

/** Bytes of a row in a panel; rows come in pairs. */
// @ts-ignore: decorator
@inline
const ROW_BYTES: usize = 32;

/**
 * Adds the products of the columns of panels [begin, end) with those of all panels up to the same to `out` (columns x
 * columns f64, `columns` a multiple of 4). Panels are `height` rows long, of which the first `rows` count; an odd one's
 * neighbour is 0. Panels, not rows, are shared by threads: no sums need be put together, and their order is always one.
 */
export function gramPanels(x: usize, height: i32, rows: i32, columns: i32, out: usize, begin: i32, end: i32): void {
  const panel = <usize>height * ROW_BYTES;
  const even = rows + (rows & 1);
  for (let i = begin; i < end; i++) {
    const a = x + <usize>i * panel;
    for (let from = 0; from < even; from += BLOCK_ROWS) {
      const at = <usize>from * ROW_BYTES;
      const bytes = <usize>min(BLOCK_ROWS, even - from) * ROW_BYTES;
      const target = out + (((<usize>i << 2) * <usize>columns) << 3);
      for (let j = 0; j <= i; j++) {
        const b = x + <usize>j * panel + at;
        twoByFour(a + at, b, bytes, target + (<usize>j << 5), <usize>columns << 3);
        twoByFour(a + at + 32, b, bytes, target + (<usize>columns << 4) + (<usize>j << 5), <usize>columns << 3);
      }
    }
  }
}

/** Products of the two columns at `a` with the four at `b`: eight sums are under way at once. */
function twoByFour(a: usize, b: usize, bytes: usize, out: usize, next: usize): void {
  const stop = a + bytes;
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  while (a < stop) {
    const v = v128.load(a);
    const w = v128.load(a, 16);
    const b0 = v128.load(b);
    s0 = f64x2.add(s0, f64x2.mul(v, b0));
    t0 = f64x2.add(t0, f64x2.mul(w, b0));
    const b1 = v128.load(b, 16);
    s1 = f64x2.add(s1, f64x2.mul(v, b1));
    t1 = f64x2.add(t1, f64x2.mul(w, b1));
    const b2 = v128.load(b, 32);
    s2 = f64x2.add(s2, f64x2.mul(v, b2));
    t2 = f64x2.add(t2, f64x2.mul(w, b2));
    const b3 = v128.load(b, 48);
    s3 = f64x2.add(s3, f64x2.mul(v, b3));
    t3 = f64x2.add(t3, f64x2.mul(w, b3));
    a += 64;
    b += 64;
  }
  addSums(out, s0, s1, s2, s3);
  addSums(out + next, t0, t1, t2, t3);
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
 * Lays `columns` staged columns of `rows` f64, one after another at every `step`-th, into panels [begin, end) of
 * `height` rows: less the column's middle, 0 where a value is missing, and times the row's entry of `roots` where that
 * is not 0. Columns that are not there are 0. Adds the sum of what is left before the roots, and the number of missing
 * values, to `sums` (two f64 per column).
 */
export function centrePanels(
  staged: usize, step: i32, rows: i32, columns: i32, middles: usize, roots: usize, out: usize, height: i32,
  sums: usize, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const panel = out + <usize>p * <usize>height * ROW_BYTES;
    for (let from = 0; from < rows; from += BLOCK_ROWS) {
      const count = min(BLOCK_ROWS, rows - from);
      for (let k = 0; k < 4; k++) {
        const j = (p << 2) + k;
        const to = panel + <usize>from * ROW_BYTES + (<usize>k << 4);
        if (j >= columns) {
          clear(to, count);
          continue;
        }
        const at = staged + ((<usize>j * <usize>step + <usize>from) << 3);
        const middle = load<f64>(middles + (<usize>j << 3));
        const by = roots == 0 ? 0 : roots + (<usize>from << 3);
        centre(at, count, middle, by, to, sums + (<usize>j << 4));
      }
    }
  }
}

function clear(to: usize, rows: i32): void {
  for (let i = 0; i < rows; i += 2) {
    v128.store(to, f64x2.splat(0));
    to += 64;
  }
}

function centre(at: usize, rows: i32, middle: f64, roots: usize, to: usize, sums: usize): void {
  const m = f64x2.splat(middle);
  let s = f64x2.splat(0);
  let t = s;
  let there = i64x2.splat(0);
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const v = f64x2.sub(v128.load(at), m);
    const w = f64x2.sub(v128.load(at, 16), m);
    const isV = f64x2.eq(v, v);
    const isW = f64x2.eq(w, w);
    const a = v128.and(v, isV);
    const b = v128.and(w, isW);
    s = f64x2.add(s, a);
    t = f64x2.add(t, b);
    // Where there is a value the mask is -1.
    there = i64x2.sub(there, i64x2.add(isV, isW));
    if (roots == 0) {
      v128.store(to, a);
      v128.store(to, b, 64);
    } else {
      v128.store(to, f64x2.mul(a, v128.load(roots)));
      v128.store(to, f64x2.mul(b, v128.load(roots, 16)), 64);
      roots += 32;
    }
    at += 32;
    to += 128;
  }
  let total = sumLanes(f64x2.add(s, t));
  let count = i64x2.extract_lane(there, 0) + i64x2.extract_lane(there, 1);
  for (; i < rows; i++) {
    const value = load<f64>(at) - middle;
    const isThere = value == value;
    const left = isThere ? value : 0;
    total += left;
    if (isThere) count += 1;
    const isFirst = (i & 1) == 0;
    store<f64>(to, roots == 0 ? left : left * load<f64>(roots));
    // A last row has no neighbour; that of any other is yet to come.
    if (isFirst) store<f64>(to, 0, 8);
    if (roots != 0) roots += 8;
    at += 8;
    to += isFirst ? 8 : 56;
  }
  store<f64>(sums, load<f64>(sums) + total);
  store<f64>(sums, load<f64>(sums, 8) + <f64>(<i64>rows - count), 8);
}
