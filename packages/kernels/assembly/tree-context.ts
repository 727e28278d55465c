// The records that the tree-growing kernels share with their driver (src/records/tree-records.ts has them with the same
// names). Field order is the memory layout.

/** What all trees of one fit share. */
@unmanaged
export class TreeContext {
  minSamplesLeaf: f64;
  minSamplesSplit: f64;
  offset: f64; // added to leaf values: targets are centred
  minGain: f64; // of a split, per unit of the tree's weight
  bins: usize; // codes, `stride` bytes per row, a multiple of 8
  stride: u32;
  rows: u32;
  features: u32;
  codes: usize; // u32 per feature: number of codes, missing included
  kinds: usize; // u8 per feature: 1 is a category
  targets: usize; // f64 per row; with classes: u32 per row
  classes: u32; // 0: targets are numbers; otherwise counts per class are kept
  criterion: u32; // SQUARED (with classes: Gini's index), ENTROPY, POISSON or ABSOLUTE
  tries: u32; // features looked at per node
  bootstrap: u32;
  maxDepth: u32;
  allNodes: u32; // 1: values, covers and gains of every node in preorder; 0: values and covers of the leaves
  localRows: u32; // nodes of at most so many rows are copied together
  slots: usize; // TreeSlot per tree, each `slotBytes` after the last
  slotBytes: u32;
  middles: usize; // 0: the best cut; else the middles of all bins, 256 f64 per feature, between which cuts are drawn
  weights: usize; // f64 per row, none zero; 0: all rows count alike
  countRows: u32; // 1: minSamplesLeaf and minSamplesSplit mean rows whatever their weights; 0: weights
  ascending: usize; // with ABSOLUTE: u32 per row, the rows in order of their targets
  markLeftOut: u32; // 1: rows left out of a bag have weight 0 in its payload, to be found again
}

export const SQUARED: u32 = 0;
export const ENTROPY: u32 = 1;
export const POISSON: u32 = 2;
export const ABSOLUTE: u32 = 3;

/** The work space of one tree, and what came out. */
@unmanaged
export class TreeSlot {
  random: u64; // state of the generator
  stream: u64;
  bestScore: f64;
  leastScore: f64; // what a better cut must exceed
  bestGain: f64;
  treeWeight: f64; // of all rows in the bag
  weight: f64; // sums of the node at hand
  sum: f64;
  value: f64; // its mean or median
  deviation: f64; // with ABSOLUTE: its weighted distances from the median
  size: f64; // rows or weight, whichever minSamplesLeaf counts
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
  covers: usize; // out: f64 per leaf, its weight
  gains: usize; // out, with allNodes: f64 per node
  importances: usize; // out: f64 per feature, the sum of its splits' gains
  counts: usize; // u32 per code: rows, with countRows
  sweep: usize; // with ABSOLUTE: 36 bytes per row in the bag and once more (tree-cut-absolute.ts)
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
  nodeIndex: usize; // of the node at hand: where its rows are
  nodePayload: usize;
  nodeBins: usize;
  nodeBegin: u32;
  nodeEnd: u32;
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
