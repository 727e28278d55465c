// Nearest rows, and all rows within a radius, by any norm that a box bounds: exactly and without allocating, by a walk of
// the KD-tree or, where that has a single leaf, by comparing with all points; `ball-search.ts` walks balls instead.
import type { KdTree } from "./kd-tree.ts";
import type { Norm } from "./norms.ts";
import type { PointSet } from "./point-set.ts";
import { insert, type Neighbours } from "./row-search.ts";

/** The points within a radius, in the order they were met; only the first `count` entries hold. */
export interface Within {
  count: number;
  readonly numbers: Int32Array;
  /** Turned into distances or weights by who asked. */
  readonly ranks: Float64Array;
}

/** A tree without inner nodes: a walk of it compares with all points. */
export function singleLeaf(count: number): KdTree {
  return {
    leaves: 1,
    dimensions: new Int32Array(1),
    splits: new Float64Array(1),
    order: Int32Array.from({ length: count }, (_, i) => i),
    starts: Int32Array.of(0, count),
  };
}

/** Searches by a norm; `squares` of what is found are its ranks, whatever the norm. */
export class NormSearch {
  protected readonly norm: Norm;
  protected readonly features: number;
  protected readonly tree: KdTree;
  /** The points in the tree's order, so that a leaf is one stretch of memory. */
  protected readonly values: Float64Array;
  /** Per feature, what the box around the leaf being looked for adds to its rank. */
  readonly #parts: Float64Array;
  protected query: Float64Array;
  protected limit = 0;
  protected look: (leaf: number) => void = () => {};

  constructor({ features, values }: PointSet, tree: KdTree, norm: Norm) {
    this.norm = norm;
    this.features = features;
    this.tree = tree;
    this.values = new Float64Array(values.length);
    for (let i = 0; i < tree.order.length; i++) {
      const from = tree.order[i] * features;
      this.values.set(values.subarray(from, from + features), i * features);
    }
    this.#parts = new Float64Array(features);
    this.query = this.#parts;
  }

  /** A function that finds the `k` nearest points, by rank and then by number, in what it overwrites each time. */
  nearest(k: number): (query: Float64Array) => Neighbours {
    const found = { numbers: new Int32Array(k), squares: new Float64Array(k) };
    const look = (leaf: number) => this.#keepNearest(leaf, found, k);
    return (query) => {
      found.squares.fill(Number.POSITIVE_INFINITY);
      found.numbers.fill(0x7fffffff);
      this.#walk(query, Number.POSITIVE_INFINITY, look);
      return found;
    };
  }

  /** A function that finds all points up to rank `limit`, in what it overwrites each time. */
  within(limit: number): (query: Float64Array) => Within {
    const { length } = this.tree.order;
    const found = { count: 0, numbers: new Int32Array(length), ranks: new Float64Array(length) };
    const look = (leaf: number) => this.#keepWithin(leaf, found, limit);
    return (query) => {
      found.count = 0;
      this.#walk(query, limit, look);
      return found;
    };
  }

  // Internal

  #walk(query: Float64Array, limit: number, look: (leaf: number) => void): void {
    this.query = query;
    this.limit = limit;
    this.look = look;
    this.#parts.fill(0);
    this.visit(1, 0);
  }

  /** `bound`: no point of the node has a smaller rank. */
  protected visit(node: number, bound: number): void {
    const { leaves, dimensions, splits } = this.tree;
    if (node >= leaves) {
      this.look(node - leaves);
      return;
    }
    const dimension = dimensions[node];
    const delta = this.query[dimension] - splits[node];
    const near = 2 * node + (delta > 0 ? 1 : 0);
    this.visit(near, bound);
    const before = this.#parts[dimension];
    const after = this.norm.part(delta);
    const further = this.norm.grown(bound, before, after);
    // The slack covers the rounding of the running sum.
    if (further * (1 - 1e-12) > this.limit) return;
    this.#parts[dimension] = after;
    this.visit(near ^ 1, further);
    this.#parts[dimension] = before;
  }

  #keepNearest(leaf: number, found: Neighbours, k: number): void {
    const { starts, order } = this.tree;
    for (let i = starts[leaf]; i < starts[leaf + 1]; i++) {
      const rank = this.norm.rank(this.query, this.values, i * this.features, this.limit);
      if (rank > this.limit || (rank === this.limit && order[i] > found.numbers[k - 1])) continue;
      insert(found, k, rank, order[i]);
      this.limit = found.squares[k - 1];
    }
  }

  #keepWithin(leaf: number, found: Within, limit: number): void {
    const { starts, order } = this.tree;
    for (let i = starts[leaf]; i < starts[leaf + 1]; i++) {
      const rank = this.norm.rank(this.query, this.values, i * this.features, limit);
      if (rank > limit) continue;
      found.numbers[found.count] = order[i];
      found.ranks[found.count++] = rank;
    }
  }
}
