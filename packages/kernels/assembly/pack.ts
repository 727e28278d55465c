// From columns, as tables have them, to padded rows, as the passes read them.

/**
 * Rows [begin, end) of `columns` staged f64 columns (`height` each) into float32 rows of `stride` columns at `out`.
 * Column `ones` (-1 for none) becomes 1, further padding 0.
 */
export function packRows(
  staged: usize, height: i32, columns: i32, ones: i32, out: usize, stride: i32, begin: i32, end: i32,
): void {
  const bytes = (<usize>stride) << 2;
  for (let j = 0; j < stride; j++) {
    let at = out + <usize>begin * bytes + ((<usize>j) << 2);
    if (j < columns) {
      let from = staged + ((<usize>j * <usize>height + <usize>begin) << 3);
      for (let i = begin; i < end; i++) {
        store<f32>(at, <f32>load<f64>(from));
        at += bytes;
        from += 8;
      }
    } else {
      const value: f32 = j == ones ? 1 : 0;
      for (let i = begin; i < end; i++) {
        store<f32>(at, value);
        at += bytes;
      }
    }
  }
}

/**
 * Copies rows order[begin..end) to consecutive places from `out`, and their targets (`targetBytes` 4 or 8 each) to
 * `outTargets`. Copying first keeps many cache misses in flight, where a descent that waits for each row has one.
 */
export function gatherRows(
  x: usize, stride: i32, targets: usize, targetBytes: i32, order: usize, out: usize, outTargets: usize,
  begin: i32, end: i32,
): void {
  const bytes = (<usize>stride) << 2;
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
