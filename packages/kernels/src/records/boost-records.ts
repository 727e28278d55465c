// The records of the boosting kernels; field by field those of assembly/boost-context.ts.
import { RecordLayout } from "./record-layout.ts";

/** What all kernels of one fit need. */
export const BOOST_CONTEXT = new RecordLayout({
  l2: "f64",
  minChildWeight: "f64",
  minSamplesLeaf: "f64",
  categorySmoothing: "f64",
  presence: "f64",
  bins0: "u32",
  bins1: "u32",
  bins2: "u32",
  gradients0: "u32",
  gradients1: "u32",
  gradients2: "u32",
  rowIds0: "u32",
  rowIds1: "u32",
  rowIds2: "u32",
  rows: "u32",
  index: "u32",
  temp: "u32",
  features: "u32",
  groupSize: "u32",
  offsets: "u32",
  kinds: "u32",
  active: "u32",
  jobs: "u32",
  jobCount: "u32",
  records: "u32",
  scratch: "u32",
  monotone: "u32",
} as const);

/** u32 words of a RowChunk and a LeafChunk. */
export const ROW_CHUNK_WORDS = 8;
export const LEAF_CHUNK_WORDS = 6;
/** One node whose histogram is built from rows, and its sibling. */
export const LEVEL_JOB = new RecordLayout({
  begin: "u32",
  end: "u32",
  histogram: "u32",
  parent: "u32",
  copy: "u32",
  pad: "u32",
  count: "f64",
  siblingCount: "f64",
  low: "f64",
  high: "f64",
  siblingLow: "f64",
  siblingHigh: "f64",
} as const);

/** The keys of one leaf, among which two are being found. */
export const LEAF_KEYS = new RecordLayout({ begin: "u32", end: "u32", lower: "u64", upper: "u64" } as const);

/** Bytes of a SplitRecord. */
export const SPLIT_RECORD_BYTES = 80;
/** Work space per group of features: sums of 8 × 256 codes in f32, and room to sort 256 categories. */
export const BOOST_SCRATCH_BYTES = 16_384 + 2048 + 256;
