// Searches a balanced KD-tree (Bentley 1975) with the incremental distance of Arya & Mount (1993). Inner nodes are
// numbered as in a heap, from 1; all leaves are on one level. A leaf's points lie in panels of 4, feature by feature,
// and every leaf has the same number of places: those without a point hold infinity.
import { clearNearest, insertNearest } from "./nearest-list";

/** What a search reads, in one place so that the recursion carries one pointer. */
@unmanaged
class Search {
  /** i32 and f32 per inner node. */
  dimensions: usize;
  splits: usize;
  /** Panels of all leaves, and the point number of each place (i32). */
  panels: usize;
  numbers: usize;
  leaves: i32;
  places: i32;
  features: i32;
  k: i32;
  query: usize;
  scores: usize;
  points: usize;
  /** Distance from the query to the node's box along each feature, f32. */
  offsets: usize;
}

/**
 * The k nearest points of queries [begin, end): `scores` (squared distances) and `points` get k entries per query.
 * `tree` points to {dimensions, splits, panels, numbers, leaves, places, features} as u32. `scratch` has `slot` bytes
 * for each chunk of `grain` queries: 48 and 4 per feature.
 */
export function nearestInTree(
  tree: usize,
  queries: usize,
  stride: i32,
  k: i32,
  scores: usize,
  points: usize,
  scratch: usize,
  slot: i32,
  grain: i32,
  begin: i32,
  end: i32,
): void {
  const own = scratch + <usize>(begin / grain) * <usize>slot;
  memory.copy(own, tree, 28);
  const search = changetype<Search>(own);
  search.k = k;
  search.offsets = own + 48;
  const list = (<usize>k) << 2;
  for (let q = begin; q < end; q++) {
    search.query = queries + ((<usize>q * <usize>stride) << 2);
    search.scores = scores + <usize>q * list;
    search.points = points + <usize>q * list;
    clearNearest(search.scores, search.points, k);
    memory.fill(search.offsets, 0, (<usize>search.features) << 2);
    visit(search, 1, 0);
  }
}

function visit(search: Search, node: i32, distance: f32): void {
  if (node >= search.leaves) {
    scanLeaf(search, node - search.leaves);
    return;
  }
  const dimension = (<usize>load<i32>(search.dimensions + ((<usize>node) << 2))) << 2;
  const delta = load<f32>(search.query + dimension) - load<f32>(search.splits + ((<usize>node) << 2));
  const near = (node << 1) + (delta > 0 ? 1 : 0);
  visit(search, near, distance);
  const at = search.offsets + dimension;
  const offset = load<f32>(at);
  const further = distance - offset * offset + delta * delta;
  // Not pruned at equality: the far side may hold an equally near point with a lower number. A hair of slack covers the
  // rounding of the running sum; candidates are ranked again exactly.
  if (further * 0.99999 > load<f32>(search.scores + ((<usize>(search.k - 1)) << 2))) return;
  store<f32>(at, delta);
  visit(search, near ^ 1, further);
  store<f32>(at, offset);
}

function scanLeaf(search: Search, leaf: i32): void {
  const features = (<usize>search.features) << 2;
  const first = leaf * search.places;
  let panel = search.panels + <usize>first * features;
  const last = search.scores + ((<usize>(search.k - 1)) << 2);
  const query = search.query;
  for (let place = first; place < first + search.places; place += 4) {
    let sum = f32x4.splat(0);
    for (let j: usize = 0; j < features; j += 4) {
      const difference = f32x4.sub(v128.load(panel), v128.load32_splat(query + j));
      sum = f32x4.add(sum, f32x4.mul(difference, difference));
      panel += 16;
    }
    let mask = i32x4.bitmask(f32x4.le(sum, f32x4.splat(load<f32>(last))));
    if (mask == 0) continue;
    const numbers = search.numbers + ((<usize>place) << 2);
    if ((mask & 1) != 0) consider(search, f32x4.extract_lane(sum, 0), load<i32>(numbers));
    if ((mask & 2) != 0) consider(search, f32x4.extract_lane(sum, 1), load<i32>(numbers, 4));
    if ((mask & 4) != 0) consider(search, f32x4.extract_lane(sum, 2), load<i32>(numbers, 8));
    if ((mask & 8) != 0) consider(search, f32x4.extract_lane(sum, 3), load<i32>(numbers, 12));
  }
}

function consider(search: Search, score: f32, point: i32): void {
  const k = search.k;
  const at = (<usize>(k - 1)) << 2;
  const last = load<f32>(search.scores + at);
  if (score < last || (score == last && point < load<i32>(search.points + at))) {
    insertNearest(search.scores, search.points, k, score, point);
  }
}
