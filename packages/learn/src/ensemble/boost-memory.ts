// The kernel memory of one boosting fit: codes in groups of features, gradients, row index, scores, and the records the
// kernels read. Everything is taken from one scope, so it is freed however the fit ends.
import {
  type Allocations,
  BOOST_CONTEXT,
  BOOST_SCRATCH_BYTES,
  type KernelRuntime,
  LEVEL_JOB,
  type Pointer,
  SPLIT_RECORD_BYTES,
} from "@massif/kernels";
import type { Table } from "../base/table.ts";
import type { Binning } from "../tree/binning.ts";
import { roomForCopies } from "./boost-room.ts";

/** Nodes whose histograms are built in one go. */
export const MAX_JOBS = 64;
/** Rows per chunk when rows are moved or scores grow. */
export const CHUNK_ROWS = 8192;

/** Codes of a group's features in a row's 8 bytes. */
const MAX_GROUP = 8;
const MIN_GROUP = 4;
/** From so many bytes of codes on, reading the few rows of a small node misses the second-level cache. */
const CACHE_BYTES = 1 << 19;

export interface BoostLimits {
  readonly l2: number;
  readonly minChildWeight: number;
  readonly minSamplesLeaf: number;
  readonly categorySmoothing: number;
}

/** Pointers into kernel memory. Rows 0..trainRows-1 train, the others validate. */
export interface BoostMemory {
  readonly runtime: KernelRuntime;
  readonly memory: Allocations;
  readonly binning: Binning;
  readonly features: number;
  readonly groups: number;
  readonly rows: number;
  readonly trainRows: number;
  readonly context: Pointer;
  readonly gradients: Pointer;
  /** Weights, f64 per row; 0: each row counts once. */
  readonly weights: Pointer;
  readonly index: Pointer;
  /** How many copies of rows there is memory for, besides the first. */
  readonly copies: number;
  readonly active: Pointer;
  readonly jobs: Pointer;
  readonly records: Pointer;
  /** SplitRecords of the nodes that are being split. */
  readonly splits: Pointer;
  readonly histogramBytes: number;
  /** Where the code of a feature in row 0 is; that of the next row is 8 bytes further. */
  codesOf(feature: number): Pointer;
}

/** What memory is reserved for. */
export interface BoostSpace extends Omit<BoostRows, "table" | "order"> {
  readonly rows: number;
  /** Whether copies of rows may spare time where there is room for them; default true. */
  readonly mayCopy?: boolean;
}

/** The rows of a fit and what is known of them. */
export interface BoostRows {
  readonly binning: Binning;
  readonly table: Table;
  /** Which row of the table each row is. */
  readonly order?: Uint32Array;
  readonly trainRows: number;
  /** Trees per round. */
  readonly outputs: number;
  /** In the order of the rows; absent: each counts once. */
  readonly weights?: Float64Array;
  /** 1 for columns that predictions rise with, -1 for those they fall with; absent: none is constrained. */
  readonly monotone?: Int8Array;
}

/** Codes the table and reserves the memory of a fit. Throws ShapeError where the rows have no room. */
export function placeBoost(
  runtime: KernelRuntime,
  memory: Allocations,
  { table, order, ...space }: BoostRows,
  limits: BoostLimits,
): BoostMemory {
  const placed = reserveBoost(runtime, memory, { ...space, rows: table.rows }, limits);
  space.binning.encode(runtime, table, { stride: 8, at: placed.codesOf, order });
  return placed;
}

