// One pass of Lloyd's algorithm: every row goes to its nearest centre and is added to that centre's sums. Centres lie in
// panels of 8 as the points of `distance.ts` do, with half of each squared length; the score |c|^2 / 2 - x c grows with
// the distance. Four rows at a time share the loads of a panel. Each chunk has its own sums, added in chunk order.
import { high, low } from "./vector";

/**
 * A chunk's partial is `clusters` x `stride` sums, `clusters` counts and the sum of the least scores: `span` f64 in all.
 * Of equally near centres the first is taken.
 */
export function clusterPass(
  rows: usize, stride: i32, panels: usize, halves: usize, features: i32, clusters: i32, partials: usize, span: i32,
  grain: i32, begin: i32, end: i32,
): void {
  const at = partials + ((<usize>(begin / grain) * <usize>span) << 3);
  memory.fill(at, 0, (<usize>span) << 3);
  const counts = at + ((<usize>(clusters * stride)) << 3);
  const least = counts + ((<usize>clusters) << 3);
  const bytes = (<usize>stride) << 2;
  const panelCount = (clusters + 7) >> 3;
  let total: f64 = 0;
  const lastRow = end - 1;
  for (let i = begin; i < end; i += 4) {
    // Beyond the last row its own values are read again, and not counted.
    const row0 = rows + <usize>i * bytes;
    const row1 = rows + <usize>min(i + 1, lastRow) * bytes;
    const row2 = rows + <usize>min(i + 2, lastRow) * bytes;
    const row3 = rows + <usize>min(i + 3, lastRow) * bytes;
    let best0 = f32x4.splat(Infinity);
    let best1 = best0;
    let best2 = best0;
    let best3 = best0;
    let where0 = i32x4.splat(0);
    let where1 = where0;
    let where2 = where0;
    let where3 = where0;
    let panel = panels;
    for (let p = 0; p < panelCount; p++) {
      const half = halves + ((<usize>p) << 5);
      let a0 = v128.load(half);
      let b0 = v128.load(half, 16);
      let a1 = a0;
      let b1 = b0;
      let a2 = a0;
      let b2 = b0;
      let a3 = a0;
      let b3 = b0;
      for (let j: usize = 0; j < (<usize>features) << 2; j += 4) {
        const a = v128.load(panel);
        const b = v128.load(panel, 16);
        panel += 32;
        const x0 = v128.load32_splat(row0 + j);
        a0 = f32x4.sub(a0, f32x4.mul(x0, a));
        b0 = f32x4.sub(b0, f32x4.mul(x0, b));
        const x1 = v128.load32_splat(row1 + j);
        a1 = f32x4.sub(a1, f32x4.mul(x1, a));
        b1 = f32x4.sub(b1, f32x4.mul(x1, b));
        const x2 = v128.load32_splat(row2 + j);
        a2 = f32x4.sub(a2, f32x4.mul(x2, a));
        b2 = f32x4.sub(b2, f32x4.mul(x2, b));
        const x3 = v128.load32_splat(row3 + j);
        a3 = f32x4.sub(a3, f32x4.mul(x3, a));
        b3 = f32x4.sub(b3, f32x4.mul(x3, b));
      }
      const first = i32x4.splat(p << 3);
      where0 = placeOf(a0, b0, best0, first, where0);
      best0 = f32x4.pmin(best0, f32x4.pmin(a0, b0));
      where1 = placeOf(a1, b1, best1, first, where1);
      best1 = f32x4.pmin(best1, f32x4.pmin(a1, b1));
      where2 = placeOf(a2, b2, best2, first, where2);
      best2 = f32x4.pmin(best2, f32x4.pmin(a2, b2));
      where3 = placeOf(a3, b3, best3, first, where3);
      best3 = f32x4.pmin(best3, f32x4.pmin(a3, b3));
    }
    total += assign(best0, where0, row0, at, counts, stride);
    if (i + 1 < end) total += assign(best1, where1, row1, at, counts, stride);
    if (i + 2 < end) total += assign(best2, where2, row2, at, counts, stride);
    if (i + 3 < end) total += assign(best3, where3, row3, at, counts, stride);
  }
  store<f64>(least, total);
}

/** Where the least score so far is, lane by lane: among `best`, or in a panel's halves `a` and `b` after place `first`. */
// @ts-ignore: decorator
@inline
function placeOf(a: v128, b: v128, best: v128, first: v128, where: v128): v128 {
  const place = i32x4.add(first, v128.and(f32x4.lt(b, a), i32x4.splat(4)));
  return v128.bitselect(place, where, f32x4.lt(f32x4.pmin(a, b), best));
}

/** Adds a row to the first of the centres with the least score, which it gives back. */
// @ts-ignore: decorator
@inline
function assign(score: v128, where: v128, row: usize, sums: usize, counts: usize, stride: i32): f64 {
  const places = i32x4.add(where, i32x4(0, 1, 2, 3));
  let best = f32x4.extract_lane(score, 0);
  let nearest = i32x4.extract_lane(places, 0);
  let s = f32x4.extract_lane(score, 1);
  let w = i32x4.extract_lane(places, 1);
  if (s < best || (s == best && w < nearest)) { best = s; nearest = w; }
  s = f32x4.extract_lane(score, 2);
  w = i32x4.extract_lane(places, 2);
  if (s < best || (s == best && w < nearest)) { best = s; nearest = w; }
  s = f32x4.extract_lane(score, 3);
  w = i32x4.extract_lane(places, 3);
  if (s < best || (s == best && w < nearest)) { best = s; nearest = w; }
  const count = counts + ((<usize>nearest) << 3);
  store<f64>(count, load<f64>(count) + 1);
  addRow(row, sums + ((<usize>(nearest * stride)) << 3), stride);
  return <f64>best;
}

/** Adds a row to sums. */
// @ts-ignore: decorator
@inline
function addRow(row: usize, sums: usize, stride: i32): void {
  const last = sums + ((<usize>stride) << 3);
  while (sums < last) {
    v128.store(sums, f64x2.add(v128.load(sums), low(row)));
    v128.store(sums, f64x2.add(v128.load(sums, 16), high(row)), 16);
    sums += 32;
    row += 16;
  }
}
