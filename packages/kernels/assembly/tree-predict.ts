// Sums of leaf values over an ensemble, tree after tree, so that one row gives the same bits as a million. A walk waits
// for each node before it knows the next, and which way it turns is as good as random: eight rows go down a tree side by
// side and without branches, so that they wait together. For that trees are laid out anew, a node in 8 bytes:
//   word 0   where its left child is; the right one follows it. A leaf: where it is itself
//   word 1   column of codes << 10 | limit: a row goes right when its code is at least the limit, which no code is at a leaf
// There are two columns of codes for each feature: as they are, with 0 for missing, and less 1, so that a missing value
// is the greatest and goes right. A category's limit is CATEGORIES and the words of its bitset, which lie before its
// children. A fixed distance behind a leaf is its value, or where its values are when there are several.
import { CATEGORY, DEFAULT_LEFT, LEAF } from "./tree-node";

// @ts-ignore: decorator
@inline
const COLUMN_SHIFT: u32 = 10;
// @ts-ignore: decorator
@inline
const CATEGORIES: u32 = 512;
// @ts-ignore: decorator
@inline
const NEVER: u32 = 511;

/**
 * Lays out trees [begin, end) at `laid`, each at its offset in `nodes`, and what is behind their leaves at `behind`.
 * `places` is scratch of a u32 per node.
 */
export function layTrees(
  nodes: usize,
  nodeOffsets: usize,
  values: usize,
  leafOffsets: usize,
  width: u32,
  features: u32,
  laid: usize,
  behind: usize,
  places: usize,
  begin: u32,
  end: u32,
): void {
  for (let t = begin; t < end; t++) {
    const first = <usize>load<u32>(nodeOffsets + (t << 2));
    const last = <usize>load<u32>(nodeOffsets + (t << 2), 4);
    const leaves = values + ((<usize>load<u32>(leafOffsets + (t << 2)) * width) << 3);
    let free = laid + ((first + 1) << 3);
    store<u32>(places + (first << 2), <u32>(laid + (first << 3)));
    for (let i = first; i < last; i++) {
      const node = nodes + (i << 3);
      const word = load<u32>(node, 4);
      const at = <usize>load<u32>(places + (i << 2));
      if (word & LEAF) {
        const value = leaves + ((<usize>(load<u32>(node) * width)) << 3);
        const target = at - laid + behind;
        if (width == 1) store<f64>(target, load<f64>(value));
        else store<u32>(target, <u32>value);
        store<u32>(at, <u32>at);
        store<u32>(at, NEVER, 4);
        continue;
      }
      const right = first + <usize>load<u32>(node);
      const argument = (word >>> 8) & 255;
      let column = word >>> 16;
      let limit = argument;
      if (word & CATEGORY) {
        memory.copy(free, node + 8, (<usize>argument) << 3);
        free += (<usize>argument) << 3;
        limit = CATEGORIES | argument;
        i += argument;
      } else if (word & DEFAULT_LEFT) limit += 1;
      else column += features;
      store<u32>(at, <u32>free);
      store<u32>(at, (column << COLUMN_SHIFT) | limit, 4);
      store<u32>(places + ((i + 1) << 2), <u32>free);
      store<u32>(places + (right << 2), <u32>free + 8);
      free += 16;
    }
  }
}

/** Writes the second columns of codes of rows [begin, end): the first `features` bytes of each row less 1. */
export function lessOne(rows: usize, features: u32, begin: u32, end: u32): void {
  let row = rows + <usize>begin * (features << 1);
  for (let i = begin; i < end; i++) {
    let f: u32 = 0;
    for (; f + 16 <= features; f += 16) {
      v128.store(row + features + f, i8x16.sub(v128.load(row + f), i8x16.splat(1)));
    }
    for (; f < features; f++) store<u8>(row + features + f, load<u8>(row + f) - 1);
    row += features << 1;
  }
}

/**
 * Adds the leaf values of `treeCount` laid trees to `out` (rows × outputs). `width` 1: tree t adds one value to output
 * t % outputs; otherwise each leaf holds `width` = outputs values. `rows` holds `stride` codes per row.
 */
