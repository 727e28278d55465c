// The records of the tree-growing kernels; field by field those of assembly/tree-context.ts.
import { RecordLayout } from "./record-layout.ts";

/** What all trees of one fit share. */
export const TREE_CONTEXT = new RecordLayout({
  minSamplesLeaf: "f64",
  minSamplesSplit: "f64",
  offset: "f64",
  bins: "u32",
  stride: "u32",
  rows: "u32",
  features: "u32",
  codes: "u32",
  kinds: "u32",
  targets: "u32",
  classes: "u32",
  entropy: "u32",
  tries: "u32",
  bootstrap: "u32",
  maxDepth: "u32",
  allNodes: "u32",
  localRows: "u32",
  slots: "u32",
} as const);

/** The work space of one tree, and what came out. */
export const TREE_SLOT = new RecordLayout({
  random: "u64",
  stream: "u64",
  bestScore: "f64",
  bestGain: "f64",
  weight: "f64",
  sum: "f64",
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
  gains: "u32",
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
  pad: "u32",
} as const);

/** Bytes of a StackEntry: five words. */
export const STACK_ENTRY_BYTES = 20;