/** Reserves the memory of a fit, whose codes are written afterwards. Throws ShapeError where the rows have no room. */
export function reserveBoost(
  runtime: KernelRuntime,
  memory: Allocations,
  { binning, rows, trainRows, outputs, weights, monotone, mayCopy = true }: BoostSpace,
  { l2, minChildWeight, minSamplesLeaf, categorySmoothing }: BoostLimits,
): BoostMemory {
  const features = binning.features.length;
  // As few groups as 8 bytes allow, or one per thread as long as half of the bytes are used; no sum depends on it.
  const wanted = Math.max(Math.ceil(features / MAX_GROUP), Math.min(Math.ceil(features / MIN_GROUP), runtime.threads));
  const groupSize = Math.ceil(features / wanted);
  const groups = Math.ceil(features / groupSize);
  const size = { rows, features, groups, outputs, weighted: weights !== undefined };
  const copies = roomForCopies(runtime, size, 2) && mayCopy && groups * trainRows * 8 > CACHE_BYTES ? 2 : 0;
  const bins = memory.alloc(groups * rows * 8);
  const { offsets, kinds, codes } = describeFeatures(runtime, memory, binning);
  const placed = {
    runtime,
    memory,
    binning,
    features,
    groups,
    rows,
    trainRows,
    context: memory.alloc(BOOST_CONTEXT.bytes),
    gradients: memory.alloc(rows * 8),
    weights: weights === undefined ? 0 : placeWeights(runtime, memory, weights),
    index: memory.alloc(rows * 4),
    copies,
    active: memory.alloc(features),
    jobs: memory.alloc(MAX_JOBS * LEVEL_JOB.bytes),
    records: memory.alloc(MAX_JOBS * 2 * features * SPLIT_RECORD_BYTES),
    splits: memory.alloc(MAX_JOBS * SPLIT_RECORD_BYTES),
    histogramBytes: codes * 16,
    codesOf: (f: number): Pointer => bins + Math.floor(f / groupSize) * rows * 8 + (f % groupSize),
  };
  const { gradients, index, active, jobs, records } = placed;
  const temp = memory.alloc(rows * 4);
  const scratch = memory.alloc(groups * BOOST_SCRATCH_BYTES);
  const copy = (bytes: number): Pointer => (copies > 0 ? memory.alloc(rows * bytes) : 0);
  const pointers = {
    bins0: bins,
    bins1: copy(groups * 8),
    bins2: copy(groups * 8),
    gradients0: gradients,
    gradients1: copy(8),
    gradients2: copy(8),
    rowIds0: 0,
    rowIds1: copy(4),
    rowIds2: copy(4),
    index,
    temp,
    offsets,
    kinds,
    active,
    jobs,
    records,
    scratch,
    monotone: monotone === undefined ? 0 : placeDirections(runtime, memory, monotone),
  };
  BOOST_CONTEXT.write(runtime, placed.context, {
    l2,
    minChildWeight,
    minSamplesLeaf,
    categorySmoothing,
    presence: leastPresence(weights),
    ...pointers,
    rows,
    features,
    groupSize,
    jobCount: 0,
  });
  return placed;
}

// Internal

function placeWeights(runtime: KernelRuntime, memory: Allocations, weights: Float64Array): Pointer {
  const pointer = memory.alloc(weights.byteLength);
  runtime.f64(pointer, weights.length).set(weights);
  return pointer;
}

function placeDirections(runtime: KernelRuntime, memory: Allocations, directions: Int8Array): Pointer {
  const pointer = memory.alloc(directions.length);
  runtime.u8(pointer, directions.length).set(new Uint8Array(directions.buffer));
  return pointer;
}

/** Half of what the lightest row counts: sums of weights, known up to rounding, are above it where there are rows. */
function leastPresence(weights: Float64Array | undefined): number {
  if (weights === undefined) return 0.5;
  return (
    0.5 * weights.reduce((least, weight) => (weight > 0 && weight < least ? weight : least), Number.POSITIVE_INFINITY)
  );
}

function describeFeatures(runtime: KernelRuntime, memory: Allocations, binning: Binning) {
  const features = binning.features.length;
  const offsets = memory.alloc((features + 1) * 4);
  const kinds = memory.alloc(features);
  const offsetView = runtime.u32(offsets, features + 1);
  const kindView = runtime.u8(kinds, features);
  let codes = 0;
  for (const [f, { kind }] of binning.features.entries()) {
    offsetView[f] = codes;
    kindView[f] = kind === "category" ? 1 : 0;
    codes += binning.codeCount(f);
  }
  offsetView[features] = codes;
  return { offsets, kinds, codes };
}
