// How a tree lies in memory: nodes of 8 bytes in preorder, so a left child follows its parent and needs no pointer.
//   word 0   inner node: distance in nodes from the tree's first node to the right child; leaf: number of the leaf
//   word 1   feature << 16 | argument << 8 | flags
// A number splits by `code <= argument`; a missing value (code 0) goes left when DEFAULT_LEFT is set. A category splits
// by a bitset over codes (bit 0: missing) that fills the `argument` nodes after this one.

export const DEFAULT_LEFT: u32 = 1;
export const CATEGORY: u32 = 2;
export const LEAF: u32 = 4;

/** Number of the leaf in which a row ends; `row` points to its codes, one byte per feature. */
// Called once per row and tree: short enough that the optimising compiler always has it.
export function findLeaf(tree: usize, row: usize): u32 {
  let node = tree;
  let word = load<u32>(node, 4);
  while (!(word & LEAF)) {
    const code = <u32>load<u8>(row + (word >>> 16));
    const argument = (word >>> 8) & 255;
    if (word & CATEGORY) {
      const left = (<u32>load<u8>(node + (code >>> 3), 8) >>> (code & 7)) & 1;
      node = left ? node + 8 + ((<usize>argument) << 3) : tree + ((<usize>load<u32>(node)) << 3);
    } else {
      const left = code == 0 ? word & DEFAULT_LEFT : u32(code <= argument);
      node = left ? node + 8 : tree + ((<usize>load<u32>(node)) << 3);
    }
    word = load<u32>(node, 4);
  }
  return load<u32>(node);
}
