// The records that the tree-growing kernels share with their driver (src/records/tree-records.ts has them with the same
// names). Field order is the memory layout.

/** What all trees of one fit share. */
@unmanaged
export class TreeContext {
  minSamplesLeaf: f64;
  minSamplesSplit: f64;
  offset: f64; // added to leaf values: targets are centred
  bins: usize; // codes, `stride` bytes per row, a multiple of 8
  stride: u32;
  rows: u32;
  features: u32;
  codes: usize; // u32 per feature: number of codes, missing included
  kinds: usize; // u8 per feature: 1 is a category
  targets: usize; // f64 per row; with classes: u32 per row
  classes: u32; // 0: targets are numbers; otherwise counts per class are kept
  entropy: u32; // 1: entropy, 0: squared error or Gini
  tries: u32; // features looked at per node
  bootstrap: u32;
  maxDepth: u32;
  allNodes: u32; // 1: values and gains of every node in preorder, not of leaves only
  localRows: u32; // nodes of at most so many rows are copied together
  slots: usize; // TreeSlot per tree
  middles: usize; // 0: the best cut; else the middles of all bins, 256 f64 per feature, between which cuts are drawn
}

/** The work space of one tree, and what came out. */
@unmanaged
export class TreeSlot {
  random: u64; // state of the generator
  stream: u64;
  bestScore: f64;
  bestGain: f64;
  weight: f64; // sums of the node at hand
  sum: f64;
  bits0: u64; // its best split: which codes of a category go left
  bits1: u64;
  bits2: u64;
  bits3: u64;
  occupied0: u64; // codes present while a small node is summed
  occupied1: u64;
  occupied2: u64;
  occupied3: u64;
  pure: u32;
  bestFeature: u32;
  bestCode: u32; // 0: no split
  bestFlags: u32;
  index: usize; // u32 per row in the bag
  temp: usize; // u32 per row in the bag
  payload: usize; // 16 bytes per row: weight and target (f64), or weight and class (u32)
  localIndex: usize; // u32 per local row
  localPayload: usize;
  localBins: usize;
  nodes: usize; // out
  values: usize; // out: f64 per leaf and output
  gains: usize; // out, with allNodes: f64 per node
  histogram: usize; // zero between uses
  list: usize; // u8: codes present, in order
  keys: usize; // f64 per code
  order: usize; // u32 per feature
  totals: usize; // f64 per class: of the node, of its left side, of its missing values, and two vectors
  stack: usize; // StackEntry
  nodeCount: u32; // out: nodes and the bitsets between them
  leafCount: u32; // out
  valueCount: u32; // out
  stackCount: u32;
  pad: u32; // keeps the next slot's 64-bit fields aligned
}

/** A node that waits to be grown. */
@unmanaged
export class StackEntry {
  begin: u32;
  end: u32;
  depth: u32;
  parent: u32; // whose right child this is; NONE otherwise
  local: u32;
}

export const NONE: u32 = 0xffffffff;
