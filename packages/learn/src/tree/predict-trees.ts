// Sums of leaf values for many rows by kernel, or for one row without allocation. Both add tree after tree, so they agree
// bit for bit.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import type { Slot } from "../base/component.ts";
import type { Table } from "../base/table.ts";
import type { Binning } from "./binning.ts";
import { CATEGORY, DEFAULT_LEFT, LEAF, type TreeSet, usedFeatures } from "./tree-set.ts";

/** Rows coded at a time: bounds the memory a large table takes. */
const BLOCK_ROWS = 65_536;
/** Fewest rows per unit of work. */
const MIN_GRAIN = 1024;
/** Units of work per thread: few, as each brings every tree into the cache again. */
const UNITS = 2;
const TREE_GRAIN = 8;
const CODE_GRAIN = 16_384;
/** About as many nodes are laid out in the time of one walk. */
const NODES_PER_WALK = 8;
const SIDE_BY_SIDE = 4;
/** Words of trees that are walked one by one. */
const SMALL_TREE = 1024;

/** Fitted trees, the codes they split, and how many sums they add to. */
export interface Trees {
  readonly binning: Binning;
  readonly trees: TreeSet;
  readonly outputs: number;
}

/** Adds the trees' leaf values to `out` (rows × outputs), which holds the starting values. */
export function addTrees(runtime: KernelRuntime, model: Trees, table: Table, out: Float64Array): void {
  const { binning, trees, outputs } = model;
  if (table.rows * (trees.nodeOffsets.length - 1) * NODES_PER_WALK < trees.nodes.length) {
    addRowByRow(model, table, out);
    return;
  }
  const features = table.columns.length;
  const stride = 2 * features;
  runtime.scope((memory) => {
    const treeCount = trees.nodeOffsets.length - 1;
    const laid = layTrees(runtime, memory, { trees, features });
    const block = Math.min(BLOCK_ROWS, table.rows);
    const codes = memory.alloc(Math.max(8, block * stride));
    const sums = memory.alloc(Math.max(8, block * outputs * 8));
    for (let from = 0; from < table.rows; from += block) {
      const count = Math.min(block, table.rows - from);
      binning.encode(runtime, table, { stride, at: (f) => codes + f }, from, count);
      runtime.parallel("lessOne", [codes, features], count, CODE_GRAIN);
      const view = runtime.f64(sums, count * outputs);
      view.set(out.subarray(from * outputs, (from + count) * outputs));
      const args = [laid.nodes, laid.offsets, laid.behind, treeCount, trees.width, outputs, codes, stride, sums];
      runtime.parallel("predictTrees", args, count, Math.max(MIN_GRAIN, Math.ceil(count / (UNITS * runtime.threads))));
      out.set(view, from * outputs);
    }
  });
}

/** A function that adds the trees' leaf values for one row frame to `out`. */
export function compileTrees(
  { binning, trees, outputs }: Trees,
  inputs: readonly Slot[],
  used = usedFeatures(trees),
): (frame: Float64Array, out: Float64Array) => void {
  const { width, values, nodeOffsets, leafOffsets } = trees;
  const nodes = new Int32Array(trees.nodes.buffer, trees.nodes.byteOffset, trees.nodes.length);
  const code = binning.compileRow(inputs, used);
  const codes = new Uint8Array(Math.max(1, inputs.length));
  const treeCount = nodeOffsets.length - 1;
  const walk = { nodes, nodeOffsets, codes };
  const find = nodes.length > SMALL_TREE * treeCount ? findLeaves : findLeavesOfSmall;
  const leaves = new Int32Array(SIDE_BY_SIDE);
  return (frame, out) => {
    code(frame, codes);
    for (let first = 0; first < treeCount; first += SIDE_BY_SIDE) {
      find(walk, first, leaves);
      const end = Math.min(first + SIDE_BY_SIDE, treeCount);
      for (let t = first; t < end; t++) {
        const leaf = leafOffsets[t] + leaves[t - first];
        if (width === 1) out[t % outputs] += values[leaf];
        else for (let k = 0; k < width; k++) out[k] += values[leaf * width + k];
      }
    }
  };
}

// Internal

/** As `addTrees`, row by row: laying out large trees takes longer than a few walks. */
function addRowByRow(model: Trees, table: Table, out: Float64Array): void {
  const { binning, outputs } = model;
  const inputs = binning.schema.map((column, slot): Slot => ({ ...column, slot }));
  const add = compileTrees(model, inputs, Uint32Array.from(inputs.keys()));
  const frame = new Float64Array(inputs.length);
  for (let row = 0; row < table.rows; row++) {
    for (const [f, column] of table.columns.entries()) {
      if (column.kind === "category") frame[f] = column.codes[row] < 0 ? Number.NaN : column.codes[row];
      else if (column.kind !== "text") frame[f] = column.values[row];
    }
    add(frame, out.subarray(row * outputs, (row + 1) * outputs));
  }
}