export function predictTrees(
  laid: usize,
  nodeOffsets: usize,
  behind: usize,
  treeCount: u32,
  width: u32,
  outputs: u32,
  rows: usize,
  stride: u32,
  out: usize,
  begin: u32,
  end: u32,
): void {
  const offset = behind - laid;
  const step = (<usize>outputs) << 3;
  for (let t: u32 = 0; t < treeCount; t++) {
    const tree = laid + ((<usize>load<u32>(nodeOffsets + (t << 2))) << 3);
    let sums = (width == 1 ? out + ((t % outputs) << 3) : out) + <usize>begin * step;
    let row = rows + <usize>begin * stride;
    let i = begin;
    for (; i + 8 <= end; i += 8) {
      addEight(tree, offset, width, row, stride, sums, step);
      row += stride * 8;
      sums += step * 8;
    }
    for (; i < end; i++) {
      let node = tree;
      while ((load<u32>(node, 4) & NEVER) != NEVER) node = next(node, row);
      addLeaf(node + offset, width, sums);
      row += stride;
      sums += step;
    }
  }
}

// Internal

function addEight(tree: usize, offset: usize, width: u32, row0: usize, stride: u32, out: usize, step: usize): void {
  const row1 = row0 + stride;
  const row2 = row1 + stride;
  const row3 = row2 + stride;
  const row4 = row3 + stride;
  const row5 = row4 + stride;
  const row6 = row5 + stride;
  const row7 = row6 + stride;
  let node0 = tree;
  let node1 = tree;
  let node2 = tree;
  let node3 = tree;
  let node4 = tree;
  let node5 = tree;
  let node6 = tree;
  let node7 = tree;
  do {
    node0 = next(node0, row0);
    node1 = next(node1, row1);
    node2 = next(node2, row2);
    node3 = next(node3, row3);
    node4 = next(node4, row4);
    node5 = next(node5, row5);
    node6 = next(node6, row6);
    node7 = next(node7, row7);
  } while (
    (load<u32>(node0, 4) &
      load<u32>(node1, 4) &
      load<u32>(node2, 4) &
      load<u32>(node3, 4) &
      load<u32>(node4, 4) &
      load<u32>(node5, 4) &
      load<u32>(node6, 4) &
      load<u32>(node7, 4) &
      NEVER) !=
    NEVER
  );
  let sum = out;
  addLeaf(node0 + offset, width, sum);
  sum += step;
  addLeaf(node1 + offset, width, sum);
  sum += step;
  addLeaf(node2 + offset, width, sum);
  sum += step;
  addLeaf(node3 + offset, width, sum);
  sum += step;
  addLeaf(node4 + offset, width, sum);
  sum += step;
  addLeaf(node5 + offset, width, sum);
  sum += step;
  addLeaf(node6 + offset, width, sum);
  sum += step;
  addLeaf(node7 + offset, width, sum);
}

/** The child that a row goes to; a leaf itself. */
// @ts-ignore: decorator
@inline
function next(node: usize, row: usize): usize {
  const word = load<u32>(node, 4);
  const code = <u32>load<u8>(row + (word >>> COLUMN_SHIFT));
  const child = <usize>load<u32>(node);
  if (word & CATEGORIES) return childOfCategory(child, word & NEVER, code);
  return child + ((<usize>(code >= (word & NEVER))) << 3);
}

function childOfCategory(child: usize, words: u32, code: u32): usize {
  const isLeft = <u32>load<u8>(child - ((<usize>words) << 3) + (code >>> 3)) >>> (code & 7);
  return isLeft & 1 ? child : child + 8;
}

// @ts-ignore: decorator
@inline
function addLeaf(value: usize, width: u32, out: usize): void {
  if (width == 1) store<f64>(out, load<f64>(out) + load<f64>(value));
  else addVector(<usize>load<u32>(value), width, out);
}

function addVector(leaf: usize, width: u32, out: usize): void {
  for (let k: u32 = 0; k < width; k++) {
    const shift = (<usize>k) << 3;
    store<f64>(out + shift, load<f64>(out + shift) + load<f64>(leaf + shift));
  }
}
