// Drives the tree-growing kernels: rows coded once, then trees in rounds of a few per thread, each with its own work space.
import {
  type Allocations,
  type KernelRuntime,
  type Pointer,
  STACK_ENTRY_BYTES,
  SWEEP_BYTES,
  TREE_CONTEXT,
  TREE_CRITERIA,
  TREE_SLOT,
  TREE_SLOT_STRIDE,
} from "@massif/kernels";
import type { FitContext } from "../base/component.ts";
import { Random } from "../base/random.ts";
import type { Table } from "../base/table.ts";
import type { Binning } from "./binning.ts";
import { keepLargestGains } from "./keep-largest-gains.ts";
import { type LeftOut, sumLeftOut } from "./left-out.ts";
import { roomForTrees, type TreesSize } from "./tree-room.ts";
import { type OneTree, type TreeSet, TreeSetBuilder } from "./tree-set.ts";

export interface GrowOptions {
  readonly trees: number;
  /** 0: the targets are numbers, or 0 and 1; else classes whose codes are the targets. */
  readonly classes: number;
  /** Number targets may be centred first; not classes 0 and 1, whose entropy needs the counts, nor Poisson's. */
  readonly centre: boolean;
  /** What splits reduce; `squared` is Gini's index where there are classes. */
  readonly criterion: keyof typeof TREE_CRITERIA;
  /** Share of the features looked at per node. */
  readonly maxFeatures: number;
  readonly bootstrap: boolean;
  /** One cut per feature, drawn at random, instead of the best; absent: the best. */
  readonly randomCuts?: boolean;
  readonly maxDepth: number | null;
  readonly maxLeaves: number | null;
  readonly minSamplesLeaf: number;
  readonly minSamplesSplit: number;
  /** Least decrease of the mean impurity, in the units of the kernels, that a split must bring. */
  readonly minDecrease: number;
  /** Splits are taken back that do not bring as much per leaf, in the same units; 0: none. */
  readonly pruning: number;
}

/** What trees learn from; `weights` has no zeros, absent: all rows count alike. */
export interface GrowInput {
  readonly binning: Binning;
  readonly table: Table;
  readonly targets: Float64Array | Int32Array;
  readonly weights?: Float64Array;
  /** Gathers what each tree predicts for the rows that it left out. */
  readonly leftOut?: LeftOut;
}

/** Trees per thread and round: more even out their different times, fewer save memory. */
const TREES_PER_THREAD = 2;
/** Bytes of codes of a subtree that is copied together: half of a first-level cache. */
const LOCAL_BYTES = 16_384;
const MAX_LOCAL_ROWS = 1024;
/** From so many rows on, a bootstrap sample has fewer than 70 % of them distinct (63 % ± 0.3 %). */
const BAG_BOUND_ROWS = 10_000;

/** Grows trees for `targets`; awaits `context.report` after each round. Its bits do not depend on the threads. */
export async function growTrees(input: GrowInput, options: GrowOptions, context: FitContext): Promise<TreeSet> {
  const { runtime } = context;
  const { binning, table, leftOut } = input;
  return runtime.scope(async (memory) => {
    const plan = planFor(binning, table.rows, options);
    const wanted = Math.min(options.trees, runtime.threads * TREES_PER_THREAD);
    const slotCount = roomForTrees(runtime, sizeOf(plan, input, options), wanted);
    const apart = { alloc: (bytes: number) => allocApart(memory, bytes) };
    const slots = apart.alloc(slotCount * TREE_SLOT_STRIDE);
    const slotAt = (s: number): Pointer => slots + s * TREE_SLOT_STRIDE;
    const shared = placeShared(runtime, memory, { ...input, plan, options, slots });
    for (let s = 0; s < slotCount; s++) placeSlot(runtime, apart, slotAt(s), plan);
    const random = new Random(context.seed);
    const builder = new TreeSetBuilder(Math.max(1, options.classes));
    while (builder.trees < options.trees) {
      const count = Math.min(slotCount, options.trees - builder.trees);
      for (let s = 0; s < count; s++) {
        const seeds = { random: random.uint32() * 2 ** 20 + (random.uint32() >>> 12), stream: random.uint32() };
        TREE_SLOT.write(runtime, slotAt(s), seeds);
      }
      runtime.parallel("growTrees", [shared], count, 1);
      for (let s = 0; s < count; s++) builder.append(collect(runtime, slotAt(s), plan, options));
      const validationLoss = leftOut && sumLeftOut(runtime, { context: shared, slots: count }, leftOut);
      const step = { step: builder.trees, total: options.trees, unit: "tree" };
      await context.report(validationLoss === undefined ? step : { ...step, validationLoss });
    }
    return builder.build();
  });
}

