// A balanced KD-tree (Bentley 1975): every inner node halves its points at the median of the feature in which they
// spread most around it. Built here for both searches: the kernel's over many queries, and the compiled one over
// single rows.
import type { PointSet } from "./point-set.ts";

export interface KdTree {
  /** A power of two; inner nodes are numbered as in a heap from 1, so node n has children 2n and 2n + 1. */
  readonly leaves: number;
  /** Per inner node (entry 0 unused): the feature it splits, and the value: left is <=, right is >=. */
  readonly dimensions: Int32Array;
  readonly splits: Float64Array;
  /** Point numbers, leaf after leaf, and where each leaf begins (one entry more than leaves). */
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** Small enough that few distances are wasted, large enough that the walk between leaves costs little. */
const LEAF_POINTS = 32;
/** Points by which a node judges where it spreads most: more where the choice matters to more points. */
const SAMPLE = 15;
const LARGE_SAMPLE = 63;
const LARGE_NODE = 4096;

/** Builds the tree; the same points always give the same one. */
export function buildKdTree(points: PointSet): KdTree {
  const levels = Math.max(0, Math.ceil(Math.log2(points.count / LEAF_POINTS)));
  const leaves = 2 ** levels;
  const tree: KdTree = {
    leaves,
    dimensions: new Int32Array(leaves),
    splits: new Float64Array(leaves),
    order: new Int32Array(points.count),
    starts: new Int32Array(leaves + 1),
  };
  for (let i = 0; i < points.count; i++) tree.order[i] = i;
  tree.starts[leaves] = points.count;
  new Builder(points, tree).split(1, 0, points.count);
  return tree;
}

// Internal

class Builder {
  readonly #points: PointSet;
  readonly #tree: KdTree;
  /** Values of the points in `order`, along the feature being split. */
  readonly #keys: Float64Array;
  readonly #sample = new Float64Array(LARGE_SAMPLE);

  constructor(points: PointSet, tree: KdTree) {
    this.#points = points;
    this.#tree = tree;
    this.#keys = new Float64Array(points.count);
  }

  split(node: number, begin: number, end: number): void {
    const { leaves, dimensions, splits, order, starts } = this.#tree;
    if (node >= leaves) {
      starts[node - leaves] = begin;
      // Ascending numbers, so that of equally near points the first is found first.
      order.subarray(begin, end).sort();
      return;
    }
    const { dimension, median } = this.#widest(begin, end);
    const { values, features } = this.#points;
    for (let i = begin; i < end; i++) this.#keys[i] = values[order[i] * features + dimension];
    const middle = (begin + end) >> 1;
    select(this.#keys, order, { begin, end, rank: middle, pivot: median });
    dimensions[node] = dimension;
    splits[node] = this.#keys[middle];
    this.split(2 * node, begin, middle);
    this.split(2 * node + 1, middle, end);
  }

  /**
   * The feature whose median lies furthest from both its quartiles, or where none does (all have many equal values),
   * the one with the widest range; judged by evenly spaced points. A split at a value that many points share, as most
   * do in a one-hot column, tells hardly any of them apart, however far out the rest is. `median` is about its median.
   */
  #widest(begin: number, end: number): { dimension: number; median: number } {
    const { values, features } = this.#points;
    const { order } = this.#tree;
    const sample = this.#sample;
    const wanted = end - begin < LARGE_NODE ? SAMPLE : LARGE_SAMPLE;
    const every = Math.max(1, Math.floor((end - begin) / wanted));
    const count = Math.min(wanted, Math.ceil((end - begin) / every));
    const quarter = count >> 2;
    const best = { dimension: -1, median: 0 };
    const widest = { dimension: 0, median: 0 };
    let [spreadOfBest, range] = [0, -1];
    for (let j = 0; j < features; j++) {
      for (let i = 0; i < count; i++) insertSorted(sample, i, values[order[begin + i * every] * features + j]);
      const middle = sample[count >> 1];
      const spread = Math.min(middle - sample[quarter], sample[count - 1 - quarter] - middle);
      if (spread > spreadOfBest) {
        spreadOfBest = spread;
        best.dimension = j;
        best.median = middle;
      }
      if (sample[count - 1] - sample[0] > range) {
        range = sample[count - 1] - sample[0];
        widest.dimension = j;
        widest.median = middle;
      }
    }
    return best.dimension < 0 ? widest : best;
  }
}

/** Puts `value` into its place among the first `count`, which ascend. */
function insertSorted(sorted: Float64Array, count: number, value: number): void {
  let at = count;
  for (; at > 0 && sorted[at - 1] > value; at--) sorted[at] = sorted[at - 1];
  sorted[at] = value;
}

/**
 * Orders keys, and numbers with them, so that those before `rank` are not larger and those after not smaller (Hoare).
 * `pivot`, one of the keys, is the first that they are parted by.
 */
function select(
  keys: Float64Array,
  numbers: Int32Array,
  { begin, end, rank, pivot: first }: { begin: number; end: number; rank: number; pivot: number },
): void {
  let low = begin;
  let high = end - 1;
  let pivot = first;
  while (low < high) {
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (keys[j] > pivot) j--;
      if (i > j) break;
      const key = keys[i];
      keys[i] = keys[j];
      keys[j] = key;
      const number = numbers[i];
      numbers[i++] = numbers[j];
      numbers[j--] = number;
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
    pivot = medianOfThree(keys[low], keys[(low + high) >> 1], keys[high]);
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
