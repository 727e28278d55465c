// Which splits of a fully grown tree are kept. Limited to so many leaves a tree is grown best first: always split the leaf
// that gains most; a split does not depend on the order of growing, so the same tree is found in the full one by taking its
// nodes in that order. Pruning then takes back the splits that gain too little per leaf.
import { CATEGORY, LEAF } from "./tree-set.ts";

export interface FullTree {
  readonly nodes: Uint32Array;
  /** `width` numbers per node, in preorder. */
  readonly values: Float64Array;
  /** Per node, in preorder: the weight of its rows. */
  readonly covers: Float64Array;
  /** Per node, in preorder: what its split gains. */
  readonly gains: Float64Array;
  readonly width: number;
  /** Columns that splits may be on. */
  readonly features: number;
}

export interface Keeping {
  /** Most leaves; null: no limit. */
  readonly maxLeaves: number | null;
  /** Least mean gain per leaf of what hangs below a node, as a share of the root's weight; 0: anything is enough. */
  readonly pruning: number;
}

/** A tree of its own: one value and cover per leaf, gains per column. */
export interface KeptTree {
  readonly nodes: Uint32Array;
  readonly values: Float64Array;
  readonly covers: Float64Array;
  readonly gains: Float64Array;
}

/** The part of `tree` with at most `maxLeaves` leaves that gains most, greedily from the root, pruned. */
export function keepLargestGains(tree: FullTree, { maxLeaves, pruning }: Keeping): KeptTree {
  const ordinals = ordinalsOf(tree.nodes);
  const split = chooseSplits(tree, ordinals, maxLeaves ?? Number.POSITIVE_INFINITY);
  if (pruning > 0) pruneWeakest(tree, ordinals, { split, least: pruning * tree.covers[0] });
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

/**
 * Takes back, weakest first, the nodes whose branch gains at most `least` per leaf that it adds (Breiman et al. 1984,
 * minimal cost-complexity pruning). A branch that goes makes those above it weaker or stronger, so these are put in again.
 */
function pruneWeakest(
  { nodes, gains }: FullTree,
  ordinals: Uint32Array,
  { split, least }: { split: Set<number>; least: number },
): void {
  const parent = new Int32Array(ordinals.length).fill(-1);
  const gain = new Float64Array(ordinals.length);
  const added = new Uint32Array(ordinals.length);
  const children = (node: number) => [node + 1 + bitsetLength(nodes[node * 2 + 1]), nodes[node * 2]];
  const sum = (node: number): void => {
    gain[node] = gains[ordinals[node]];
    added[node] = 1;
    for (const child of children(node)) {
      parent[child] = node;
      gain[node] += gain[child];
      added[node] += added[child];
    }
  };
  // Children lie behind their parents: backwards, they come first.
  for (const node of [...split].sort((a, b) => b - a)) sum(node);
  const strength = (node: number): number => gain[node] / added[node];
  const queue = new WeakestFirst(split, strength);
  for (let node = queue.take(); node !== undefined && strength(node) <= least; node = queue.take()) {
    if (!split.has(node)) continue;
    const [lost, leaves] = [gain[node], added[node]];
    for (const inner of branch(node, children, split)) split.delete(inner);
    for (let above = parent[node]; above >= 0; above = parent[above]) {
      gain[above] -= lost;
      added[above] -= leaves;
      queue.put(above);
    }
  }
}

function branch(root: number, children: (node: number) => number[], split: ReadonlySet<number>): number[] {
  const nodes = [root];
  for (let i = 0; i < nodes.length; i++) nodes.push(...children(nodes[i]).filter((child) => split.has(child)));
  return nodes;
}

/** Nodes by their strength when they were put in, weakest first; a binary heap whose stale entries are skipped. */
class WeakestFirst {
  readonly #heap: { readonly node: number; readonly strength: number }[] = [];
  readonly #strength: (node: number) => number;

  constructor(nodes: Iterable<number>, strength: (node: number) => number) {
    this.#strength = strength;
    for (const node of nodes) this.put(node);
  }

  put(node: number): void {
    const heap = this.#heap;
    const entry = { node, strength: this.#strength(node) };
    let at = heap.push(entry) - 1;
    for (; at > 0 && heap[(at - 1) >> 1].strength > entry.strength; at = (at - 1) >> 1) heap[at] = heap[(at - 1) >> 1];
    heap[at] = entry;
  }

  take(): number | undefined {
    for (let top = this.#pop(); top !== undefined; top = this.#pop()) {
      if (top.strength === this.#strength(top.node)) return top.node;
    }
    return undefined;
  }

  #pop(): { readonly node: number; readonly strength: number } | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && heap[child + 1].strength < heap[child].strength) child++;
      if (child >= heap.length || heap[child].strength >= last.strength) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function rewrite(tree: FullTree, ordinals: Uint32Array, split: ReadonlySet<number>): KeptTree {
  const { nodes, values, covers, width, features } = tree;
  const words: number[] = [];
  const kept: number[] = [];
  const weights: number[] = [];
  const gains = new Float64Array(features);
  // Entries: a node to write, and the word of the parent that must point to it (-1 for none).
  const stack: [node: number, patch: number][] = [[0, -1]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, patch] = next;
    if (patch >= 0) words[patch] = words.length / 2;
    if (!split.has(node)) {
      words.push(kept.length / width, LEAF);
      const from = ordinals[node] * width;
      for (let k = 0; k < width; k++) kept.push(values[from + k]);
      weights.push(covers[ordinals[node]]);
      continue;
    }
    gains[nodes[node * 2 + 1] >>> 16] += tree.gains[ordinals[node]];
    const at = words.length;
    const bits = bitsetLength(nodes[node * 2 + 1]);
    words.push(0, nodes[node * 2 + 1]);
    for (let k = 0; k < bits * 2; k++) words.push(nodes[node * 2 + 2 + k]);
    stack.push([nodes[node * 2], at], [node + 1 + bits, -1]);
  }
  return { nodes: Uint32Array.from(words), values: Float64Array.from(kept), covers: Float64Array.from(weights), gains };
}
