// Cuts of one feature when there are three classes or more: counts per class and code. Categories are ordered by their
// first principal component in class-probability space (Coppersmith, Hong & Hosking 1999): a heuristic, because no
// order contains the best subset for certain when there are more than two classes.
import { TreeContext, TreeSlot } from "./tree-context";
import { heavy, insertSorted, keepCategory, keepNumber, sizeOf } from "./tree-cut-sums";
import { DEFAULT_LEFT } from "./tree-node";
import { drawCategories, drawCut } from "./tree-random-cut";

/** Steps of the power iteration; the order of the categories settles long before the vector does. */
const POWER_STEPS: u32 = 12;

export function cutNumberCounts(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize, used: u32): void {
  const bytes = (<usize>c.classes) << 3;
  const left = s.totals + bytes;
  const missing = left + bytes;
  memory.fill(left, 0, bytes << 1);
  let k: u32 = 0;
  let missingWeight: f64 = 0;
  if (load<u8>(s.list) == 0) {
    missingWeight = addCounts(missing, histogram, c.classes);
    k = 1;
  }
  const missingSize = missingWeight > 0 ? sizeOf(c, s, 0, missingWeight) : 0;
  let weight: f64 = 0;
  let size: f64 = 0;
  let previous: u32 = 0;
  const drawn: u32 = c.middles ? drawCut(c, s, feature, used) : 0;
  for (; k < used; k++) {
    const code = <u32>load<u8>(s.list + k);
    if (weight > 0 && (c.middles == 0 || (previous <= drawn && drawn < code))) {
      const middle = c.middles ? drawn : (previous + code - 1) >> 1;
      if (heavy(c, s, size)) tryCut(c, s, feature, middle, weight, 0, missingWeight);
      if (missingWeight > 0 && heavy(c, s, size + missingSize)) {
        tryCut(c, s, feature, middle, weight + missingWeight, DEFAULT_LEFT, missingWeight);
      }
    }
    const own = addCounts(left, histogram + <usize>code * bytes, c.classes);
    weight += own;
    size += sizeOf(c, s, code, own);
    previous = code;
  }
  if (missingWeight > 0 && weight > 0 && heavy(c, s, size)) {
    tryCut(c, s, feature, load<u32>(c.codes + (feature << 2)) - 1, weight, 0, missingWeight);
  }
}

export function cutCategoryCounts(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize, used: u32): void {
  const bytes = (<usize>c.classes) << 3;
  principalDirection(c, s, histogram, used);
  const direction = s.totals + 3 * bytes;
  for (let k: u32 = 0; k < used; k++) {
    const code = load<u8>(s.list + k);
    const counts = histogram + <usize>code * bytes;
    insertSorted(s, k, code, project(counts, direction, c.classes) / weightOf(counts, c.classes));
  }
  const left = s.totals + bytes;
  memory.fill(left, 0, bytes << 1);
  const drawn: u32 = c.middles ? drawCategories(s, used) : 0;
  let weight: f64 = 0;
  let size: f64 = 0;
  for (let k: u32 = 0; k + 1 < used; k++) {
    const code = <u32>load<u8>(s.list + k);
    const own = addCounts(left, histogram + <usize>code * bytes, c.classes);
    weight += own;
    size += sizeOf(c, s, code, own);
    if (!heavy(c, s, size) || (c.middles && k + 1 != drawn)) continue;
    const score = scoreCounts(c, s, weight, 0);
    if (score > s.leastScore) keepCategory(s, feature, score, k + 1, used, weight);
  }
}

// Internal

function tryCut(c: TreeContext, s: TreeSlot, feature: u32, code: u32, weight: f64, left: u32, missing: f64): void {
  const score = scoreCounts(c, s, weight, left);
  if (score > s.leastScore) keepNumber(s, feature, score, code, weight, left, missing);
}

