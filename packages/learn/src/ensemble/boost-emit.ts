// From the nodes of a boosted tree to the flat form that models store: preorder, categories followed by their bitset.
import { CATEGORY, LEAF } from "../tree/tree-set.ts";
import type { BoostNode } from "./boost-tree.ts";

/** A tree's leaves from left to right, and its nodes as two words each. */
export interface FlatTree {
  readonly nodes: Uint32Array;
  readonly leaves: readonly BoostNode[];
  /** Per column, what the splits on it gained. */
  readonly gains: Float64Array;
}

/** `codeCounts` holds the number of codes of each feature, which is the length of its bitsets. */
export function flatten(root: BoostNode, codeCounts: ArrayLike<number>): FlatTree {
  const gains = new Float64Array(codeCounts.length);
  const words: number[] = [];
  const leaves: BoostNode[] = [];
  // Entries: a node to write, and the word of the parent that must point to it (-1 for none).
  const stack: [node: BoostNode, patch: number][] = [[root, -1]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [{ split, left, right }, patch] = next;
    if (patch >= 0) words[patch] = words.length / 2;
    if (split === undefined || left === undefined || right === undefined) {
      words.push(leaves.length, LEAF);
      leaves.push(next[0]);
      continue;
    }
    const at = words.length;
    const { feature, gain, code, flags, record } = split;
    gains[feature] += gain;
    const bits = flags & CATEGORY ? Math.ceil(codeCounts[feature] / 64) : 0;
    words.push(0, ((feature << 16) | ((bits > 0 ? bits : code) << 8) | flags) >>> 0);
    for (let k = 0; k < 2 * bits; k++) words.push(record[12 + k]);
    stack.push([right, at], [left, -1]);
  }
  return { nodes: Uint32Array.from(words), leaves, gains };
}
