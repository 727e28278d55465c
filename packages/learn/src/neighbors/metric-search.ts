// A search of points by a metric: all of them, or a tree of boxes or of balls in the space where the metric measures.
import { BallSearch } from "./ball-search.ts";
import { buildKdTree } from "./kd-tree.ts";
import { type Metric, placed } from "./metric.ts";
import { NormSearch, singleLeaf } from "./norm-search.ts";
import type { PointSet } from "./point-set.ts";

/** How points are looked through; all find the same. */
export type Search = "brute" | "kdtree" | "balltree";

/** A search of these points by the metric, for queries in its space. */
export function metricSearch(points: PointSet, metric: Metric, search: Search): NormSearch {
  const space = placed(points, metric);
  if (search === "brute") return new NormSearch(space, singleLeaf(space.count), metric.norm);
  const tree = buildKdTree(space);
  return search === "kdtree" ? new NormSearch(space, tree, metric.norm) : new BallSearch(space, tree, metric.norm);
}
