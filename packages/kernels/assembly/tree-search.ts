// The best split of one node among the features it may look at: sums per code, then every cut between codes present.
// Small nodes note which codes occur, so that their cost follows their rows and not the number of bins.
import { ABSOLUTE, ENTROPY, TreeContext, TreeSlot } from "./tree-context";
import { absoluteTotals, beginAbsolute, cutAbsolute } from "./tree-cut-absolute";
import { cutCategoryCounts, cutNumberCounts } from "./tree-cut-counts";
import { cutCategorySums, cutNumberSums, cutPlainSums, scoreSums } from "./tree-cut-sums";
import { randomBelow } from "./tree-random";

/** Nodes up to this size keep a bitmap of occupied codes instead of looking at all of them. */
const SMALL: u32 = 128;

/** Sums of the node at hand, and whether all its targets are equal. */
export function nodeTotals(c: TreeContext, s: TreeSlot): void {
  if (c.classes) countClasses(c, s, s.nodeIndex, s.nodePayload, s.nodeBegin, s.nodeEnd);
  else if (c.criterion == ABSOLUTE) absoluteTotals(s);
  else sumTargets(s, s.nodeIndex, s.nodePayload, s.nodeBegin, s.nodeEnd);
  s.size = c.countRows ? <f64>(s.nodeEnd - s.nodeBegin) : s.weight;
}

/** Leaves the best split in the slot; bestCode stays 0 when there is none. */
export function searchNode(c: TreeContext, s: TreeSlot): void {
  const index = s.nodeIndex;
  const payload = s.nodePayload;
  const bins = s.nodeBins;
  const begin = s.nodeBegin;
  const end = s.nodeEnd;
  s.bestScore = -Infinity;
  s.leastScore = -Infinity;
  const features = c.features;
  const absolute = c.criterion == ABSOLUTE;
  if (absolute) beginAbsolute(s);
  // As in scikit-learn, features beyond `tries` are looked at only while none has split.
  let f: u32 = 0;
  while (f < features && (f < c.tries || s.bestCode == 0)) {
    let block = f < c.tries ? min<u32>(4, c.tries - f) : 1;
    if (end - begin <= SMALL || c.classes || absolute) block = 1;
    for (let k = f; k < f + block && c.tries < features; k++) drawFeature(s, k, features);
    if (absolute) cutAbsolute(c, s, load<u32>(s.order + (f << 2)));
    else if (end - begin <= SMALL) searchSmall(c, s, index, payload, bins, begin, end, load<u32>(s.order + (f << 2)));
    else searchLarge(c, s, index, payload, bins, begin, end, f, block);
    f += block;
  }
  if (s.bestCode == 0) return;
  s.bestGain = s.bestScore - ownScore(c, s);
  // As in scikit-learn, whose least number is allowed for rounding.
  if (c.minGain > 0 && s.bestGain + s.treeWeight * f64.EPSILON < c.minGain * s.treeWeight) s.bestCode = 0;
}

// Internal

function ownScore(c: TreeContext, s: TreeSlot): f64 {
  if (c.criterion == ABSOLUTE) return -s.deviation;
  if (c.classes == 0) return scoreSums(s.weight, s.sum, c.criterion);
  let score: f64 = 0;
  for (let k: usize = 0; k < c.classes; k++) {
    const count = load<f64>(s.totals + (k << 3));
    if (count > 0) score += c.criterion == ENTROPY ? count * Math.log(count) : count * count;
  }
  return c.criterion == ENTROPY ? score - s.weight * Math.log(s.weight) : score / s.weight;
}

function drawFeature(s: TreeSlot, k: u32, features: u32): void {
  const other = s.order + ((k + randomBelow(s, features - k)) << 2);
  const at = s.order + (k << 2);
  const kept = load<u32>(at);
  store<u32>(at, load<u32>(other));
  store<u32>(other, kept);
}

function sumTargets(s: TreeSlot, index: usize, payload: usize, begin: u32, end: u32): void {
  let weight: f64 = 0;
  let sum: f64 = 0;
  const first = load<f64>(payload + ((<usize>load<u32>(index + ((<usize>begin) << 2))) << 4), 8);
  let pure = true;
  for (let i = begin; i < end; i++) {
    const at = payload + ((<usize>load<u32>(index + ((<usize>i) << 2))) << 4);
    const w = load<f64>(at);
    const y = load<f64>(at, 8);
    weight += w;
    sum += w * y;
    pure = pure && y == first;
  }
  s.weight = weight;
  s.sum = pure ? weight * first : sum;
  s.value = pure ? first : sum / weight;
  s.pure = u32(pure);
}

