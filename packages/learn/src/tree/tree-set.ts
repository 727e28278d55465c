// Grown trees as flat arrays: what a model stores, kernels walk and an exporter reads. Layout of a node: see
// packages/kernels/assembly/tree-node.ts; `readNode` says the same in words.
import type { FittedState } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readTensor, tensor } from "../base/state.ts";

export const DEFAULT_LEFT = 1;
export const CATEGORY = 2;
export const LEAF = 4;

/** Trees in order; `nodes` holds two words per node, each tree in preorder. */
export interface TreeSet {
  readonly nodes: Uint32Array;
  /** First node of each tree, and the end of the last. */
  readonly nodeOffsets: Uint32Array;
  /** `width` numbers per leaf. */
  readonly values: Float64Array;
  /** First leaf of each tree, and the end of the last. */
  readonly leafOffsets: Uint32Array;
  readonly width: number;
  /** What the training left besides predictions; null in models that were stored without it. */
  readonly traces: TreeTraces | null;
}

/** What explanations need of the training. */
export interface TreeTraces {
  /** Weight of the training rows in each leaf; for boosted trees the sum of their hessians. */
  readonly covers: Float32Array;
  /** Per column, in sum over the trees, what splits on it gained. */
  readonly gains: Float64Array;
}

/** One tree: two words per node; `width` values and one cover per leaf; what its splits gained, one number per column. */
export interface OneTree {
  readonly nodes: Uint32Array;
  readonly values: Float64Array;
  readonly covers: ArrayLike<number>;
  readonly gains: ArrayLike<number>;
}

/** One node in words. Codes: see Binning. Child numbers count from the tree's first node. */
export type TreeNode =
  | { readonly kind: "leaf"; readonly leaf: number }
  | {
      readonly kind: "number" | "category";
      readonly feature: number;
      readonly left: number;
      readonly right: number;
      readonly missingLeft: boolean;
      /** A number goes left when its code is at most this. */
      readonly code: number;
      /** A category goes left when the bit of its code is set; 32 codes per word. */
      readonly bits: Uint32Array;
    };

/** The node at `index`, counted from the tree's first node `root`. */
export function readNode(nodes: Uint32Array, root: number, index: number): TreeNode {
  const at = (root + index) * 2;
  const word = nodes[at + 1];
  if (word & LEAF) return { kind: "leaf", leaf: nodes[at] };
  const argument = (word >>> 8) & 255;
  const category = (word & CATEGORY) !== 0;
  return {
    kind: category ? "category" : "number",
    feature: word >>> 16,
    left: index + 1 + (category ? argument : 0),
    right: nodes[at],
    missingLeft: (word & DEFAULT_LEFT) !== 0,
    code: category ? 0 : argument,
    bits: category ? nodes.slice(at + 2, at + 2 + 2 * argument) : new Uint32Array(0),
  };
}

/** The features that any tree looks at, ascending. */
export function usedFeatures({ nodes }: TreeSet): Uint32Array {
  const used = new Set<number>();
  for (let at = 0; at < nodes.length; at += 2) {
    const word = nodes[at + 1];
    if (word & LEAF) continue;
    used.add(word >>> 16);
    if (word & CATEGORY) at += 2 * ((word >>> 8) & 255);
  }
  return Uint32Array.from(used).sort();
}

/** Gathers trees one after the other. */
export class TreeSetBuilder {
  readonly #width: number;
  #nodes = new Uint32Array(1024);
  #values = new Float64Array(512);
  #covers = new Float32Array(512);
  /** The columns that split, and their gains, tree after tree: which trees are kept is told at the end. */
  readonly #gains: [column: number, gain: number][] = [];
  readonly #gainOffsets = [0];
  readonly #nodeOffsets = [0];
  readonly #leafOffsets = [0];

  constructor(width: number) {
    this.#width = width;
  }

  #columns = 0;

  get trees(): number {
    return this.#nodeOffsets.length - 1;
  }

  /** Copies one tree. */
  append({ nodes, values, covers, gains }: OneTree): void {
    const firstNode = this.#nodeOffsets[this.trees];
    const firstLeaf = this.#leafOffsets[this.trees];
    this.#nodes = room(this.#nodes, firstNode * 2 + nodes.length, Uint32Array);
    this.#values = room(this.#values, firstLeaf * this.#width + values.length, Float64Array);
    this.#covers = room(this.#covers, firstLeaf + covers.length, Float32Array);
    this.#covers.set(covers, firstLeaf);
    for (let column = 0; column < gains.length; column++) {
      if (gains[column] !== 0) this.#gains.push([column, gains[column]]);
    }
    this.#gainOffsets.push(this.#gains.length);
    this.#columns = gains.length;
    this.#nodes.set(nodes, firstNode * 2);
    this.#values.set(values, firstLeaf * this.#width);
    this.#nodeOffsets.push(firstNode + nodes.length / 2);
    this.#leafOffsets.push(firstLeaf + values.length / this.#width);
  }

