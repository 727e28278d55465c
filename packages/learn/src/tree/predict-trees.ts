// Sums of leaf values for many rows by kernel, or for one row without allocation. Both add tree after tree, so they agree
// bit for bit.
import type { KernelRuntime } from "@massif/kernels";
import type { Slot } from "../base/component.ts";
import type { Table } from "../base/table.ts";
import type { Binning } from "./binning.ts";
import { CATEGORY, DEFAULT_LEFT, LEAF, type TreeSet, usedFeatures } from "./tree-set.ts";

/** Rows coded at a time: bounds the memory a large table takes. */
const BLOCK_ROWS = 65_536;
/** Rows per unit of work: enough to walk a large tree while it is in cache. */
const GRAIN = 512;

/** Adds the trees' leaf values to `out` (rows × outputs), which holds the starting values. */
export function addTrees(
  runtime: KernelRuntime,
  { binning, trees, outputs }: { binning: Binning; trees: TreeSet; outputs: number },
  table: Table,
  out: Float64Array,
): void {
  const features = table.columns.length;
  runtime.scope((memory) => {
    const place = (array: Uint32Array | Float64Array): number => {
      const pointer = memory.alloc(Math.max(8, array.byteLength));
      if (array instanceof Float64Array) runtime.f64(pointer, array.length).set(array);
      else runtime.u32(pointer, array.length).set(array);
      return pointer;
    };
    const nodes = place(trees.nodes);
    const nodeOffsets = place(trees.nodeOffsets);
    const values = place(trees.values);
    const leafOffsets = place(trees.leafOffsets);
    const block = Math.min(BLOCK_ROWS, table.rows);
    const codes = memory.alloc(Math.max(8, block * features));
    const sums = memory.alloc(Math.max(8, block * outputs * 8));
    const treeCount = trees.nodeOffsets.length - 1;
    for (let from = 0; from < table.rows; from += block) {
      const count = Math.min(block, table.rows - from);
      binning.encode(runtime, table, { stride: features, at: (f) => codes + f }, from, count);
      const view = runtime.f64(sums, count * outputs);
      view.set(out.subarray(from * outputs, (from + count) * outputs));
      const args = [nodes, nodeOffsets, values, leafOffsets, treeCount, trees.width, outputs, codes, features, sums];
      runtime.parallel("predictTrees", args, count, GRAIN);
      out.set(view, from * outputs);
    }
  });
}

/** A function that adds the trees' leaf values for one row frame to `out`. */
export function compileTrees(
  { binning, trees, outputs }: { binning: Binning; trees: TreeSet; outputs: number },
  inputs: readonly Slot[],
): (frame: Float64Array, out: Float64Array) => void {
  const { width, values, nodeOffsets, leafOffsets } = trees;
  const nodes = new Int32Array(trees.nodes.buffer, trees.nodes.byteOffset, trees.nodes.length);
  const code = binning.compileRow(inputs, usedFeatures(trees));
  const codes = new Uint8Array(Math.max(1, inputs.length));
  const treeCount = nodeOffsets.length - 1;
  return (frame, out) => {
    code(frame, codes);
    for (let t = 0; t < treeCount; t++) {
      const leaf = leafOffsets[t] + findLeaf(nodes, nodeOffsets[t] * 2, codes);
      if (width === 1) out[t % outputs] += values[leaf];
      else for (let k = 0; k < width; k++) out[k] += values[leaf * width + k];
    }
  };
}

// Internal

function findLeaf(nodes: Int32Array, root: number, codes: Uint8Array): number {
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
  return nodes[at];
}