// Internal

/** Sizes of what one tree needs. */
interface Plan {
  readonly rows: number;
  readonly bag: number;
  readonly features: number;
  readonly stride: number;
  readonly localRows: number;
  readonly leaves: number;
  readonly nodes: number;
  readonly width: number;
  readonly depth: number;
  readonly classes: number;
  readonly allNodes: boolean;
  readonly absolute: boolean;
}

/** What keeping memory apart costs at most. */
const APART_BYTES = 256;

/** Memory that shares no cache line with any other, nor the line that is fetched with it: threads write to it. */
function allocApart(memory: Allocations, bytes: number): Pointer {
  return Math.ceil(memory.alloc(bytes + APART_BYTES) / 128) * 128;
}

function planFor(binning: Binning, rows: number, options: GrowOptions): Plan {
  const features = binning.features.length;
  const stride = Math.ceil(features / 8) * 8;
  const bag = options.bootstrap && rows >= BAG_BOUND_ROWS ? Math.ceil(0.7 * rows) : rows;
  const depthLimit = options.maxDepth ?? Number.POSITIVE_INFINITY;
  const leaves = Math.max(1, Math.min(bag, 2 ** Math.min(32, depthLimit), Math.floor(rows / options.minSamplesLeaf)));
  // A split leaves fewer codes of its feature on either side, so no path is longer than all codes together.
  let codes = 0;
  let words = 0;
  for (const [f, feature] of binning.features.entries()) {
    codes += binning.codeCount(f);
    if (feature.kind === "category") words = Math.max(words, Math.ceil(binning.codeCount(f) / 64));
  }
  return {
    rows,
    bag,
    features,
    stride,
    localRows: Math.max(16, Math.min(MAX_LOCAL_ROWS, Math.floor(LOCAL_BYTES / stride))),
    leaves,
    nodes: leaves + (leaves - 1) * (1 + words),
    width: Math.max(1, options.classes),
    depth: Math.min(depthLimit, codes, leaves),
    classes: options.classes,
    allNodes: options.maxLeaves !== null || options.pruning > 0,
    absolute: options.criterion === "absolute",
  };
}

interface Shared extends GrowInput {
  readonly plan: Plan;
  readonly options: GrowOptions;
  readonly slots: Pointer;
}

