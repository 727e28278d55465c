// The k nearest points of one query found so far: squared distances (or any score that grows with them) and point
// numbers, ascending. Inserting into a sorted list beats a heap for the usual k, and keeps ties in order of number.

/** Puts a point into its place; the caller has checked that it is nearer than the last. */
export function insertNearest(scores: usize, points: usize, k: i32, score: f32, point: i32): void {
  let at = (<usize>(k - 1)) << 2;
  while (at > 0) {
    const before = load<f32>(scores + at - 4);
    if (before < score || (before == score && load<i32>(points + at - 4) < point)) break;
    store<f32>(scores + at, before);
    store<i32>(points + at, load<i32>(points + at - 4));
    at -= 4;
  }
  store<f32>(scores + at, score);
  store<i32>(points + at, point);
}

/** An empty list: k times infinity and no point. */
export function clearNearest(scores: usize, points: usize, k: i32): void {
  for (let i = 0; i < k; i++) {
    store<f32>(scores + ((<usize>i) << 2), Infinity);
    store<i32>(points + ((<usize>i) << 2), i32.MAX_VALUE);
  }
}