function countClasses(c: TreeContext, s: TreeSlot, index: usize, payload: usize, begin: u32, end: u32): void {
  memory.fill(s.totals, 0, (<usize>c.classes) << 3);
  let weight: f64 = 0;
  for (let i = begin; i < end; i++) {
    const at = payload + ((<usize>load<u32>(index + ((<usize>i) << 2))) << 4);
    const count = s.totals + ((<usize>load<u32>(at, 8)) << 3);
    const w = load<f64>(at);
    weight += w;
    store<f64>(count, load<f64>(count) + w);
  }
  s.weight = weight;
  s.pure = 0;
  for (let k: usize = 0; k < c.classes; k++) if (load<f64>(s.totals + (k << 3)) == weight) s.pure = 1;
}

function cut(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize, used: u32): void {
  const category = load<u8>(c.kinds + feature);
  if (plain(c) && !category && load<u8>(s.list) != 0) return cutPlainSums(c, s, feature, histogram, used);
  if (used > 1) {
    if (c.countRows) countCodes(c, s, feature);
    if (c.classes == 0) {
      if (category) cutCategorySums(c, s, feature, histogram, used);
      else cutNumberSums(c, s, feature, histogram, used);
    } else if (category) cutCategoryCounts(c, s, feature, histogram, used);
    else cutNumberCounts(c, s, feature, histogram, used);
  }
  clear(c, s, histogram, used);
}

@inline
function plain(c: TreeContext): bool {
  return (c.classes | c.criterion | c.countRows | <u32>c.middles) == 0;
}

