// From columns, as tables have them, to padded rows, as the passes read them.

/**
 * Rows [begin, end) of `columns` staged f64 columns (`height` each) into float32 rows of `stride` columns at `out`: row
 * i goes to place i, or where `places` is not 0 to places[i] (u32). Column `ones` (-1 for none) becomes 1, further
 * padding 0. Sets the i32 at `flag` when a value is not a finite float32; its reading costs nothing while it is here.
 */
export function packRows(
  staged: usize, height: i32, columns: i32, ones: i32, out: usize, stride: i32, places: usize, flag: usize,
  begin: i32, end: i32,
): void {
  const bytes = (<usize>stride) << 2;
  const column = (<usize>height) << 3;
  let bad = i32x4.splat(0);
  for (let from = begin; from < end; from += BLOCK_ROWS) {
    const stop = min(end, from + BLOCK_ROWS);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const at = out + ((<usize>j) << 2);
      bad = v128.or(bad, packFour(staged + <usize>j * column, column, at, bytes, places, from, stop));
    }
    for (; j < stride; j++) {
      for (let i = from; i < stop; i++) {
        const at = placeOf(out, bytes, places, i) + ((<usize>j) << 2);
        const padding: f32 = j == ones ? 1 : 0;
        const value = j < columns ? <f32>load<f64>(staged + <usize>j * column + ((<usize>i) << 3)) : padding;
        store<f32>(at, value);
        if (value - value != 0) bad = i32x4.splat(-1);
      }
    }
  }
  // Several threads may store here; all store the same.
  if (v128.any_true(bad)) store<i32>(flag, 1);
}

/** Rows whose output stays in the first-level cache while all columns are written. */
// @ts-ignore: decorator
@inline
const BLOCK_ROWS: i32 = 64;

// @ts-ignore: decorator
@inline
function placeOf(out: usize, bytes: usize, places: usize, i: i32): usize {
  return out + <usize>(places == 0 ? i : load<u32>(places + ((<usize>i) << 2))) * bytes;
}

/** Four columns of rows [begin, end): two rows at a time, one vector store each. Not 0 when one is not finite. */
function packFour(column: usize, next: usize, out: usize, bytes: usize, places: usize, begin: i32, end: i32): v128 {
  let from = column + ((<usize>begin) << 3);
  let bad = i32x4.splat(0);
  let i = begin;
  for (; i + 2 <= end; i += 2) {
    const a = f32x4.demote_f64x2_zero(v128.load(from));
    const b = f32x4.demote_f64x2_zero(v128.load(from + next));
    const c = f32x4.demote_f64x2_zero(v128.load(from + 2 * next));
    const d = f32x4.demote_f64x2_zero(v128.load(from + 3 * next));
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const first = v128.shuffle<f32>(ab, cd, 0, 1, 4, 5);
    const second = v128.shuffle<f32>(ab, cd, 2, 3, 6, 7);
    v128.store(placeOf(out, bytes, places, i), first);
    v128.store(placeOf(out, bytes, places, i + 1), second);
    // v - v is 0, or NaN for infinity and NaN.
    bad = v128.or(bad, v128.or(f32x4.sub(first, first), f32x4.sub(second, second)));
    from += 16;
  }
  if (i < end) {
    const at = placeOf(out, bytes, places, i);
    for (let k: usize = 0; k < 4; k++) store<f32>(at + (k << 2), <f32>load<f64>(from + k * next));
    const row = v128.load(at);
    bad = v128.or(bad, f32x4.sub(row, row));
  }
  return bad;
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
