// Values to codes of one byte: code 0 is missing, code k is the k-th bin. Trees learn from codes and are served with
// them: x <= cuts[k - 1] exactly when its code is <= k. Choosing the cuts is not done here.

/** Writes 1 + the number of `cuts` below each value to every `stride`-th byte of `out`; NaN gives 0. */
export function binNumbers(
  values: usize,
  cuts: usize,
  cutCount: u32,
  out: usize,
  stride: u32,
  begin: u32,
  end: u32,
): void {
  for (let i = begin; i < end; i++) {
    const x = load<f64>(values + ((<usize>i) << 3));
    store<u8>(out + <usize>i * stride, x == x ? 1 + cutsBelow(cuts, cutCount, x) : 0);
  }
}

/** Writes `map[code]` of each category code to every `stride`-th byte of `out`; codes outside the map give 0. */
export function binCategories(
  codes: usize,
  map: usize,
  mapLength: u32,
  out: usize,
  stride: u32,
  begin: u32,
  end: u32,
): void {
  for (let i = begin; i < end; i++) {
    const code = load<u32>(codes + ((<usize>i) << 2));
    store<u8>(out + <usize>i * stride, code < mapLength ? load<u8>(map + code) : 0);
  }
}

// Internal

// Halving without branches: which half is taken is as good as random, so a branch would be mispredicted every second
// step.
@inline
function cutsBelow(cuts: usize, cutCount: u32, x: f64): u32 {
  let base: u32 = 0;
  let length = cutCount;
  while (length > 1) {
    const half = length >> 1;
    base = select<u32>(base + half, base, load<f64>(cuts + (<usize>(base + half - 1) << 3)) < x);
    length -= half;
  }
  if (length == 1) base += u32(load<f64>(cuts + ((<usize>base) << 3)) < x);
  return base;
}
