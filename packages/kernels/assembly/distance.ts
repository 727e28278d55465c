// Brute-force nearest neighbours. Points lie in panels of 8: feature by feature 8 values, so that one load serves a
// vector of points. The score |p|^2 / 2 - q p grows with the distance and needs a multiplication and an addition per
// feature; callers centre the data, so that little is lost to cancellation, and rank the candidates again exactly.
import { clearNearest, insertNearest } from "./nearest-list";

/** Bytes of panels that stay in the second-level cache while all queries of a chunk pass over them. */
// @ts-ignore: decorator
@inline
const BLOCK_BYTES: i32 = 131072;

/** Packs rows [begin, end), begin a multiple of 8, into panels, with half of each squared length in `halves`. */
export function packPanels(
  rows: usize, stride: i32, features: i32, count: i32, panels: usize, halves: usize, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i++) {
    const panel = panels + ((<usize>((i >> 3) * features)) << 5) + ((<usize>(i & 7)) << 2);
    let sum: f64 = 0;
    for (let j = 0; j < features; j++) {
      const value: f32 = i < count ? load<f32>(rows + ((<usize>i * <usize>stride + <usize>j) << 2)) : 0;
      store<f32>(panel + ((<usize>j) << 5), value);
      sum += <f64>value * <f64>value;
    }
    store<f32>(halves + ((<usize>i) << 2), i < count ? <f32>(0.5 * sum) : Infinity);
  }
}

/**
 * The k nearest points of queries [begin, end): `scores` and `points` get k entries per query. The query rows must be
 * readable up to the next multiple of 4 queries after `end`.
 */
export function nearestBrute(
  panels: usize, halves: usize, panelCount: i32, features: i32, queries: usize, stride: i32, k: i32, scores: usize,
  points: usize, begin: i32, end: i32,
): void {
  const list = (<usize>k) << 2;
  for (let q = begin; q < end; q++) clearNearest(scores + <usize>q * list, points + <usize>q * list, k);
  const block = max(1, BLOCK_BYTES / (features << 5));
  for (let from = 0; from < panelCount; from += block) {
    const stop = min(panelCount, from + block);
    for (let q = begin; q < end; q += 4) {
      const row = queries + ((<usize>q * <usize>stride) << 2);
      scan(panels, halves, features, from, stop, row, stride, k, scores + <usize>q * list, points + <usize>q * list, min(4, end - q));
    }
  }
}

/** Passes 4 queries over panels [from, stop). */
function scan(
  panels: usize, halves: usize, features: i32, from: i32, stop: i32, row: usize, stride: i32, k: i32,
  scores: usize, points: usize, count: i32,
): void {
  const bytes = (<usize>stride) << 2;
  const list = (<usize>k) << 2;
  const last = list - 4;
  const row1 = row + bytes;
  const row2 = row1 + bytes;
  const row3 = row2 + bytes;
  // Lists that are not there never accept a point.
  let t0 = f32x4.splat(load<f32>(scores + last));
  let t1 = count > 1 ? f32x4.splat(load<f32>(scores + list + last)) : f32x4.splat(-Infinity);
  let t2 = count > 2 ? f32x4.splat(load<f32>(scores + 2 * list + last)) : f32x4.splat(-Infinity);
  let t3 = count > 3 ? f32x4.splat(load<f32>(scores + 3 * list + last)) : f32x4.splat(-Infinity);
  let panel = panels + ((<usize>(from * features)) << 5);
  for (let p = from; p < stop; p++) {
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
      const x0 = v128.load32_splat(row + j);
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
    const near01 = v128.or(nearer(a0, b0, t0), nearer(a1, b1, t1));
    const near23 = v128.or(nearer(a2, b2, t2), nearer(a3, b3, t3));
    if (!v128.any_true(v128.or(near01, near23))) continue;
    t0 = offer(a0, b0, t0, p, k, scores, points);
    t1 = offer(a1, b1, t1, p, k, scores + list, points + list);
    t2 = offer(a2, b2, t2, p, k, scores + 2 * list, points + 2 * list);
    t3 = offer(a3, b3, t3, p, k, scores + 3 * list, points + 3 * list);
  }
}

// @ts-ignore: decorator
@inline
function nearer(a: v128, b: v128, threshold: v128): v128 {
  return v128.or(f32x4.lt(a, threshold), f32x4.lt(b, threshold));
}

/** Offers a panel's 8 scores to a query's list and gives back its new threshold. */
// @ts-ignore: decorator
@inline
function offer(a: v128, b: v128, threshold: v128, panel: i32, k: i32, scores: usize, points: usize): v128 {
  const mask = i32x4.bitmask(f32x4.lt(a, threshold)) | (i32x4.bitmask(f32x4.lt(b, threshold)) << 4);
  if (mask == 0) return threshold;
  return f32x4.splat(insertMasked(a, b, mask, panel << 3, k, scores, points));
}

function insertMasked(a: v128, b: v128, mask: i32, first: i32, k: i32, scores: usize, points: usize): f32 {
  const last = scores + ((<usize>(k - 1)) << 2);
  while (mask != 0) {
    const lane = ctz(mask);
    mask &= mask - 1;
    const score = laneOf(lane < 4 ? a : b, lane & 3);
    if (score < load<f32>(last)) insertNearest(scores, points, k, score, first + lane);
  }
  return load<f32>(last);
}

// @ts-ignore: decorator
@inline
function laneOf(v: v128, lane: i32): f32 {
  if (lane == 0) return f32x4.extract_lane(v, 0);
  if (lane == 1) return f32x4.extract_lane(v, 1);
  if (lane == 2) return f32x4.extract_lane(v, 2);
  return f32x4.extract_lane(v, 3);
}
