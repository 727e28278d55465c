// Cuts that reduce absolute error: distances from the median, which sums per code cannot give. A node's rows lie in order
// of their targets (the root's do, and splitting keeps their order), so a row's place in the node is the rank of its
// target; rows of the left side are entered by rank into a Fenwick tree (Fenwick 1994), which finds both sides' medians.
import { TreeContext, TreeSlot } from "./tree-context";
import { heavy, insertSorted, keepCategory, keepNumber } from "./tree-cut-sums";
import { DEFAULT_LEFT } from "./tree-node";
import { drawCategories, drawCut } from "./tree-random-cut";

/** Weight, median and distances of the node at hand; its rows are in order of their targets. */
export function absoluteTotals(s: TreeSlot): void {
  const count = s.nodeEnd - s.nodeBegin;
  let weight: f64 = 0;
  for (let p: u32 = 0; p < count; p++) weight += weightAt(s, p);
  s.weight = weight;
  let below: f64 = 0;
  let p: u32 = 0;
  while (p + 1 < count && below + weightAt(s, p) < weight / 2) {
    below += weightAt(s, p);
    p++;
  }
  const exact = p + 1 < count && below + weightAt(s, p) == weight / 2;
  const median = exact ? targetAt(s, p) / 2 + targetAt(s, p + 1) / 2 : targetAt(s, p);
  let distances: f64 = 0;
  for (let q: u32 = 0; q < count; q++) distances += weightAt(s, q) * Math.abs(targetAt(s, q) - median);
  s.value = median;
  s.deviation = distances;
  s.pure = u32(targetAt(s, 0) == targetAt(s, count - 1));
}

/** Makes ready for the cuts of a node: the Fenwick tree of all its rows. */
export function beginAbsolute(s: TreeSlot): void {
  const count = s.nodeEnd - s.nodeBegin;
  const all = allOf(s);
  memory.fill(all, 0, (<usize>(count + 1)) << 4);
  s.sum = 0;
  for (let p: u32 = 1; p <= count; p++) {
    const weight = weightAt(s, p - 1);
    const product = weight * targetAt(s, p - 1);
    s.sum += product;
    add(all + ((<usize>p) << 4), weight, product);
    const next = p + (p & (0 - p));
    if (next <= count) {
      const own = all + ((<usize>p) << 4);
      add(all + ((<usize>next) << 4), load<f64>(own), load<f64>(own, 8));
    }
  }
}

/** Looks at the cuts of one feature and leaves the best in the slot when it beats what is there. */
export function cutAbsolute(c: TreeContext, s: TreeSlot, feature: u32): void {
  const used = sortByCode(c, s, feature);
  if (used < 2) return;
  clearLeft(s);
  if (load<u8>(c.kinds + feature)) cutCategories(c, s, feature, used);
  else cutNumbers(c, s, feature, used);
}

// Internal

// The sweep's memory, 36 bytes per row and once more: two Fenwick trees of (weight, weight × target) pairs, which count
// from 1, and the places of the rows ordered by their codes.

@inline
function allOf(s: TreeSlot): usize {
  return s.sweep;
}

@inline
function leftOf(s: TreeSlot): usize {
  return s.sweep + ((<usize>(s.nodeEnd - s.nodeBegin + 1)) << 4);
}

@inline
function placesOf(s: TreeSlot): usize {
  return s.sweep + ((<usize>(s.nodeEnd - s.nodeBegin + 1)) << 5);
}

@inline
function payloadAt(s: TreeSlot, place: u32): usize {
  return s.nodePayload + ((<usize>load<u32>(s.nodeIndex + ((<usize>(s.nodeBegin + place)) << 2))) << 4);
}

@inline
function weightAt(s: TreeSlot, place: u32): f64 {
  return load<f64>(payloadAt(s, place));
}

@inline
function targetAt(s: TreeSlot, place: u32): f64 {
  return load<f64>(payloadAt(s, place), 8);
}

@inline
function add(at: usize, weight: f64, product: f64): void {
  store<f64>(at, load<f64>(at) + weight);
  store<f64>(at, load<f64>(at, 8) + product, 8);
}

function clearLeft(s: TreeSlot): void {
  memory.fill(leftOf(s), 0, (<usize>(s.nodeEnd - s.nodeBegin + 1)) << 4);
}