function placeShared(runtime: KernelRuntime, memory: Allocations, shared: Shared): Pointer {
  const { binning, table, targets, weights, plan, options, slots } = shared;
  const { rows, features, stride } = plan;
  const bins = memory.alloc(rows * stride);
  runtime.u8(bins, rows * stride).fill(0);
  binning.encode(runtime, table, { stride, at: (f) => bins + f });
  const codes = memory.alloc(features * 4);
  runtime.u32(codes, features).set(Uint32Array.from(binning.features, (_, f) => binning.codeCount(f)));
  const kinds = memory.alloc(features);
  runtime.u8(kinds, features).set(Uint8Array.from(binning.features, ({ kind }) => (kind === "category" ? 1 : 0)));
  const weightsAt = weights === undefined ? 0 : memory.alloc(rows * 8);
  if (weights !== undefined) runtime.f64(weightsAt, rows).set(weights);
  const { pointer, offset } = placeTargets(runtime, memory, targets, options);
  const context = memory.alloc(TREE_CONTEXT.bytes);
  // Rows of small weights are rows: with weights the limits count them, or nothing where a side has a row anyway.
  const limited = Math.max(options.minSamplesLeaf, options.minSamplesSplit - 1) > 1;
  const unlimited = weights !== undefined && !limited;
  TREE_CONTEXT.write(runtime, context, {
    minSamplesLeaf: unlimited ? 0 : options.minSamplesLeaf,
    minSamplesSplit: unlimited ? 0 : options.minSamplesSplit,
    offset,
    bins,
    stride,
    rows,
    features,
    codes,
    kinds,
    targets: pointer,
    classes: options.classes,
    criterion: TREE_CRITERIA[options.criterion],
    minGain: options.minDecrease,
    tries: Math.max(1, Math.round(options.maxFeatures * features)),
    bootstrap: options.bootstrap ? 1 : 0,
    maxDepth: options.maxDepth ?? 0xffffffff,
    allNodes: plan.allNodes ? 1 : 0,
    localRows: plan.localRows,
    slots,
    slotBytes: TREE_SLOT_STRIDE,
    weights: weightsAt,
    countRows: weights !== undefined && limited ? 1 : 0,
    ascending: plan.absolute ? placeAscending(runtime, memory, targets) : 0,
    markLeftOut: shared.leftOut === undefined ? 0 : 1,
    middles: options.randomCuts ? placeMiddles(runtime, memory, binning) : 0,
  });
  return context;
}

/** The rows in order of their targets, equal ones as they come. */
function placeAscending(runtime: KernelRuntime, memory: Allocations, targets: ArrayLike<number>): Pointer {
  const pointer = memory.alloc(targets.length * 4);
  const order = Uint32Array.from({ length: targets.length }, (_, row) => row);
  runtime.u32(pointer, targets.length).set(order.sort((a, b) => targets[a] - targets[b] || a - b));
  return pointer;
}

/** The middles of the bins of number features by their codes; those at the ends reach as far out as their neighbours. */
function placeMiddles(runtime: KernelRuntime, memory: Allocations, { features }: Binning): Pointer {
  const pointer = memory.alloc(Math.max(1, features.length) * 256 * 8);
  const middles = runtime.f64(pointer, features.length * 256).fill(0);
  for (const [f, feature] of features.entries()) {
    if (feature.kind !== "number" || feature.cuts.length === 0) continue;
    const { cuts } = feature;
    const last = cuts.length - 1;
    const first = last === 0 ? 1 : cuts[1] - cuts[0];
    const end = last === 0 ? 1 : cuts[last] - cuts[last - 1];
    const own = middles.subarray(f * 256, (f + 1) * 256);
    own[1] = cuts[0] - first / 2;
    for (let k = 1; k <= last; k++) own[k + 1] = cuts[k - 1] / 2 + cuts[k] / 2;
    own[last + 2] = cuts[last] + end / 2;
  }
  return pointer;
}

/**
 * Targets far from zero for their spread are centred: squares of sums would lose the spread in the offset. Others are left
 * alone, so that leaves of equal targets hold just these.
 */
function placeTargets(
  runtime: KernelRuntime,
  memory: Allocations,
  targets: Float64Array | Int32Array,
  { classes, centre }: GrowOptions,
): { pointer: Pointer; offset: number } {
  const pointer = memory.alloc(targets.length * 8);
  if (classes > 0) {
    runtime.u32(pointer, targets.length).set(targets);
    return { pointer, offset: 0 };
  }
  const offset = centre ? offsetOf(targets) : 0;
  const centred = runtime.f64(pointer, targets.length);
  for (let i = 0; i < targets.length; i++) centred[i] = targets[i] - offset;
  return { pointer, offset };
}

