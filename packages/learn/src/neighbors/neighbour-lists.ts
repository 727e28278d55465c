// Each point's nearest other points, exactly: by the kernels for the Euclidean distance, by a walk for other metrics.
import type { KernelRuntime } from "@massif/kernels";
import { buildKdTree } from "./kd-tree.ts";
import type { Metric } from "./metric.ts";
import { metricSearch } from "./metric-search.ts";
import type { PointSet } from "./point-set.ts";
import { type Neighbours, visitedShare } from "./row-search.ts";
import { searchTable } from "./table-search.ts";

/** Other points, the nearest first. */
export interface NeighbourList {
  readonly numbers: Int32Array;
  readonly distances: Float64Array;
}

interface Options {
  readonly metric: Metric;
  /** Below the number of points. */
  readonly k: number;
  readonly runtime: KernelRuntime;
}

/** Comparing with all points is this much faster per point than walking a tree. */
const MAX_VISITED_SHARE = 0.25;

/** The `k` nearest other points of every point. */
export function neighbourLists(points: PointSet, { metric, k, runtime }: Options): NeighbourList[] {
  const lists: NeighbourList[] = [];
  const keep = (row: number, { numbers, squares }: Neighbours) => {
    const list = { numbers: new Int32Array(k), distances: new Float64Array(k) };
    let kept = 0;
    // The point itself is left out; among many repetitions, where it may not be found, the last one is.
    for (let i = 0; i < numbers.length && kept < k; i++) {
      if (numbers[i] === row) continue;
      list.numbers[kept] = numbers[i];
      list.distances[kept++] = metric.distanceOf(squares[i]);
    }
    lists.push(list);
  };
  const { count, features, values } = points;
  if (metric.isPlain) {
    const columns = Array.from({ length: features }, (_, j) =>
      Float64Array.from({ length: count }, (_, i) => values[i * features + j]),
    );
    const tree = buildKdTree(points);
    const isTreeFaster = tree.leaves > 1 && visitedShare(points, tree, k) <= MAX_VISITED_SHARE;
    searchTable(runtime, { points, tree: isTreeFaster ? tree : undefined, k: k + 1, columns }, keep);
    return lists;
  }
  const nearest = metricSearch(points, metric, "kdtree").nearest(k + 1);
  const query = new Float64Array(metric.width(features));
  for (let row = 0; row < count; row++) {
    metric.place(values, row * features, features, query, 0);
    keep(row, nearest(query));
  }
  return lists;
}
