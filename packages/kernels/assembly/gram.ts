// X'X for the closed form of ridge regression: columns of float64, tiles of 4 x 4 products at a time.

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
  for (let k = 0; k < 4; k++) {
    const a = x + <usize>(i + k) * column;
    const b = x + <usize>j * column;
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    let row = from;
    for (; row + 2 <= stop; row += 2) {
      const at = (<usize>row) << 3;
      const v = v128.load(a + at);
      s0 = f64x2.add(s0, f64x2.mul(v, v128.load(b + at)));
      s1 = f64x2.add(s1, f64x2.mul(v, v128.load(b + column + at)));
      s2 = f64x2.add(s2, f64x2.mul(v, v128.load(b + 2 * column + at)));
      s3 = f64x2.add(s3, f64x2.mul(v, v128.load(b + 3 * column + at)));
    }
    if (row < stop) {
      const at = (<usize>row) << 3;
      const v = f64x2(load<f64>(a + at), 0);
      s0 = f64x2.add(s0, f64x2.mul(v, f64x2(load<f64>(b + at), 0)));
      s1 = f64x2.add(s1, f64x2.mul(v, f64x2(load<f64>(b + column + at), 0)));
      s2 = f64x2.add(s2, f64x2.mul(v, f64x2(load<f64>(b + 2 * column + at), 0)));
      s3 = f64x2.add(s3, f64x2.mul(v, f64x2(load<f64>(b + 3 * column + at), 0)));
    }
    const at = out + <usize>(i + k) * bytes + ((<usize>j) << 3);
    const p = f64x2.add(v128.shuffle<i64>(s0, s1, 0, 2), v128.shuffle<i64>(s0, s1, 1, 3));
    const q = f64x2.add(v128.shuffle<i64>(s2, s3, 0, 2), v128.shuffle<i64>(s2, s3, 1, 3));
    v128.store(at, f64x2.add(v128.load(at), p));
    v128.store(at, f64x2.add(v128.load(at, 16), q), 16);
  }
}
