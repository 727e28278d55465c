// One pass of Lloyd's algorithm: every row goes to its nearest centre and is added to that centre's sums. Centres lie in
// panels of 8 as the points of `distance.ts` do, with half of each squared length; the score |c|^2 / 2 - x c grows with
// the distance. Each chunk has its own sums, added in chunk order afterwards.
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
  for (let i = begin; i < end; i++) {
    const row = rows + <usize>i * bytes;
    let bestA = f32x4.splat(Infinity);
    let bestB = f32x4.splat(Infinity);
    let whereA = i32x4.splat(0);
    let whereB = i32x4.splat(0);
    for (let p = 0; p < panelCount; p++) {
      const half = halves + ((<usize>p) << 5);
      let a = v128.load(half);
      let b = v128.load(half, 16);
      let panel = panels + ((<usize>(p * features)) << 5);
      for (let j = 0; j < features; j++) {
        const x = v128.load32_splat(row + ((<usize>j) << 2));
        a = f32x4.sub(a, f32x4.mul(x, v128.load(panel)));
        b = f32x4.sub(b, f32x4.mul(x, v128.load(panel, 16)));
        panel += 32;
      }
      const nearerA = f32x4.lt(a, bestA);
      const nearerB = f32x4.lt(b, bestB);
      bestA = v128.bitselect(a, bestA, nearerA);
      bestB = v128.bitselect(b, bestB, nearerB);
      whereA = v128.bitselect(i32x4.splat(p << 3), whereA, nearerA);
      whereB = v128.bitselect(i32x4.splat((p << 3) + 4), whereB, nearerB);
    }
    // Per lane the first of the nearest panels, the first lane of a panel before the others.
    const low4 = i32x4.add(whereA, i32x4(0, 1, 2, 3));
    const high4 = i32x4.add(whereB, i32x4(0, 1, 2, 3));
    const isB = v128.or(f32x4.lt(bestB, bestA), v128.and(f32x4.eq(bestB, bestA), i32x4.lt_s(high4, low4)));
    const score = v128.bitselect(bestB, bestA, isB);
    const where = v128.bitselect(high4, low4, isB);
    let best = f32x4.extract_lane(score, 0);
    let nearest = i32x4.extract_lane(where, 0);
    let s = f32x4.extract_lane(score, 1);
    let w = i32x4.extract_lane(where, 1);
    if (s < best || (s == best && w < nearest)) { best = s; nearest = w; }
    s = f32x4.extract_lane(score, 2);
    w = i32x4.extract_lane(where, 2);
    if (s < best || (s == best && w < nearest)) { best = s; nearest = w; }
    s = f32x4.extract_lane(score, 3);
    w = i32x4.extract_lane(where, 3);
    if (s < best || (s == best && w < nearest)) { best = s; nearest = w; }
    total += <f64>best;
    const count = counts + ((<usize>nearest) << 3);
    store<f64>(count, load<f64>(count) + 1);
    addRow(row, at + ((<usize>(nearest * stride)) << 3), stride);
  }
  store<f64>(least, total);
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