/** Orders the places by their code, lists the codes present, and leaves in keys where each one's places end. */
function sortByCode(c: TreeContext, s: TreeSlot, feature: u32): u32 {
  const count = s.nodeEnd - s.nodeBegin;
  const ends = s.counts;
  memory.fill(ends, 0, 1024);
  for (let p: u32 = 0; p < count; p++) {
    const at = ends + ((<usize>codeAt(c, s, feature, p)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let used: u32 = 0;
  let start: u32 = 0;
  for (let code: u32 = 0; code < 256; code++) {
    const at = ends + (code << 2);
    const own = load<u32>(at);
    if (own > 0) store<u8>(s.list + used++, <u8>code);
    store<u32>(at, start);
    start += own;
  }
  for (let p: u32 = 0; p < count; p++) {
    const at = ends + ((<usize>codeAt(c, s, feature, p)) << 2);
    const place = load<u32>(at);
    store<u32>(placesOf(s) + ((<usize>place) << 2), p);
    store<u32>(at, place + 1);
  }
  return used;
}

@inline
function codeAt(c: TreeContext, s: TreeSlot, feature: u32, place: u32): u32 {
  const row = <usize>load<u32>(s.nodeIndex + ((<usize>(s.nodeBegin + place)) << 2));
  return <u32>load<u8>(s.nodeBins + row * c.stride + feature);
}

/** Where the places of a code begin: where those of the code before it end. */
@inline
function beginOf(s: TreeSlot, code: u32): u32 {
  return code == 0 ? 0 : load<u32>(s.counts + ((code - 1) << 2));
}

/** The left side of a sweep: what its rows weigh, come to, and count for minSamplesLeaf. */
@unmanaged
class Side {
  weight: f64;
  sum: f64;
  size: f64;
}

/** Enters the rows of one code on the left. The side is kept in the first bytes of the slot's totals. */
function enter(c: TreeContext, s: TreeSlot, code: u32): void {
  const side = changetype<Side>(s.totals);
  const count = s.nodeEnd - s.nodeBegin;
  const left = leftOf(s);
  const end = load<u32>(s.counts + (code << 2));
  for (let i = beginOf(s, code); i < end; i++) {
    const place = load<u32>(placesOf(s) + ((<usize>i) << 2));
    const weight = weightAt(s, place);
    const product = weight * targetAt(s, place);
    side.weight += weight;
    side.sum += product;
    side.size += c.countRows ? 1 : weight;
    for (let p = place + 1; p <= count; p += p & (0 - p)) add(left + ((<usize>p) << 4), weight, product);
  }
}

/** Weighted distances of a side from its median; `right`: of the rows that are not on the left. */
function distances(s: TreeSlot, weight: f64, sum: f64, right: bool): f64 {
  const count = s.nodeEnd - s.nodeBegin;
  const all = allOf(s);
  const left = leftOf(s);
  let step: u32 = 1;
  while (step << 1 <= count) step <<= 1;
  let place: u32 = 0;
  let below: f64 = 0;
  let belowSum: f64 = 0;
  for (; step > 0; step >>= 1) {
    const next = place + step;
    if (next > count) continue;
    const at = (<usize>next) << 4;
    let own = load<f64>(left + at);
    let ownSum = load<f64>(left + at, 8);
    if (right) {
      own = load<f64>(all + at) - own;
      ownSum = load<f64>(all + at, 8) - ownSum;
    }
    if (below + own < weight / 2) {
      place = next;
      below += own;
      belowSum += ownSum;
    }
  }
  const median = targetAt(s, min<u32>(place, count - 1));
  return median * below - belowSum + (sum - belowSum) - median * (weight - below);
}

function score(s: TreeSlot): f64 {
  const side = changetype<Side>(s.totals);
  const right = distances(s, s.weight - side.weight, s.sum - side.sum, true);
  return -(distances(s, side.weight, side.sum, false) + right);
}

function beginSide(s: TreeSlot): void {
  memory.fill(s.totals, 0, offsetof<Side>());
}

function cutNumbers(c: TreeContext, s: TreeSlot, feature: u32, used: u32): void {
  const side = changetype<Side>(s.totals);
  const missing = load<u8>(s.list) == 0;
  const drawn: u32 = c.middles ? drawCut(c, s, feature, used) : 0;
  const first: u32 = missing ? 1 : 0;
  let missingWeight: f64 = 0;
  if (missing) {
    beginSide(s);
    enter(c, s, 0);
    missingWeight = side.weight;
    sweepNumbers(c, s, feature, used, drawn, DEFAULT_LEFT, missingWeight);
    clearLeft(s);
  }
  beginSide(s);
  sweepNumbers(c, s, feature, used, drawn, 0, missingWeight);
  if (!missing || used < first + 1) return;
  enter(c, s, load<u8>(s.list + used - 1));
  tryNumber(c, s, feature, load<u32>(c.codes + (feature << 2)) - 1, 0, missingWeight);
}

/** All cuts between codes present; the last code is not entered. */
function sweepNumbers(
  c: TreeContext,
  s: TreeSlot,
  feature: u32,
  used: u32,
  drawn: u32,
  left: u32,
  missing: f64,
): void {
  for (let k: u32 = load<u8>(s.list) == 0 ? 1 : 0; k + 1 < used; k++) {
    const code = <u32>load<u8>(s.list + k);
    const next = <u32>load<u8>(s.list + k + 1);
    enter(c, s, code);
    if (c.middles && (drawn < code || next <= drawn)) continue;
    tryNumber(c, s, feature, c.middles ? drawn : (code + next - 1) >> 1, left, missing);
  }
}

function tryNumber(c: TreeContext, s: TreeSlot, feature: u32, code: u32, left: u32, missing: f64): void {
  const side = changetype<Side>(s.totals);
  if (!heavy(c, s, side.size)) return;
  const own = score(s);
  if (own > s.leastScore) keepNumber(s, feature, own, code, side.weight, left, missing);
}

/** Categories in order of their means: a heuristic, for no order is sure to contain the best subset by medians. */
function cutCategories(c: TreeContext, s: TreeSlot, feature: u32, used: u32): void {
  const side = changetype<Side>(s.totals);
  for (let k: u32 = 0; k < used; k++) {
    const code = load<u8>(s.list + k);
    insertSorted(s, k, code, meanOf(s, code));
  }
  const drawn: u32 = c.middles ? drawCategories(s, used) : 0;
  beginSide(s);
  for (let k: u32 = 0; k + 1 < used; k++) {
    enter(c, s, load<u8>(s.list + k));
    if (!heavy(c, s, side.size) || (c.middles && k + 1 != drawn)) continue;
    const own = score(s);
    if (own > s.leastScore) keepCategory(s, feature, own, k + 1, used, side.weight);
  }
}

function meanOf(s: TreeSlot, code: u32): f64 {
  let weight: f64 = 0;
  let sum: f64 = 0;
  const end = load<u32>(s.counts + (code << 2));
  for (let i = beginOf(s, code); i < end; i++) {
    const place = load<u32>(placesOf(s) + ((<usize>i) << 2));
    weight += weightAt(s, place);
    sum += weightAt(s, place) * targetAt(s, place);
  }
  return sum / weight;
}
