// TreeSHAP (Lundberg, Erion & Lee 2018, algorithm 2; Lundberg et al. 2020), path-dependent: Shapley values of what trees
// predict, where a column that is not known is averaged over the training rows on either side of its splits. Time per
// tree: leaves × depth².
import { defaultRuntime } from "@massif/kernels";
import { ShapeError } from "../base/errors.ts";
import { alignTable } from "../base/schema.ts";
import type { Table } from "../base/table.ts";
import type { TreeModel } from "../tree/tree-model.ts";
import { readNode } from "../tree/tree-set.ts";
import type { Contributions } from "./contributions.ts";

/** The contributions of the columns to every row of `table`; throws ShapeError naming `owner` for models without traces. */
export function explainTrees(model: TreeModel, table: Table, owner: string): Contributions {
  const { binning, trees, base, classes, combination } = model;
  if (trees.traces === null) {
    throw new ShapeError(`this ${owner} was stored without the weights of its leaves; train it again to explain it`);
  }
  const aligned = alignTable(binning.schema, table, owner);
  const columns = binning.schema.map(({ name }) => name);
  const outputs = base.length;
  const treeCount = trees.nodeOffsets.length - 1;
  const share = combination === "mean" ? 1 / treeCount : 1;
  const codes = encodeRows(model, aligned);
  const expected = Float64Array.from(base);
  const values = new Float64Array(table.rows * outputs * columns.length);
  for (let t = 0; t < treeCount; t++) {
    const tree = readTree(model, t);
    const first = trees.width === 1 ? t % outputs : 0;
    for (let k = 0; k < trees.width; k++) expected[first + k] += share * expectation(tree, 0, k);
    const walk = new PathWalk(tree, columns.length, { share, first });
    for (let row = 0; row < table.rows; row++) {
      const own = row * outputs * columns.length;
      walk.explain(
        codes.subarray(row * columns.length, (row + 1) * columns.length),
        values.subarray(own, own + outputs * columns.length),
      );
    }
  }
  const named = classes === null ? null : outputs === 1 ? [classes[classes.length - 1]] : classes;
  const unit = classes === null ? numberUnit(combination) : combination === "mean" ? "probability" : "score";
  return { columns, outputs: named, unit, expected, values };
}

// Internal

interface ShapNode {
  readonly cover: number;
  /** `width` numbers of a leaf. */
  readonly values: Float64Array | undefined;
  readonly feature: number;
  readonly left: number;
  readonly right: number;
  goesLeft(code: number): boolean;
}

type ShapTree = readonly ShapNode[];

function numberUnit(combination: TreeModel["combination"]): Contributions["unit"] {
  return combination === "exponential" ? "logarithm" : "number";
}

function encodeRows({ binning }: TreeModel, table: Table): Uint8Array {
  const runtime = defaultRuntime();
  const stride = table.columns.length;
  return runtime.scope((memory) => {
    const codes = memory.alloc(Math.max(8, table.rows * stride));
    binning.encode(runtime, table, { stride, at: (f) => codes + f });
    return runtime.u8(codes, table.rows * stride).slice();
  });
}

function readTree({ trees }: TreeModel, t: number): ShapTree {
  const { nodes, nodeOffsets, values, leafOffsets, width, traces } = trees;
  const tree: ShapNode[] = [];
  const visit = (index: number): number => {
    const at = tree.length;
    const node = readNode(nodes, nodeOffsets[t], index);
    if (node.kind === "leaf") {
      const leaf = leafOffsets[t] + node.leaf;
      const own = values.subarray(leaf * width, (leaf + 1) * width);
      tree.push({ cover: traces?.covers[leaf] ?? 0, values: own, feature: 0, left: 0, right: 0, goesLeft: () => true });
      return at;
    }
    tree.push(tree[0]);
    const { feature, code: cut, bits, missingLeft } = node;
    const goesLeft =
      node.kind === "category"
        ? (code: number) => ((bits[code >>> 5] >>> (code & 31)) & 1) === 1
        : (code: number) => (code === 0 ? missingLeft : code <= cut);
    const left = visit(node.left);
    const right = visit(node.right);
    tree[at] = { cover: tree[left].cover + tree[right].cover, values: undefined, feature, left, right, goesLeft };
    return at;
  };
  visit(0);
  return tree;
}

/** Share of a child in its parent; halves where no weight has reached it. */
function shareOf(tree: ShapTree, parent: ShapNode, child: number): number {
  return parent.cover > 0 ? tree[child].cover / parent.cover : 0.5;
}

function expectation(tree: ShapTree, index: number, k: number): number {
  const node = tree[index];
  if (node.values !== undefined) return node.values[k];
  const left = shareOf(tree, node, node.left) * expectation(tree, node.left, k);
  return left + shareOf(tree, node, node.right) * expectation(tree, node.right, k);
}

/**
 * The columns met on the way to a node. Of each: its number, the share of paths that go on when it is unknown (`zero`) and
 * when it is known (`one`); `weight[i]` is the share of column orders in which i of them are known.
 */
