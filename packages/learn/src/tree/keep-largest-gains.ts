// A tree limited to so many leaves is grown best first: always split the leaf that gains most. A split does not depend on
// the order of growing, so the same tree is found in the full one by taking its nodes in that order.
import { CATEGORY, LEAF } from "./tree-set.ts";

export interface FullTree {
  readonly nodes: Uint32Array;
  /** `width` numbers per node, in preorder. */
  readonly values: Float64Array;
  /** Per node, in preorder: what its split gains. */
  readonly gains: Float64Array;
  readonly width: number;
}

/** The part of `tree` with at most `maxLeaves` leaves that gains most, greedily from the root. */
export function keepLargestGains(tree: FullTree, maxLeaves: number): { nodes: Uint32Array; values: Float64Array } {
  const ordinals = ordinalsOf(tree.nodes);
  const split = chooseSplits(tree, ordinals, maxLeaves);
  return rewrite(tree, ordinals, split);
}

// Internal

/** Number of each node in preorder, at the place where it starts; bitsets between nodes do not count. */
function ordinalsOf(nodes: Uint32Array): Uint32Array {
  const ordinals = new Uint32Array(nodes.length / 2);
  let ordinal = 0;
  for (let i = 0; i < ordinals.length; i++) {
    ordinals[i] = ordinal++;
    i += bitsetLength(nodes[i * 2 + 1]);
  }
  return ordinals;
}

function bitsetLength(word: number): number {
  return (word & LEAF) === 0 && (word & CATEGORY) !== 0 ? (word >>> 8) & 255 : 0;
}

/**
 * The nodes that growing best first splits before it stops. A node comes up once all above it have been split, so its turn
 * is told by the least gain on its path from the root: whatever has more on its path comes up first. In preorder parents
 * come before their children, which settles ties.
 */
function chooseSplits({ nodes, gains }: FullTree, ordinals: Uint32Array, maxLeaves: number): Set<number> {
  const least = new Float64Array(ordinals.length).fill(Number.POSITIVE_INFINITY);
  const inner: number[] = [];
  for (let node = 0; node < ordinals.length; node++) {
    const word = nodes[node * 2 + 1];
    if (word & LEAF) continue;
    inner.push(node);
    const bits = bitsetLength(word);
    least[node] = Math.min(least[node], gains[ordinals[node]]);
    least[node + 1 + bits] = least[node];
    least[nodes[node * 2]] = least[node];
    node += bits;
  }
  inner.sort((a, b) => least[b] - least[a] || a - b);
  return new Set(inner.slice(0, maxLeaves - 1));
}

function rewrite({ nodes, values, width }: FullTree, ordinals: Uint32Array, split: ReadonlySet<number>) {
  const words: number[] = [];
  const kept: number[] = [];
  // Entries: a node to write, and the word of the parent that must point to it (-1 for none).
  const stack: [node: number, patch: number][] = [[0, -1]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, patch] = next;
    if (patch >= 0) words[patch] = words.length / 2;
    if (!split.has(node)) {
      words.push(kept.length / width, LEAF);
      const from = ordinals[node] * width;
      for (let k = 0; k < width; k++) kept.push(values[from + k]);
      continue;
    }
    const at = words.length;
    const bits = bitsetLength(nodes[node * 2 + 1]);
    words.push(0, nodes[node * 2 + 1]);
    for (let k = 0; k < bits * 2; k++) words.push(nodes[node * 2 + 2 + k]);
    stack.push([nodes[node * 2], at], [node + 1 + bits, -1]);
  }
  return { nodes: Uint32Array.from(words), values: Float64Array.from(kept) };
}
