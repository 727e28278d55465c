// Histograms of gradients and the search for splits (Chen & Guestrin 2016; Ke et al. 2017). The unit of work is a group
// of features, which one thread handles alone: no reduction, so any number of threads gives the same bits.
import { BoostContext, binsOf, gradientsOf, LevelJob, SCRATCH_BYTES } from "./boost-context";
import { searchFeature } from "./boost-split";

/** Rows summed in f32 before they are added to the f64 histogram: keeps 24 bits enough and the pairs in L1. */
const FLUSH_ROWS: u32 = 16384;

/** For every job of the context and the groups [begin, end): histograms of the node and its sibling, best splits. */
export function boostLevel(context: usize, begin: u32, end: u32): void {
  const c = changetype<BoostContext>(context);
  for (let group = begin; group < end; group++) {
    for (let j: u32 = 0; j < c.jobCount; j++) {
      const job = changetype<LevelJob>(c.jobs + <usize>j * offsetof<LevelJob>());
      if (!anyActive(c, group)) continue;
      buildGroup(c, group, job);
      searchGroup(c, group, job, 2 * j);
      if (job.parent == 0) continue;
      subtractGroup(c, group, job);
      searchSibling(c, group, job, 2 * j + 1);
    }
  }
}

// Internal

export function groupEnd(c: BoostContext, group: u32): u32 {
  return min(c.features, (group + 1) * c.groupSize);
}

export function anyActive(c: BoostContext, group: u32): bool {
  const last = groupEnd(c, group);
  for (let f = group * c.groupSize; f < last; f++) if (load<u8>(c.active + f)) return true;
  return false;
}

export function histogramOf(c: BoostContext, base: usize, feature: u32): usize {
  return base + ((<usize>load<u32>(c.offsets + (feature << 2))) << 4);
}

function buildGroup(c: BoostContext, group: u32, job: LevelJob): void {
  const first = group * c.groupSize;
  const last = groupEnd(c, group);
  const features = last - first;
  const sums = c.scratch + <usize>group * SCRATCH_BYTES;
  const gradients = gradientsOf(c, job.copy);
  const bins = binsOf(c, job.copy) + (((<usize>group) * c.rows) << 3);
  const start = histogramOf(c, job.histogram, first);
  if (job.begin == job.end) memory.fill(start, 0, histogramOf(c, job.histogram, last) - start);
  for (let at = job.begin; at < job.end; at += FLUSH_ROWS) {
    memory.fill(sums, 0, (<usize>features) << 11);
    accumulate(bins, gradients, c.index + ((<usize>at) << 2), min(FLUSH_ROWS, job.end - at), sums, features);
    for (let f: u32 = 0; f < features; f++) {
      const codes = load<u32>(c.offsets + ((first + f + 1) << 2)) - load<u32>(c.offsets + ((first + f) << 2));
      const histogram = histogramOf(c, job.histogram, first + f);
      if (at == job.begin) begin(sums + ((<usize>f) << 11), histogram, codes);
      else flush(sums + ((<usize>f) << 11), histogram, codes);
    }
  }
}

@inline
function add(sums: usize, code: u8, pair: v128): void {
  const at = sums + (<usize>code << 3);
  v128.store64_lane(at, f32x4.add(v128.load64_zero(at), pair), 0);
}

/** Adds the rows' pairs to the sums of their codes, one version per number of features. */
function accumulate(bins: usize, gradients: usize, index: usize, count: u32, sums: usize, features: u32): void {
  switch (features) {
    case 1:
      return sumRows1(bins, gradients, index, count, sums);
    case 2:
      return sumRows2(bins, gradients, index, count, sums);
    case 3:
      return sumRows3(bins, gradients, index, count, sums);
    case 4:
      return sumRows4(bins, gradients, index, count, sums);
    case 5:
      return sumRows5(bins, gradients, index, count, sums);
    case 6:
      return sumRows6(bins, gradients, index, count, sums);
    case 7:
      return sumRows7(bins, gradients, index, count, sums);
    default:
      return sumRows8(bins, gradients, index, count, sums);
  }
}

// Inlined with a constant number of features, so that the tests on it are gone from the loop.
@inline
function sumRows(bins: usize, gradients: usize, index: usize, count: u32, sums: usize, features: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const row = (<usize>load<u32>(index + ((<usize>i) << 2))) << 3;
    // Read one by one: loads are cheaper here than taking a word apart.
    const codes = bins + row;
    const pair = v128.load64_zero(gradients + row);
    add(sums, load<u8>(codes), pair);
    if (features > 1) add(sums + 2048, load<u8>(codes, 1), pair);
    if (features > 2) add(sums + 4096, load<u8>(codes, 2), pair);
    if (features > 3) add(sums + 6144, load<u8>(codes, 3), pair);
    if (features > 4) add(sums + 8192, load<u8>(codes, 4), pair);
    if (features > 5) add(sums + 10240, load<u8>(codes, 5), pair);
    if (features > 6) add(sums + 12288, load<u8>(codes, 6), pair);
    if (features > 7) add(sums + 14336, load<u8>(codes, 7), pair);
  }
}

function sumRows1(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 1);
}

function sumRows2(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 2);
}

function sumRows3(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 3);
}

function sumRows4(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 4);
}

function sumRows5(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 5);
}

function sumRows6(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 6);
}

function sumRows7(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 7);
}

function sumRows8(bins: usize, gradients: usize, index: usize, count: u32, sums: usize): void {
  sumRows(bins, gradients, index, count, sums, 8);
}

/** The first sums of a histogram, over whatever it held before. */
function begin(sums: usize, histogram: usize, codes: u32): void {
  for (let k: u32 = 0; k < codes; k++) {
    const pair = v128.load64_zero(sums + ((<usize>k) << 3));
    v128.store(histogram + ((<usize>k) << 4), f64x2.promote_low_f32x4(pair));
  }
}

function flush(sums: usize, histogram: usize, codes: u32): void {
  for (let k: u32 = 0; k < codes; k++) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(sums + ((<usize>k) << 3)));
    const at = histogram + ((<usize>k) << 4);
    v128.store(at, f64x2.add(v128.load(at), pair));
  }
}

export function subtractGroup(c: BoostContext, group: u32, job: LevelJob): void {
  const first = group * c.groupSize;
  const built = histogramOf(c, job.histogram, first);
  const parent = histogramOf(c, job.parent, first);
  const bytes = histogramOf(c, job.histogram, groupEnd(c, group)) - built;
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(parent + at, f64x2.sub(v128.load(parent + at), v128.load(built + at)));
  }
}

export function searchGroup(c: BoostContext, group: u32, job: LevelJob, node: u32): void {
  searchFeatures(c, group, job.histogram, job.count, node, job.low, job.high);
}

export function searchSibling(c: BoostContext, group: u32, job: LevelJob, node: u32): void {
  searchFeatures(c, group, job.parent, job.siblingCount, node, job.siblingLow, job.siblingHigh);
}

function searchFeatures(
  c: BoostContext,
  group: u32,
  base: usize,
  count: f64,
  node: u32,
  low: f64,
  high: f64,
): void {
  const last = groupEnd(c, group);
  for (let f = group * c.groupSize; f < last; f++) {
    if (load<u8>(c.active + f)) searchFeature(c, f, histogramOf(c, base, f), count, node, group, low, high);
  }
}
