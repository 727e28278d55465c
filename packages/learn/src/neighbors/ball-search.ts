// A search of nested balls (Omohundro 1989): a node's points lie within a radius of their mean, so by the triangle
// inequality none is nearer to a query than its distance to the mean less the radius. Boxes of a KD-tree bound worse where
// there are many features.
import type { KdTree } from "./kd-tree.ts";
import { NormSearch } from "./norm-search.ts";
import type { Norm } from "./norms.ts";
import type { PointSet } from "./point-set.ts";

/** More than rounding takes from a distance, as a share of what it is the difference of. */
const SLACK = 1e-12;

/** Searches by a norm in a tree whose nodes are taken as balls. */
export class BallSearch extends NormSearch {
  /** Per node its mean; node n has children 2n and 2n + 1, as in the tree. */
  readonly #centres: Float64Array;
  readonly #radii: Float64Array;

  constructor(points: PointSet, tree: KdTree, norm: Norm) {
    super(points, tree, norm);
    this.#centres = new Float64Array(2 * tree.leaves * points.features);
    this.#radii = new Float64Array(2 * tree.leaves);
    for (let node = 2 * tree.leaves - 1; node > 0; node--) this.#enclose(node);
  }

  protected override visit(node: number, bound: number): void {
    const { leaves } = this.tree;
    if (node >= leaves) {
      this.look(node - leaves);
      return;
    }
    const [left, right] = [this.#bound(2 * node), this.#bound(2 * node + 1)];
    const isLeftFirst = left <= right;
    const [first, second] = isLeftFirst ? [left, right] : [right, left];
    const near = 2 * node + (isLeftFirst ? 0 : 1);
    if (Math.max(bound, first) > this.limit) return;
    this.visit(near, first);
    if (second > this.limit) return;
    this.visit(near ^ 1, second);
  }

  // Internal

  /** No point of the node has a smaller rank; 0 within the ball. */
  #bound(node: number): number {
    const rank = this.norm.rank(this.query, this.#centres, node * this.features, Number.POSITIVE_INFINITY);
    const away = this.norm.distanceOf(rank);
    const radius = this.#radii[node];
    const least = away - radius - SLACK * (away + radius);
    return least > 0 ? this.norm.rankOf(least) : 0;
  }

  /** Sets a node's mean and radius by all its points, which are one stretch of the tree's order. */
  #enclose(node: number): void {
    const { leaves, starts } = this.tree;
    const { features, values } = this;
    let [first, last] = [node, node];
    while (first < leaves) [first, last] = [2 * first, 2 * last + 1];
    const [begin, end] = [starts[first - leaves], starts[last - leaves + 1]];
    const centre = this.#centres.subarray(node * features, (node + 1) * features);
    for (let i = begin; i < end; i++) for (let j = 0; j < features; j++) centre[j] += values[i * features + j];
    for (let j = 0; j < features; j++) centre[j] /= Math.max(1, end - begin);
    let most = 0;
    for (let i = begin; i < end; i++) {
      most = Math.max(most, this.norm.rank(centre, values, i * features, Number.POSITIVE_INFINITY));
    }
    this.#radii[node] = this.norm.distanceOf(most);
  }
}