/** The mean where its square is a million times the variance (which leaves ten digits), else 0. */
function offsetOf(targets: Float64Array | Int32Array): number {
  let mean = 0;
  for (let i = 0; i < targets.length; i++) mean += targets[i] / targets.length;
  let variance = 0;
  for (let i = 0; i < targets.length; i++) variance += (targets[i] - mean) ** 2 / targets.length;
  return mean * mean > 1e6 * variance ? mean : 0;
}

function placeSlot(runtime: KernelRuntime, memory: Pick<Allocations, "alloc">, slot: Pointer, plan: Plan): void {
  const pointers: Record<string, Pointer> = {};
  for (const [name, bytes] of Object.entries(slotSizes(plan))) pointers[name] = bytes === 0 ? 0 : memory.alloc(bytes);
  runtime.u8(pointers.histogram, histogramBytes(plan)).fill(0);
  TREE_SLOT.write(runtime, slot, pointers);
}

/** Bytes of each part of one tree's work space; 0: not needed. */
function slotSizes(plan: Plan) {
  const { rows, bag, features, stride, localRows, leaves, nodes, width, depth, classes, allNodes, absolute } = plan;
  const valueCount = allNodes ? 2 * leaves - 1 : leaves;
  return {
    index: bag * 4,
    temp: bag * 4,
    payload: rows * 16,
    localIndex: localRows * 4,
    localPayload: localRows * 16,
    localBins: localRows * stride,
    nodes: nodes * 8,
    values: valueCount * width * 8,
    covers: valueCount * 8,
    importances: features * 8,
    counts: 256 * 4,
    sweep: absolute ? (bag + 1) * SWEEP_BYTES : 0,
    gains: allNodes ? valueCount * 8 : 0,
    histogram: histogramBytes(plan),
    list: 256,
    keys: 256 * 8,
    order: features * 4,
    totals: Math.max(1, classes) * 5 * 8,
    stack: (depth + 2) * STACK_ENTRY_BYTES,
  };
}

function histogramBytes({ classes }: Plan): number {
  return classes > 0 ? 256 * classes * 8 : 4 * 4096;
}

/** What the kernels need in bytes: for all trees together, and for each that is grown at the same time. */
function sizeOf(plan: Plan, { weights }: GrowInput, { randomCuts }: GrowOptions): TreesSize {
  const { rows, features, stride, absolute } = plan;
  const perRow = stride + 8 + (weights === undefined ? 0 : 8) + (absolute ? 4 : 0);
  // Besides the rows: the column being coded, and the middles of bins.
  const shared = rows * (perRow + 8) + (randomCuts ? features * 2048 : 0);
  const parts = Object.values(slotSizes(plan));
  const slot = TREE_SLOT_STRIDE + parts.reduce((sum, bytes) => sum + bytes + APART_BYTES, 0);
  return { rows, features, shared, slot };
}

function collect(runtime: KernelRuntime, slot: Pointer, plan: Plan, { maxLeaves, pruning }: GrowOptions): OneTree {
  const field = (name: Parameters<typeof TREE_SLOT.readU32>[2]) => TREE_SLOT.readU32(runtime, slot, name);
  const { width, features } = plan;
  const count = field("valueCount");
  const nodes = runtime.u32(field("nodes"), field("nodeCount") * 2);
  const values = runtime.f64(field("values"), count * width);
  const covers = runtime.f64(field("covers"), count);
  if (!plan.allNodes) {
    const importances = runtime.f64(field("importances"), features);
    return { nodes, values, covers, gains: sharesOf(importances) };
  }
  const gains = runtime.f64(field("gains"), count);
  const kept = keepLargestGains({ nodes, values, covers, gains, width, features }, { maxLeaves, pruning });
  // Written back, so that the rows left out meet the tree as it is kept.
  nodes.set(kept.nodes);
  values.set(kept.values);
  return { ...kept, gains: sharesOf(kept.gains) };
}

/** Every tree has one voice in what a forest's columns gain, as in scikit-learn. */
function sharesOf(gains: Float64Array): Float64Array {
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return gains.map((gain) => (total > 0 ? Math.max(0, gain) / total : 0));
}
