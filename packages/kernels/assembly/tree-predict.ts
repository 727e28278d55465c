// Sums of leaf values over an ensemble, tree after tree, so that one row gives the same bits as a million.
import { findLeaf } from "./tree-node";

/**
 * Adds the leaf values of `treeCount` trees to `out` (rows × outputs). `width` 1: tree t adds one value to output
 * t % outputs; otherwise each leaf holds `width` = outputs values. `rows` holds `stride` codes per row.
 */
export function predictTrees(
  nodes: usize,
  nodeOffsets: usize,
  values: usize,
  leafOffsets: usize,
  treeCount: u32,
  width: u32,
  outputs: u32,
  rows: usize,
  stride: u32,
  out: usize,
  begin: u32,
  end: u32,
): void {
  for (let t: u32 = 0; t < treeCount; t++) {
    const tree = nodes + ((<usize>load<u32>(nodeOffsets + (t << 2))) << 3);
    const leaves = values + ((<usize>load<u32>(leafOffsets + (t << 2)) * width) << 3);
    if (width == 1) addScalars(tree, leaves, rows, stride, out + ((t % outputs) << 3), outputs, begin, end);
    else addVectors(tree, leaves, rows, stride, out, outputs, begin, end);
  }
}

// Internal

function addScalars(
  tree: usize,
  leaves: usize,
  rows: usize,
  stride: u32,
  out: usize,
  outputs: u32,
  begin: u32,
  end: u32,
): void {
  for (let i = begin; i < end; i++) {
    const leaf = findLeaf(tree, rows + <usize>i * stride);
    const at = out + ((<usize>i * outputs) << 3);
    store<f64>(at, load<f64>(at) + load<f64>(leaves + ((<usize>leaf) << 3)));
  }
}

function addVectors(
  tree: usize,
  leaves: usize,
  rows: usize,
  stride: u32,
  out: usize,
  outputs: u32,
  begin: u32,
  end: u32,
): void {
  for (let i = begin; i < end; i++) {
    const leaf = leaves + ((<usize>findLeaf(tree, rows + <usize>i * stride) * outputs) << 3);
    const at = out + ((<usize>i * outputs) << 3);
    for (let k: u32 = 0; k < outputs; k++) {
      const shift = (<usize>k) << 3;
      store<f64>(at + shift, load<f64>(at + shift) + load<f64>(leaf + shift));
    }
  }
}
