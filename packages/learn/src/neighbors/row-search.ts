// Nearest neighbours of one row, exactly and without allocating: the walk of the KD-tree in JavaScript. It is what a
// compiled predictor runs, and the slow reference of the kernels' searches.
import type { KdTree } from "./kd-tree.ts";
import type { PointSet } from "./point-set.ts";

/** The k nearest points of one query, ascending by squared distance and then by number; overwritten by every search. */
export interface Neighbours {
  readonly numbers: Int32Array;
  readonly squares: Float64Array;
}

const PROBES = 8;

export class RowSearch {
  /** What the last `find` found. */
  readonly found: Neighbours;
  readonly #k: number;
  readonly #features: number;
  readonly #tree: KdTree;
  /** The points in the tree's order, so that a leaf is one stretch of memory. */
  readonly #values: Float64Array;
  readonly #offsets: Float64Array;
  #query: Float64Array;
  #visited = 0;

  constructor(points: PointSet, tree: KdTree, k: number) {
    const { features, values } = points;
    this.#k = k;
    this.#features = features;
    this.#tree = tree;
    this.#values = new Float64Array(values.length);
    for (let i = 0; i < tree.order.length; i++) {
      const from = tree.order[i] * features;
      this.#values.set(values.subarray(from, from + features), i * features);
    }
    this.#offsets = new Float64Array(features);
    this.#query = this.#offsets;
    this.found = { numbers: new Int32Array(k), squares: new Float64Array(k) };
  }

  /** Leaves that all searches so far have looked into. */
  get visited(): number {
    return this.#visited;
  }

  /** Looks for the points nearest to `query` and gives back `found`. */
  find(query: Float64Array): Neighbours {
    this.#query = query;
    this.#offsets.fill(0);
    this.found.squares.fill(Number.POSITIVE_INFINITY);
    this.found.numbers.fill(0x7fffffff);
    this.#visit(1, 0);
    return this.found;
  }

  // Internal

  /** `square`: squared distance from the query to the node's box. */
  #visit(node: number, square: number): void {
    const { leaves, dimensions, splits } = this.#tree;
    if (node >= leaves) {
      this.#scan(node - leaves);
      return;
    }
    const dimension = dimensions[node];
    const delta = this.#query[dimension] - splits[node];
    const near = 2 * node + (delta > 0 ? 1 : 0);
    this.#visit(near, square);
    const offset = this.#offsets[dimension];
    const further = square - offset * offset + delta * delta;
    // The slack covers the rounding of the running sum.
    if (further * (1 - 1e-12) > this.found.squares[this.#k - 1]) return;
    this.#offsets[dimension] = delta;
    this.#visit(near ^ 1, further);
    this.#offsets[dimension] = offset;
  }

  #scan(leaf: number): void {
    const { starts, order } = this.#tree;
    const { squares, numbers } = this.found;
    const query = this.#query;
    const values = this.#values;
    const features = this.#features;
    const last = this.#k - 1;
    const end = starts[leaf + 1];
    let furthest = squares[last];
    this.#visited++;
    for (let i = starts[leaf]; i < end; i++) {
      const square = squareWithin(query, values, i * features, furthest);
      if (square > furthest || (square === furthest && order[i] > numbers[last])) continue;
      insert(this.found, this.#k, square, order[i]);
      furthest = squares[last];
    }
  }
}

/** The share of the leaves that a search of the tree looks into, from searches around a few of its own points. */
export function visitedShare(points: PointSet, tree: KdTree, k: number): number {
  if (tree.leaves === 1) return 1;
  const search = new RowSearch(points, tree, Math.min(points.count, k + 1)); // the point itself, and k
  const probes = Math.min(PROBES, points.count);
  for (let i = 0; i < probes; i++) {
    const at = Math.floor((i * points.count) / probes) * points.features;
    search.find(points.values.subarray(at, at + points.features));
  }
  return search.visited / (probes * tree.leaves);
}

/** The squared distance from `query` to the point that begins at `offset` of `values`. */
export function squareDistance(query: Float64Array, values: Float64Array, offset: number): number {
  return squareWithin(query, values, offset, Number.POSITIVE_INFINITY);
}

/** `squareDistance`, or as soon as that is seen to be larger than `limit` any number that is. */
export function squareWithin(query: Float64Array, values: Float64Array, offset: number, limit: number): number {
  const features = query.length;
  let sum = 0;
  let j = 0;
  for (; j + 4 <= features; j += 4) {
    const at = offset + j;
    const a = query[j] - values[at];
    const b = query[j + 1] - values[at + 1];
    const c = query[j + 2] - values[at + 2];
    const d = query[j + 3] - values[at + 3];
    sum += a * a + b * b + (c * c + d * d);
    // A look is worth its branch, which is hard to foresee, only now and then.
    if ((j & 4) !== 0 && sum > limit) return sum;
  }
  for (; j < features; j++) {
    const difference = query[j] - values[offset + j];
    sum += difference * difference;
  }
  return sum;
}

/** Puts a point into its place among the `k` nearest; the last one falls out. */
export function insert({ squares, numbers }: Neighbours, k: number, square: number, number: number): void {
  let at = k - 1;
  for (; at > 0; at--) {
    if (squares[at - 1] < square || (squares[at - 1] === square && numbers[at - 1] < number)) break;
    squares[at] = squares[at - 1];
    numbers[at] = numbers[at - 1];
  }
  squares[at] = square;
  numbers[at] = number;
}
