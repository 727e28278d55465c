// The best split of one node by one feature, from its histogram of (gradient, hessian) sums. Numbers: every cut,
// missing values to either side. Categories: sorted by gradient / hessian, then every cut of that order, which contains
// the best subset (Fisher 1958; Ke et al. 2017).
import { BoostContext, SCRATCH_BYTES, SplitRecord } from "./boost-context";
import { CATEGORY, DEFAULT_LEFT } from "./tree-node";

/** Gains below this share of the node's own score are rounding noise of f64 sums over f32 gradients. */
const NOISE: f64 = 1e-10;
/**
 * A later cut must gain so many times what the best before it does. Cuts that part a node's rows alike, with no row between
 * them, gain the same; what f32 sums leave in the empty bins between them must not choose, or weights and repeated rows
 * would give other trees.
 */
const TIE: f64 = 1 + 1e-5;

export function searchFeature(
  c: BoostContext,
  feature: u32,
  histogram: usize,
  count: f64,
  node: u32,
  group: u32,
  low: f64,
  high: f64,
): void {
  const record = changetype<SplitRecord>(
    c.records + (<usize>node * c.features + feature) * offsetof<SplitRecord>(),
  );
  const codes = load<u32>(c.offsets + ((feature + 1) << 2)) - load<u32>(c.offsets + (feature << 2));
  record.gain = 0;
  record.code = 0;
  record.flags = 0;
  record.leftGradient = 0;
  record.leftHessian = 0;
  sumCodes(record, histogram, codes);
  const total = record.rightHessian;
  if (!(total > 0)) return;
  const perHessian = count / total;
  const bounded = c.monotone != 0;
  if (load<u8>(c.kinds + feature)) {
    const scratch = c.scratch + <usize>group * SCRATCH_BYTES + 16384;
    if (bounded) searchBoundedCategory(c, record, histogram, codes, perHessian, scratch, low, high);
    else searchFreeCategory(c, record, histogram, codes, perHessian, scratch);
  } else {
    if (bounded) {
      searchBoundedNumber(c, record, histogram, codes, perHessian, low, high, <i32>load<i8>(c.monotone + feature));
    } else searchFreeNumber(c, record, histogram, codes, perHessian);
    fillBits(record);
  }
}

// Internal

/** In four sums, so that no addition waits for the one before. */
function sumCodes(record: SplitRecord, histogram: usize, codes: u32): void {
  let sum = f64x2.splat(0);
  let sum1 = sum;
  let sum2 = sum;
  let sum3 = sum;
  let at = histogram;
  let k: u32 = 0;
  for (; k + 4 <= codes; k += 4) {
    sum = f64x2.add(sum, v128.load(at));
    sum1 = f64x2.add(sum1, v128.load(at, 16));
    sum2 = f64x2.add(sum2, v128.load(at, 32));
    sum3 = f64x2.add(sum3, v128.load(at, 48));
    at += 64;
  }
  for (; k < codes; k++) {
    sum = f64x2.add(sum, v128.load(at));
    at += 16;
  }
  sum = f64x2.add(f64x2.add(sum, sum1), f64x2.add(sum2, sum3));
  record.rightGradient = f64x2.extract_lane(sum, 0);
  record.rightHessian = f64x2.extract_lane(sum, 1);
}

/** Gain of a cut, or a negative number when a side is too light. `least`: hessian that minSamplesLeaf amounts to. */
@inline
function gainOf(g: f64, h: f64, gt: f64, ht: f64, least: f64, l2: f64, own: f64): f64 {
  const gr = gt - g;
  const hr = ht - h;
  if (h < least || hr < least) return -1;
  // Both sides in one division.
  const sums = f64x2.replace_lane(f64x2.splat(g), 1, gr);
  const weights = f64x2.replace_lane(f64x2.splat(h + l2), 1, hr + l2);
  const scores = f64x2.div(f64x2.mul(sums, sums), weights);
  return f64x2.extract_lane(scores, 0) + f64x2.extract_lane(scores, 1) - own;
}

/** `gainOf` where leaf values stay within bounds; negative too when they go against `direction`. */
@inline
function boundedGain(
  g: f64,
  h: f64,
  gt: f64,
  ht: f64,
  least: f64,
  l2: f64,
  own: f64,
  low: f64,
  high: f64,
  direction: i32,
): f64 {
  const gr = gt - g;
  const hr = ht - h;
  if (h < least || hr < least) return -1;
  const left = min(high, max(low, -g / (h + l2)));
  const right = min(high, max(low, -gr / (hr + l2)));
  if (direction > 0 ? left > right : direction < 0 && left < right) return -1;
  return scoreAt(g, h + l2, left) + scoreAt(gr, hr + l2, right) - own;
}