class Path {
  length = 0;
  readonly feature: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;

  constructor(capacity: number) {
    this.feature = new Int32Array(capacity);
    this.zero = new Float64Array(capacity);
    this.one = new Float64Array(capacity);
    this.weight = new Float64Array(capacity);
  }

  copy(from: Path): void {
    this.length = from.length;
    for (let i = 0; i < from.length; i++) {
      this.feature[i] = from.feature[i];
      this.zero[i] = from.zero[i];
      this.one[i] = from.one[i];
      this.weight[i] = from.weight[i];
    }
  }

  extend(zero: number, one: number, feature: number): void {
    const { weight, length } = this;
    this.feature[length] = feature;
    this.zero[length] = zero;
    this.one[length] = one;
    weight[length] = length === 0 ? 1 : 0;
    for (let i = length - 1; i >= 0; i--) {
      weight[i + 1] += (one * weight[i] * (i + 1)) / (length + 1);
      weight[i] = (zero * weight[i] * (length - i)) / (length + 1);
    }
    this.length++;
  }

  /** Takes back the extension by entry `at`. */
  unwind(at: number): void {
    const { weight, zero, one, feature } = this;
    const last = this.length - 1;
    let next = weight[last];
    for (let i = last - 1; i >= 0; i--) {
      if (one[at] !== 0) {
        const kept = weight[i];
        weight[i] = (next * (last + 1)) / ((i + 1) * one[at]);
        next = kept - (weight[i] * zero[at] * (last - i)) / (last + 1);
      } else weight[i] = (weight[i] * (last + 1)) / (zero[at] * (last - i));
    }
    for (let i = at; i < last; i++) {
      feature[i] = feature[i + 1];
      zero[i] = zero[i + 1];
      one[i] = one[i + 1];
    }
    this.length--;
  }

  /** The sum of weights that `unwind(at)` would leave. */
  unwoundSum(at: number): number {
    const { weight, zero, one } = this;
    const last = this.length - 1;
    let next = weight[last];
    let sum = 0;
    for (let i = last - 1; i >= 0; i--) {
      if (one[at] !== 0) {
        const own = (next * (last + 1)) / ((i + 1) * one[at]);
        sum += own;
        next = weight[i] - (own * zero[at] * (last - i)) / (last + 1);
      } else if (zero[at] !== 0) sum += (weight[i] * (last + 1)) / (zero[at] * (last - i));
    }
    return sum;
  }
}

/** Walks one tree for row after row. */
class PathWalk {
  readonly #tree: ShapTree;
  readonly #columns: number;
  readonly #share: number;
  readonly #first: number;
  readonly #paths: Path[] = [];
  #codes: Uint8Array = new Uint8Array(0);
  #out: Float64Array = new Float64Array(0);

  constructor(tree: ShapTree, columns: number, { share, first }: { share: number; first: number }) {
    this.#tree = tree;
    this.#columns = columns;
    this.#share = share;
    this.#first = first;
  }

  /** Adds the contributions of one row, outputs × columns, to `out`. */
  explain(codes: Uint8Array, out: Float64Array): void {
    this.#codes = codes;
    this.#out = out;
    this.#visit(0, { depth: 0, zero: 1, one: 1, feature: -1 });
  }

  // Internal

  #pathAt(depth: number): Path {
    this.#paths[depth] ??= new Path(depth + 2);
    return this.#paths[depth];
  }

  #visit(
    index: number,
    { depth, zero, one, feature }: { depth: number; zero: number; one: number; feature: number },
  ): void {
    // What neither a known nor an unknown column leads to adds nothing.
    if (zero === 0 && one === 0) return;
    const path = this.#pathAt(depth);
    if (depth > 0) path.copy(this.#pathAt(depth - 1));
    else path.length = 0;
    let incomingZero = 1;
    let incomingOne = 1;
    if (depth > 0) {
      const met = path.feature.subarray(0, path.length).indexOf(feature);
      if (met >= 0) {
        incomingZero = path.zero[met];
        incomingOne = path.one[met];
        path.unwind(met);
      }
    }
    const [ownZero, ownOne] = [zero * incomingZero, one * incomingOne];
    if (ownZero === 0 && ownOne === 0) return;
    path.extend(ownZero, ownOne, feature);
    const node = this.#tree[index];
    if (node.values !== undefined) {
      this.#settle(path, node.values);
      return;
    }
    const left = node.goesLeft(this.#codes[node.feature]);
    for (const child of [node.left, node.right]) {
      const followed = (child === node.left) === left;
      const next = { depth: depth + 1, zero: shareOf(this.#tree, node, child), one: followed ? 1 : 0 };
      this.#visit(child, { ...next, feature: node.feature });
    }
  }

  #settle(path: Path, values: Float64Array): void {
    for (let i = 1; i < path.length; i++) {
      const scale = path.unwoundSum(i) * (path.one[i] - path.zero[i]) * this.#share;
      for (let k = 0; k < values.length; k++) {
        this.#out[(this.#first + k) * this.#columns + path.feature[i]] += scale * values[k];
      }
    }
  }
}