  /** The first `trees` trees, by default all. */
  build(trees = this.trees): TreeSet {
    const gains = new Float64Array(this.#columns);
    for (const [column, gain] of this.#gains.slice(0, this.#gainOffsets[trees])) gains[column] += gain;
    return {
      nodes: this.#nodes.slice(0, this.#nodeOffsets[trees] * 2),
      nodeOffsets: Uint32Array.from(this.#nodeOffsets.slice(0, trees + 1)),
      values: this.#values.slice(0, this.#leafOffsets[trees] * this.#width),
      leafOffsets: Uint32Array.from(this.#leafOffsets.slice(0, trees + 1)),
      width: this.#width,
      traces: { covers: this.#covers.slice(0, this.#leafOffsets[trees]), gains },
    };
  }
}

/** The set's tensors. */
export function treesToState(set: TreeSet): FittedState["tensors"] {
  const { nodes, nodeOffsets, values, leafOffsets, width, traces } = set;
  return {
    nodes: tensor(nodes, [nodes.length / 2, 2]),
    nodeOffsets: tensor(nodeOffsets),
    values: tensor(values, [values.length / width, width]),
    leafOffsets: tensor(leafOffsets),
    ...(traces === null ? {} : { covers: tensor(traces.covers), gains: tensor(traces.gains) }),
  };
}

/** Reads and checks what `treesToState` wrote: no walk of these trees can leave the arrays. Throws ShapeError. */
export function treesFromState(
  state: FittedState,
  { width, codeCounts, traced }: { width: number; codeCounts: Uint32Array; traced: boolean },
  owner: string,
): TreeSet {
  const nodes = readTensor(state, "nodes", { owner, type: Uint32Array });
  const nodeOffsets = readTensor(state, "nodeOffsets", { owner, type: Uint32Array });
  const values = readTensor(state, "values", { owner, type: Float64Array });
  const leafOffsets = readTensor(state, "leafOffsets", { owner, type: Uint32Array, length: nodeOffsets.length });
  const length = leafOffsets[leafOffsets.length - 1];
  const traces = traced
    ? {
        covers: readTensor(state, "covers", { owner, type: Float32Array, length }),
        gains: readTensor(state, "gains", { owner, type: Float64Array, length: codeCounts.length }),
      }
    : null;
  const set = { nodes, nodeOffsets, values, leafOffsets, width, traces };
  const last = nodeOffsets.length - 1;
  const complete = last >= 1 && nodeOffsets[0] === 0 && leafOffsets[0] === 0;
  if (!complete || nodeOffsets[last] * 2 !== nodes.length || leafOffsets[last] * width !== values.length) {
    throw new ShapeError(`the trees in the state of ${owner} do not fill their tensors`);
  }
  for (let t = 0; t < last; t++) {
    if (nodeOffsets[t + 1] <= nodeOffsets[t] || leafOffsets[t + 1] <= leafOffsets[t]) {
      throw new ShapeError(`tree ${t} in the state of ${owner} is empty`);
    }
  }
  for (let t = 0; t < last; t++) checkTree(set, t, codeCounts, owner);
  return set;
}

// Internal

function room<A extends Uint32Array | Float32Array | Float64Array>(
  array: A,
  needed: number,
  type: new (length: number) => A,
): A {
  if (needed <= array.length) return array;
  const larger = new type(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
}

/**
 * Preorder: every child lies behind its parent, so that a walk ends; every number points into its tensor; every node but
 * the first is the child of one.
 */
function checkTree(set: TreeSet, t: number, codeCounts: Uint32Array, owner: string): void {
  const { nodes, nodeOffsets, leafOffsets } = set;
  const root = nodeOffsets[t];
  const count = nodeOffsets[t + 1] - root;
  const leaves = leafOffsets[t + 1] - leafOffsets[t];
  const starts = new Uint8Array(count);
  const targets: number[] = [0];
  for (let i = 0; i < count; i++) {
    starts[i] = 1;
    const at = (root + i) * 2;
    const word = nodes[at + 1];
    if (word & LEAF) {
      if (nodes[at] >= leaves) throw badNode(owner, t, i);
      continue;
    }
    const words = word & CATEGORY ? (word >>> 8) & 255 : 0;
    const feature = word >>> 16;
    const known = feature < codeCounts.length && (words === 0 || words * 64 >= codeCounts[feature]);
    if (!known || nodes[at] <= i || (word & CATEGORY && words === 0)) throw badNode(owner, t, i);
    targets.push(i + 1 + words, nodes[at]);
    i += words;
  }
  for (const target of targets) {
    if (target >= count || starts[target] !== 1) throw badNode(owner, t, target);
    starts[target] = 2;
  }
  const lost = starts.indexOf(1);
  if (lost >= 0) throw new ShapeError(`node ${lost} of tree ${t} in the state of ${owner} is no node's child`);
}

function badNode(owner: string, tree: number, node: number): ShapeError {
  return new ShapeError(`node ${node} of tree ${tree} in the state of ${owner} points outside its tree`);
}