/** Twice what a leaf of this value takes off the loss; g² / h at the best value, -g / h. */
@inline
function scoreAt(g: f64, h: f64, value: f64): f64 {
  return -value * (2 * g + h * value);
}

/** The node's own score at the best value within its bounds. */
@inline
function boundedScore(g: f64, h: f64, low: f64, high: f64): f64 {
  return scoreAt(g, h, min(high, max(low, -g / h)));
}

/** Rows are counted through their hessians: exact when these are all 1, an estimate otherwise (as in LightGBM). */
function leastHessian(c: BoostContext, perHessian: f64): f64 {
  return max(max(c.minChildWeight, (c.minSamplesLeaf - 0.5) / perHessian), 1e-300);
}

function searchFreeNumber(c: BoostContext, record: SplitRecord, histogram: usize, codes: u32, perHessian: f64): void {
  searchNumber(c, record, histogram, codes, perHessian, 0, 0, 0, false);
}

function searchBoundedNumber(
  c: BoostContext,
  record: SplitRecord,
  histogram: usize,
  codes: u32,
  perHessian: f64,
  low: f64,
  high: f64,
  direction: i32,
): void {
  searchNumber(c, record, histogram, codes, perHessian, low, high, direction, true);
}

// Inlined with `bounded` constant, so that the test on it is gone from the loop.
@inline
function searchNumber(
  c: BoostContext,
  record: SplitRecord,
  histogram: usize,
  codes: u32,
  perHessian: f64,
  low: f64,
  high: f64,
  direction: i32,
  bounded: bool,
): void {
  const gt = record.rightGradient;
  const ht = record.rightHessian;
  const least = leastHessian(c, perHessian);
  const l2 = c.l2;
  const own = bounded ? boundedScore(gt, ht + l2, low, high) : (gt * gt) / (ht + l2);
  const gm = load<f64>(histogram);
  const hm = load<f64>(histogram, 8);
  const missing = hm * perHessian > c.presence;
  const start = missing ? 0 : codes;
  let best: f64 = 0;
  let bar = NOISE * abs(own);
  let bestG: f64 = 0;
  let bestH: f64 = 0;
  let code: u32 = 0;
  let left: u32 = 0;
  let g: f64 = 0;
  let h: f64 = 0;
  // The last code is a cut only when missing values can be the other side.
  const last = start == 0 ? codes : codes - 1;
  for (let k: u32 = 1; k < last; k++) {
    const at = histogram + ((<usize>k) << 4);
    g += load<f64>(at);
    h += load<f64>(at, 8);
    const gain = bounded
      ? boundedGain(g, h, gt, ht, least, l2, own, low, high, direction)
      : gainOf(g, h, gt, ht, least, l2, own);
    if (gain > bar) {
      best = gain;
      bar = TIE * gain;
      bestG = g;
      bestH = h;
      code = k;
      left = 0;
    }
    if (!missing) continue;
    const withMissing = bounded
      ? boundedGain(g + gm, h + hm, gt, ht, least, l2, own, low, high, direction)
      : gainOf(g + gm, h + hm, gt, ht, least, l2, own);
    if (withMissing > bar) {
      best = withMissing;
      bar = TIE * withMissing;
      bestG = g + gm;
      bestH = h + hm;
      code = k;
      left = DEFAULT_LEFT;
    }
  }
  if (code == 0) return;
  // Nothing is missing here: in serving, missing values follow the heavier side.
  if (!missing && bestH >= ht - bestH) left = DEFAULT_LEFT;
  accept(record, best, bestG, bestH, code, left);
}

function accept(record: SplitRecord, gain: f64, g: f64, h: f64, code: u32, flags: u32): void {
  record.gain = gain;
  record.leftGradient = g;
  record.leftHessian = h;
  record.rightGradient -= g;
  record.rightHessian -= h;
  record.code = code;
  record.flags = flags;
}

function searchFreeCategory(
  c: BoostContext,
  record: SplitRecord,
  histogram: usize,
  codes: u32,
  perHessian: f64,
  scratch: usize,
): void {
  searchCategory(c, record, histogram, codes, perHessian, scratch, 0, 0, false);
}

function searchBoundedCategory(
  c: BoostContext,
  record: SplitRecord,
  histogram: usize,
  codes: u32,
  perHessian: f64,
  scratch: usize,
  low: f64,
  high: f64,
): void {
  searchCategory(c, record, histogram, codes, perHessian, scratch, low, high, true);
}

