// The records that the boosting kernels share with their driver. Field order is the memory layout; the driver writes it
// with the same names (src/records/boost-records.ts).

/** What all kernels of one fit need. Codes lie in groups of up to 8 features, 8 bytes per row and group. */
@unmanaged
export class BoostContext {
  l2: f64;
  minChildWeight: f64;
  minSamplesLeaf: f64;
  categorySmoothing: f64;
  presence: f64; // a sum of row weights above this means that there are rows
  // Three copies of the rows: all of them, and two for nodes that have become few among the rows of the copy before.
  // A copy's rows lie at the places that the node has in index.
  bins0: usize;
  bins1: usize;
  bins2: usize;
  gradients0: usize; // f32 pairs (gradient, hessian)
  gradients1: usize;
  gradients2: usize;
  rowIds0: usize; // u32: which row this is; not used for copy 0
  rowIds1: usize;
  rowIds2: usize;
  rows: u32;
  index: usize; // u32 places in the node's copy, those of one node next to each other
  temp: usize; // u32, as long as index
  features: u32;
  groupSize: u32;
  offsets: usize; // u32 per feature + 1: first histogram entry
  kinds: usize; // u8 per feature: 1 is a category
  active: usize; // u8 per feature: 1 may split this tree
  jobs: usize;
  jobCount: u32;
  records: usize; // SplitRecord, (2 × job + side) × features + feature
  scratch: usize; // SCRATCH_BYTES per group
  monotone: usize; // i8 per feature: 1 rising, -1 falling, 0 free; 0: no feature is constrained, no node bounded
}

/** One node whose histogram is built from rows, and its sibling, whose histogram is parent minus built. */
@unmanaged
export class LevelJob {
  begin: u32;
  end: u32;
  histogram: usize; // f64 pairs
  parent: usize; // histogram of the parent, which becomes the sibling's; 0 for a root
  copy: u32; // where the rows are: 0, 1 or 2
  pad: u32;
  count: f64; // what the node's rows count: how many they are, or the sum of their weights
  siblingCount: f64;
  low: f64; // bounds of leaf values below the node, for monotone constraints
  high: f64;
  siblingLow: f64;
  siblingHigh: f64;
}

/** The best split of one node by one feature; code 0 means none. Sums of both sides are always those of the node. */
@unmanaged
export class SplitRecord {
  gain: f64;
  leftGradient: f64;
  leftHessian: f64;
  rightGradient: f64;
  rightHessian: f64;
  code: u32;
  flags: u32;
  bits0: u64; // which codes go left
  bits1: u64;
  bits2: u64;
  bits3: u64;
}

/** A piece of a node's rows that is being partitioned. */
@unmanaged
export class RowChunk {
  record: usize; // SplitRecord
  feature: u32;
  begin: u32;
  end: u32;
  left: u32; // out: rows that go left
  toLeft: u32; // destinations in index
  toRight: u32;
  copy: u32;
}

/** A piece of a leaf's rows and the value their scores grow by. */
@unmanaged
export class LeafChunk {
  value: f64;
  begin: u32;
  end: u32;
  copy: u32;
  pad: u32;
}

/** The keys of one leaf, among which the places of two of them are being found byte by byte. */
@unmanaged
export class LeafKeys {
  begin: u32;
  end: u32; // those that are still possible lie before
  lower: u64; // the bytes found so far
  upper: u64;
}

@inline
export function binsOf(c: BoostContext, copy: u32): usize {
  return load<u32>(changetype<usize>(c) + offsetof<BoostContext>("bins0") + (copy << 2));
}

@inline
export function gradientsOf(c: BoostContext, copy: u32): usize {
  return load<u32>(changetype<usize>(c) + offsetof<BoostContext>("gradients0") + (copy << 2));
}

@inline
export function rowIdsOf(c: BoostContext, copy: u32): usize {
  return load<u32>(changetype<usize>(c) + offsetof<BoostContext>("rowIds0") + (copy << 2));
}

/** f32 pairs for 8 × 256 codes, then keys (f64) and codes (u8) for sorting 256 categories. */
export const SCRATCH_BYTES: usize = 16384 + 2048 + 256;
