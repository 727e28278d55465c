// From columns, as tables have them, to padded rows, as the passes read them.

/**
 * Rows [begin, end) of `columns` staged f64 columns (`height` each) into float32 rows of `stride` columns at `out`.
 * Column `ones` (-1 for none) becomes 1, further padding 0.
 */
export function packRows(
  staged: usize, height: i32, columns: i32, ones: i32, out: usize, stride: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>stride) << 2;
  for (let from = begin; from < end; from += BLOCK_ROWS) {
    const stop = min(end, from + BLOCK_ROWS);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      packFour(staged + ((<usize>j * <usize>height) << 3), height, out + ((<usize>j) << 2), bytes, from, stop);
    }
    for (; j < stride; j++) {
      let at = out + <usize>from * bytes + ((<usize>j) << 2);
      const column = staged + ((<usize>j * <usize>height) << 3);
      for (let i = from; i < stop; i++) {
        store<f32>(at, j < columns ? <f32>load<f64>(column + ((<usize>i) << 3)) : j == ones ? 1 : 0);
        at += bytes;
      }
    }
  }
}

/** Rows whose output stays in the first-level cache while all columns are written. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 64;

/** Four columns of rows [begin, end): two rows at a time, one vector store each. */
function packFour(column: usize, height: i32, out: usize, bytes: usize, begin: i32, end: i32): void {
  const next = (<usize>height) << 3;
  let at = out + <usize>begin * bytes;
  let from = column + ((<usize>begin) << 3);
  let i = begin;
  for (; i + 2 <= end; i += 2) {
    const a = f32x4.demote_f64x2_zero(v128.load(from));
    const b = f32x4.demote_f64x2_zero(v128.load(from + next));
    const c = f32x4.demote_f64x2_zero(v128.load(from + 2 * next));
    const d = f32x4.demote_f64x2_zero(v128.load(from + 3 * next));
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    v128.store(at, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
    v128.store(at + bytes, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    at += 2 * bytes;
    from += 16;
  }
  if (i < end) {
    for (let k: usize = 0; k < 4; k++) store<f32>(at + (k << 2), <f32>load<f64>(from + k * next));
  }
}

/**
 * Copies rows order[begin..end) to `out`, order[base] to its first place, and their targets (`targetBytes` 4 or 8 each)
 * to `outTargets`. Copying first keeps many cache misses in flight, where a descent that waits for each row has one.
 */
export function gatherRows(
  x: usize,
  stride: i32,
  targets: usize,
  targetBytes: i32,
  order: usize,
  out: usize,
  outTargets: usize,
  base: i32,
  begin: i32,
  end: i32,
): void {
  const bytes = (<usize>stride) << 2;
  out += <usize>(begin - base) * bytes;
  outTargets += <usize>((begin - base) * targetBytes);
  for (let i = begin; i < end; i++) {
    const at = <usize>load<u32>(order + ((<usize>i) << 2));
    let from = x + at * bytes;
    const stop = from + bytes;
    for (; from < stop; from += 16) {
      v128.store(out, v128.load(from));
      out += 16;
    }
    if (targetBytes == 8) store<f64>(outTargets, load<f64>(targets + (at << 3)));
    else store<i32>(outTargets, load<i32>(targets + (at << 2)));
    outTargets += targetBytes;
  }
}