/** Rows per code, where their weights do not tell. */
function countCodes(c: TreeContext, s: TreeSlot, feature: u32): void {
  memory.fill(s.counts, 0, 1024);
  const column = s.nodeBins + feature;
  for (let i = s.nodeBegin; i < s.nodeEnd; i++) {
    const row = <usize>load<u32>(s.nodeIndex + ((<usize>i) << 2));
    const at = s.counts + ((<usize>load<u8>(column + row * c.stride)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
}

function clear(c: TreeContext, s: TreeSlot, histogram: usize, used: u32): void {
  if (c.classes == 0) {
    for (let k: u32 = 0; k < used; k++) v128.store(histogram + ((<usize>load<u8>(s.list + k)) << 4), i32x4.splat(0));
  } else {
    const bytes = (<usize>c.classes) << 3;
    for (let k: u32 = 0; k < used; k++) {
      const at = histogram + load<u8>(s.list + k) * bytes;
      for (let b: usize = 0; b < bytes; b += 8) store<f64>(at + b, 0);
    }
  }
}

function searchSmall(
  c: TreeContext,
  s: TreeSlot,
  index: usize,
  payload: usize,
  bins: usize,
  begin: u32,
  end: u32,
  feature: u32,
): void {
  const occupied = changetype<usize>(s) + offsetof<TreeSlot>("occupied0");
  // Two stores: filling so little by memory.fill costs a call.
  v128.store(occupied, i32x4.splat(0));
  v128.store(occupied, i32x4.splat(0), 16);
  const column = bins + feature;
  for (let i = begin; i < end; i++) {
    const row = <usize>load<u32>(index + ((<usize>i) << 2));
    const code = <usize>load<u8>(column + row * c.stride);
    const word = occupied + ((code >> 6) << 3);
    store<u64>(word, load<u64>(word) | ((<u64>1) << (code & 63)));
    addRow(c, s.histogram, code, payload + (row << 4));
  }
  let used: u32 = 0;
  for (let word: u32 = 0; word < 4; word++) {
    let bits = load<u64>(occupied + (word << 3));
    while (bits != 0) {
      store<u8>(s.list + used, <u8>((word << 6) + <u32>ctz(bits)));
      used++;
      bits &= bits - 1;
    }
  }
  cut(c, s, feature, s.histogram, used);
}

@inline
function addRow(c: TreeContext, histogram: usize, code: usize, payload: usize): void {
  if (c.classes == 0) addSums(histogram + (code << 4), weighted(payload));
  else {
    const at = histogram + ((code * c.classes + <usize>load<u32>(payload, 8)) << 3);
    store<f64>(at, load<f64>(at) + load<f64>(payload));
  }
}

/** (weight, weight × target) of a row. */
@inline
function weighted(payload: usize): v128 {
  const pair = v128.load(payload);
  const weight = f64x2.splat(f64x2.extract_lane(pair, 0));
  return f64x2.mul(weight, f64x2.replace_lane(pair, 0, 1));
}

@inline
function addSums(at: usize, pair: v128): void {
  v128.store(at, f64x2.add(v128.load(at), pair));
}

function searchLarge(
  c: TreeContext,
  s: TreeSlot,
  index: usize,
  payload: usize,
  bins: usize,
  begin: u32,
  end: u32,
  from: u32,
  block: u32,
): void {
  if (c.classes) countLarge(c, s, index, payload, bins, begin, end, load<u32>(s.order + (from << 2)));
  else if (block == 4) sumFour(c, s, index, payload, bins, begin, end, from);
  else {
    for (let k: u32 = 0; k < block; k++) {
      const column = bins + load<u32>(s.order + ((from + k) << 2));
      sumOne(c, s.histogram + ((<usize>k) << 12), index, payload, column, begin, end);
    }
  }
  for (let k: u32 = 0; k < block; k++) {
    const feature = load<u32>(s.order + ((from + k) << 2));
    const histogram = s.histogram + ((<usize>k) << 12);
    cut(c, s, feature, histogram, listOccupied(c, s, feature, histogram));
  }
}

/** Four features in one pass over the rows: 16 kB of sums, and each row's codes are read once. */
function sumFour(
  c: TreeContext,
  s: TreeSlot,
  index: usize,
  payload: usize,
  bins: usize,
  begin: u32,
  end: u32,
  from: u32,
): void {
  const order = s.order + (from << 2);
  const f0 = <usize>load<u32>(order);
  const f1 = <usize>load<u32>(order, 4);
  const f2 = <usize>load<u32>(order, 8);
  const f3 = <usize>load<u32>(order, 12);
  const sums = s.histogram;
  for (let i = begin; i < end; i++) {
    const row = <usize>load<u32>(index + ((<usize>i) << 2));
    const pair = weighted(payload + (row << 4));
    const codes = bins + row * c.stride;
    addSums(sums + ((<usize>load<u8>(codes + f0)) << 4), pair);
    addSums(sums + 4096 + ((<usize>load<u8>(codes + f1)) << 4), pair);
    addSums(sums + 8192 + ((<usize>load<u8>(codes + f2)) << 4), pair);
    addSums(sums + 12288 + ((<usize>load<u8>(codes + f3)) << 4), pair);
  }
}

function sumOne(c: TreeContext, sums: usize, index: usize, payload: usize, column: usize, begin: u32, end: u32): void {
  for (let i = begin; i < end; i++) {
    const row = <usize>load<u32>(index + ((<usize>i) << 2));
    addSums(sums + ((<usize>load<u8>(column + row * c.stride)) << 4), weighted(payload + (row << 4)));
  }
}

function countLarge(
  c: TreeContext,
  s: TreeSlot,
  index: usize,
  payload: usize,
  bins: usize,
  begin: u32,
  end: u32,
  feature: u32,
): void {
  const column = bins + feature;
  for (let i = begin; i < end; i++) {
    const row = <usize>load<u32>(index + ((<usize>i) << 2));
    addRow(c, s.histogram, <usize>load<u8>(column + row * c.stride), payload + (row << 4));
  }
}

function listOccupied(c: TreeContext, s: TreeSlot, feature: u32, histogram: usize): u32 {
  const codes = load<u32>(c.codes + (feature << 2));
  let used: u32 = 0;
  for (let code: u32 = 0; code < codes; code++) {
    store<u8>(s.list + used, <u8>code);
    used += u32(weightOf(c, histogram, code) > 0);
  }
  return used;
}

function weightOf(c: TreeContext, histogram: usize, code: u32): f64 {
  if (c.classes == 0) return load<f64>(histogram + ((<usize>code) << 4));
  let weight: f64 = 0;
  const at = histogram + ((<usize>code * c.classes) << 3);
  for (let k: usize = 0; k < c.classes; k++) weight += load<f64>(at + (k << 3));
  return weight;
}
