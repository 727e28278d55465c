// The records of the tree-growing kernels; field by field those of assembly/tree-context.ts.
import { RecordLayout } from "./record-layout.ts";

/** What all trees of one fit share. */
export const TREE_CONTEXT = new RecordLayout({
  minSamplesLeaf: "f64",
  minSamplesSplit: "f64",
  offset: "f64",
  minGain: "f64",
  bins: "u32",
  stride: "u32",
  rows: "u32",
  features: "u32",
  codes: "u32",
  kinds: "u32",
  targets: "u32",
  classes: "u32",
  criterion: "u32",
  tries: "u32",
  bootstrap: "u32",
  maxDepth: "u32",
  allNodes: "u32",
  localRows: "u32",
  slots: "u32",
  slotBytes: "u32",
  middles: "u32",
  weights: "u32",
  countRows: "u32",
  ascending: "u32",
  markLeftOut: "u32",
} as const);

/** The work space of one tree, and what came out. */
export const TREE_SLOT = new RecordLayout({
  random: "u64",
  stream: "u64",
  bestScore: "f64",
  leastScore: "f64",
  bestGain: "f64",
  treeWeight: "f64",
  weight: "f64",
  sum: "f64",
  value: "f64",
  deviation: "f64",
  size: "f64",
  bits0: "u64",
  bits1: "u64",
  bits2: "u64",
  bits3: "u64",
  occupied0: "u64",
  occupied1: "u64",
  occupied2: "u64",
  occupied3: "u64",
  pure: "u32",
  bestFeature: "u32",
  bestCode: "u32",
  bestFlags: "u32",
  index: "u32",
  temp: "u32",
  payload: "u32",
  localIndex: "u32",
  localPayload: "u32",
  localBins: "u32",
  nodes: "u32",
  values: "u32",
  covers: "u32",
  gains: "u32",
  importances: "u32",
  counts: "u32",
  sweep: "u32",
  histogram: "u32",
  list: "u32",
  keys: "u32",
  order: "u32",
  totals: "u32",
  stack: "u32",
  nodeCount: "u32",
  leafCount: "u32",
  valueCount: "u32",
  stackCount: "u32",
  nodeIndex: "u32",
  nodePayload: "u32",
  nodeBins: "u32",
  nodeBegin: "u32",
  nodeEnd: "u32",
} as const);

/** From slot to slot: no two share a cache line, nor the line that is fetched with it. */
export const TREE_SLOT_STRIDE = Math.ceil(TREE_SLOT.bytes / 128) * 128;

/** What splits reduce, by the numbers the kernels know. */
export const TREE_CRITERIA = { squared: 0, entropy: 1, poisson: 2, absolute: 3 } as const;

/** Bytes of a slot that the kernels use per row when they reduce absolute error, for one row more than in the bag. */
export const SWEEP_BYTES = 36;

/** Bytes of a StackEntry: five words. */
export const STACK_ENTRY_BYTES = 20;