/** Score of both sides; with `withMissing` the counts of missing values are on the left too. */
function scoreCounts(c: TreeContext, s: TreeSlot, weight: f64, withMissing: u32): f64 {
  const bytes = (<usize>c.classes) << 3;
  let left: f64 = 0;
  let right: f64 = 0;
  for (let at = s.totals; at < s.totals + bytes; at += 8) {
    let count = load<f64>(at + bytes);
    if (withMissing) count += load<f64>(at + 2 * bytes);
    const rest = load<f64>(at) - count;
    if (c.criterion) {
      if (count > 0) left += count * Math.log(count);
      if (rest > 0) right += rest * Math.log(rest);
    } else {
      left += count * count;
      right += rest * rest;
    }
  }
  const rest = s.weight - weight;
  if (c.criterion) return left + right - weight * Math.log(weight) - rest * Math.log(rest);
  return left / weight + right / rest;
}

/** Adds a code's counts to `sums`; gives their weight. */
function addCounts(sums: usize, counts: usize, classes: u32): f64 {
  let weight: f64 = 0;
  for (let k: usize = 0; k < classes; k++) {
    const count = load<f64>(counts + (k << 3));
    weight += count;
    store<f64>(sums + (k << 3), load<f64>(sums + (k << 3)) + count);
  }
  return weight;
}

function weightOf(counts: usize, classes: u32): f64 {
  let weight: f64 = 0;
  for (let k: usize = 0; k < classes; k++) weight += load<f64>(counts + (k << 3));
  return weight;
}

function project(counts: usize, direction: usize, classes: u32): f64 {
  let dot: f64 = 0;
  for (let k: usize = 0; k < classes; k++) dot += load<f64>(counts + (k << 3)) * load<f64>(direction + (k << 3));
  return dot;
}

/**
 * Power iteration on Σ weight (p - p̄)(p - p̄)ᵀ over the categories, p being a category's class shares, without
 * forming the matrix. It starts from the category that lies farthest from p̄. The result is in the fourth vector of totals.
 */
function principalDirection(c: TreeContext, s: TreeSlot, histogram: usize, used: u32): void {
  const classes = c.classes;
  const bytes = (<usize>classes) << 3;
  const direction = s.totals + 3 * bytes;
  const next = direction + bytes;
  let farthest: f64 = -1;
  for (let k: u32 = 0; k < used; k++) {
    const counts = histogram + load<u8>(s.list + k) * bytes;
    const weight = weightOf(counts, classes);
    let distance: f64 = 0;
    for (let at: usize = 0; at < bytes; at += 8) {
      const d = load<f64>(counts + at) / weight - load<f64>(s.totals + at) / s.weight;
      store<f64>(next + at, d);
      distance += weight * d * d;
    }
    if (distance > farthest) {
      farthest = distance;
      memory.copy(direction, next, bytes);
    }
  }
  for (let step: u32 = 0; step < POWER_STEPS; step++) if (!powerStep(c, s, histogram, used)) return;
}

/** One multiplication; false when the direction has become zero, and then it is left as it was. */
function powerStep(c: TreeContext, s: TreeSlot, histogram: usize, used: u32): bool {
  const bytes = (<usize>c.classes) << 3;
  const direction = s.totals + 3 * bytes;
  const next = direction + bytes;
  memory.fill(next, 0, bytes);
  const centre = project(s.totals, direction, c.classes) / s.weight;
  for (let k: u32 = 0; k < used; k++) {
    const counts = histogram + load<u8>(s.list + k) * bytes;
    const weight = weightOf(counts, c.classes);
    const along = project(counts, direction, c.classes) / weight - centre;
    for (let at: usize = 0; at < bytes; at += 8) {
      const d = load<f64>(counts + at) / weight - load<f64>(s.totals + at) / s.weight;
      store<f64>(next + at, load<f64>(next + at) + weight * along * d);
    }
  }
  let norm: f64 = 0;
  for (let at: usize = 0; at < bytes; at += 8) norm += load<f64>(next + at) * load<f64>(next + at);
  if (!(norm > 0)) return false;
  norm = Math.sqrt(norm);
  for (let at: usize = 0; at < bytes; at += 8) store<f64>(direction + at, load<f64>(next + at) / norm);
  return true;
}