interface Walk {
  readonly nodes: Int32Array;
  readonly nodeOffsets: Uint32Array;
  readonly codes: Uint8Array;
}

/** The leaves of a row in four trees from `first` on, or as many as there are; going down together, they wait together. */
function findLeaves({ nodes, nodeOffsets, codes }: Walk, first: number, leaves: Int32Array): void {
  const last = nodeOffsets.length - 2;
  const a = 2 * nodeOffsets[first];
  const b = 2 * nodeOffsets[Math.min(first + 1, last)];
  const c = 2 * nodeOffsets[Math.min(first + 2, last)];
  const d = 2 * nodeOffsets[Math.min(first + 3, last)];
  let atA = a;
  let atB = b;
  let atC = c;
  let atD = d;
  while ((nodes[atA + 1] & nodes[atB + 1] & nodes[atC + 1] & nodes[atD + 1] & LEAF) === 0) {
    atA = nextNode(nodes, a, atA, codes);
    atB = nextNode(nodes, b, atB, codes);
    atC = nextNode(nodes, c, atC, codes);
    atD = nextNode(nodes, d, atD, codes);
  }
  leaves[0] = nodes[atA];
  leaves[1] = nodes[atB];
  leaves[2] = nodes[atC];
  leaves[3] = nodes[atD];
}

/** As `findLeaves`, one after the other: what is in cache needs no waiting, and each stops where it ends. */
function findLeavesOfSmall({ nodes, nodeOffsets, codes }: Walk, first: number, leaves: Int32Array): void {
  const end = Math.min(first + SIDE_BY_SIDE, nodeOffsets.length - 1);
  for (let t = first; t < end; t++) {
    const root = 2 * nodeOffsets[t];
    let at = root;
    let word = nodes[at + 1];
    while ((word & LEAF) === 0) {
      const code = codes[word >>> 16];
      const argument = (word >>> 8) & 255;
      if ((word & CATEGORY) === 0) {
        const left = code === 0 ? (word & DEFAULT_LEFT) !== 0 : code <= argument;
        at = left ? at + 2 : root + nodes[at] * 2;
      } else {
        const left = (nodes[at + 2 + (code >>> 5)] >>> (code & 31)) & 1;
        at = left !== 0 ? at + 2 + argument * 2 : root + nodes[at] * 2;
      }
      word = nodes[at + 1];
    }
    leaves[t - first] = nodes[at];
  }
}

/** Where a row goes from the node at `at`; stays at a leaf. Which way is as good as random: numbers take no branch. */
function nextNode(nodes: Int32Array, root: number, at: number, codes: Uint8Array): number {
  const word = nodes[at + 1];
  const code = codes[word >>> 16];
  const argument = (word >>> 8) & 255;
  if ((word & (CATEGORY | LEAF)) === CATEGORY) {
    const left = (nodes[at + 2 + (code >>> 5)] >>> (code & 31)) & 1;
    return left !== 0 ? at + 2 + argument * 2 : root + nodes[at] * 2;
  }
  // Where a missing value (0) goes right, 1 is taken from both sides, and 0 becomes greater than all.
  const missingLeft = word & DEFAULT_LEFT;
  const left = (((code + missingLeft - 1) & 511) - argument - missingLeft) >> 31;
  const right = root + nodes[at] * 2;
  const stays = (word << 29) >> 31;
  const child = right ^ ((right ^ (at + 2)) & left);
  return child ^ ((child ^ at) & stays);
}

/** The trees in kernel memory, laid out for walks of many rows. */
function layTrees(
  runtime: KernelRuntime,
  memory: Allocations,
  { trees, features }: { trees: TreeSet; features: number },
) {
  const place = (array: Uint32Array | Float64Array): Pointer => {
    const pointer = memory.alloc(Math.max(8, array.byteLength));
    if (array instanceof Float64Array) runtime.f64(pointer, array.length).set(array);
    else runtime.u32(pointer, array.length).set(array);
    return pointer;
  };
  const count = trees.nodes.length / 2;
  const [given, values] = [place(trees.nodes), place(trees.values)];
  const [offsets, leafOffsets] = [place(trees.nodeOffsets), place(trees.leafOffsets)];
  const [nodes, behind] = [memory.alloc(count * 8), memory.alloc(count * 8)];
  const places = memory.alloc(count * 4);
  const args = [given, offsets, values, leafOffsets, trees.width, features, nodes, behind, places];
  runtime.parallel("layTrees", args, trees.nodeOffsets.length - 1, TREE_GRAIN);
  memory.free(given);
  memory.free(places);
  return { nodes, offsets, behind };
}