@inline
function searchCategory(
  c: BoostContext,
  record: SplitRecord,
  histogram: usize,
  codes: u32,
  perHessian: f64,
  scratch: usize,
  low: f64,
  high: f64,
  bounded: bool,
): void {
  const used = sortCategories(c, histogram, codes, perHessian, scratch);
  const order = scratch + 2048;
  const gt = record.rightGradient;
  const ht = record.rightHessian;
  const least = leastHessian(c, perHessian);
  const l2 = c.l2 + c.categorySmoothing / perHessian;
  const own = bounded ? boundedScore(gt, ht + c.l2, low, high) : (gt * gt) / (ht + c.l2);
  let best: f64 = 0;
  let bar = NOISE * abs(own);
  let bestG: f64 = 0;
  let bestH: f64 = 0;
  let taken: u32 = 0;
  let g: f64 = 0;
  let h: f64 = 0;
  for (let k: u32 = 0; k + 1 < used; k++) {
    const at = histogram + ((<usize>load<u8>(order + k)) << 4);
    g += load<f64>(at);
    h += load<f64>(at, 8);
    const gain = bounded
      ? boundedGain(g, h, gt, ht, least, l2, own, low, high, 0)
      : gainOf(g, h, gt, ht, least, l2, own);
    if (gain > bar) {
      best = gain;
      bar = TIE * gain;
      bestG = g;
      bestH = h;
      taken = k + 1;
    }
  }
  if (taken == 0) return;
  setCategoryBits(record, order, taken, used, codes, bestH >= ht - bestH);
  accept(record, best, bestG, bestH, codes, record.flags | CATEGORY);
}

/** Sorts the codes present (0, missing, is one more category) by smoothed gradient / hessian; gives their number. */
function sortCategories(c: BoostContext, histogram: usize, codes: u32, perHessian: f64, scratch: usize): u32 {
  const order = scratch + 2048;
  const extra = c.categorySmoothing / perHessian;
  let used: u32 = 0;
  for (let code: u32 = 0; code < codes; code++) {
    const at = histogram + ((<usize>code) << 4);
    const h = load<f64>(at, 8);
    if (h * perHessian < c.presence) continue;
    const key = load<f64>(at) / (h + extra);
    let k = used;
    for (; k > 0 && load<f64>(scratch + ((<usize>(k - 1)) << 3)) > key; k--) {
      store<f64>(scratch + ((<usize>k) << 3), load<f64>(scratch + ((<usize>(k - 1)) << 3)));
      store<u8>(order + k, load<u8>(order + k - 1));
    }
    store<f64>(scratch + ((<usize>k) << 3), key);
    store<u8>(order + k, <u8>code);
    used++;
  }
  return used;
}

/** The first `taken` of `order` go left, the other present ones right, absent ones with the heavier side. */
function setCategoryBits(record: SplitRecord, order: usize, taken: u32, used: u32, codes: u32, heavyLeft: bool): void {
  const bits = changetype<usize>(record) + offsetof<SplitRecord>("bits0");
  memory.fill(bits, heavyLeft ? 255 : 0, 32);
  for (let k: u32 = 0; k < used; k++) {
    const code = <u32>load<u8>(order + k);
    const at = bits + (code >> 3);
    const bit: u8 = <u8>((<u32>1) << (code & 7));
    store<u8>(at, k < taken ? load<u8>(at) | bit : load<u8>(at) & ~bit);
  }
  for (let code = codes; code < 256; code++) {
    const at = bits + (code >> 3);
    store<u8>(at, load<u8>(at) & ~(<u8>((<u32>1) << (code & 7))));
  }
  record.flags = load<u8>(bits) & 1 ? DEFAULT_LEFT : 0;
}

/** Codes 1..code, and 0 when missing goes left. */
function fillBits(record: SplitRecord): void {
  const bits = changetype<usize>(record) + offsetof<SplitRecord>("bits0");
  for (let word: u32 = 0; word < 4; word++) {
    const from = word << 6;
    const upto = record.code + 1; // exclusive
    const width = upto <= from ? 0 : min<u32>(64, upto - from);
    store<u64>(bits + (word << 3), width == 64 ? u64.MAX_VALUE : ((<u64>1) << width) - 1);
  }
  if (!(record.flags & DEFAULT_LEFT)) store<u64>(bits, load<u64>(bits) & ~(<u64>1));
}
