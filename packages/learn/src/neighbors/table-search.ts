// Nearest neighbours of many rows: kernels find slightly more candidates than asked for in float32, and these are
// ranked again in float64, so that rounding decides nothing.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { type DenseRows, packRows } from "../matrix/dense-rows.ts";
import type { KdTree } from "./kd-tree.ts";
import { centre, type PointSet } from "./point-set.ts";
import { insert, type Neighbours, squareDistance } from "./row-search.ts";

/** Queries per call: their candidate lists stay small however many rows there are. */
const QUERIES = 16_384;
const BRUTE_GRAIN = 64;
const TREE_GRAIN = 256;
const PACK_GRAIN = 4096;
/** Floats per panel of the brute search, and places per panel of a leaf. */
const PANEL = 8;
const LEAF_PANEL = 4;

/** Candidates kept for `k` neighbours: float32 may confuse the order of the last few. */
function candidates(k: number, count: number): number {
  return Math.min(count, k + Math.max(4, Math.ceil(k / 8)));
}

/** Calls `each` for every row of the columns, in order, with its k nearest points; without a tree by brute force. */
export function searchTable(
  runtime: KernelRuntime,
  {
    points,
    tree,
    k,
    columns,
  }: { points: PointSet; tree: KdTree | undefined; k: number; columns: readonly Float64Array[] },
  each: (row: number, found: Neighbours) => void,
): void {
  const shift = centre(points);
  const rows = columns[0].length;
  runtime.scope((memory) => {
    const kept = candidates(k, points.count);
    const search =
      tree === undefined
        ? laidBrute(runtime, memory, points, shift)
        : laidTree(runtime, memory, { points, shift, tree });
    const query = new Float64Array(points.features);
    const found = { numbers: new Int32Array(k), squares: new Float64Array(k) };
    for (let begin = 0; begin < rows; begin += QUERIES) {
      const count = Math.min(QUERIES, rows - begin);
      const numbers = runtime.scope((inner) => {
        const block = columns.map((values, j) => values.subarray(begin, begin + count).map((v) => v - shift[j]));
        return search(queriesOf(runtime, inner, block, count), kept, inner);
      });
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < query.length; j++) query[j] = columns[j][begin + i];
        rank(found, { k, query, points, list: numbers.subarray(i * kept, (i + 1) * kept) });
        each(begin + i, found);
      }
    }
  });
}

// Internal

/** Finds `kept` candidates per query: their numbers, query after query. */
type CandidateSearch = (queries: DenseRows, kept: number, memory: Allocations) => Int32Array;

/** Query rows; the brute kernel reads up to a multiple of 4. */
function queriesOf(
  runtime: KernelRuntime,
  memory: Allocations,
  columns: readonly Float64Array[],
  count: number,
): DenseRows {
  return { ...packRows(runtime, memory, { columns, rows: roundUp(count, 4), intercept: false }), rows: count };
}

function laidBrute(
  runtime: KernelRuntime,
  memory: Allocations,
  points: PointSet,
  shift: Float64Array,
): CandidateSearch {
  const { count, features, values } = points;
  const padded = roundUp(count, PANEL);
  const panels = memory.alloc(padded * features * 4);
  const halves = memory.alloc(padded * 4);
  runtime.scope((inner) => {
    const rows = inner.alloc(count * features * 4);
    const view = runtime.f32(rows, count * features);
    for (let i = 0; i < values.length; i++) view[i] = values[i] - shift[i % features];
    runtime.parallel("packPanels", [rows, features, features, count, panels, halves], padded, PACK_GRAIN);
  });
  return ({ pointer, stride, rows }, kept, inner) =>
    runLists(runtime, inner, { rows, kept }, (scores, numbers) => {
      const args = [panels, halves, padded / PANEL, features, pointer, stride, kept, scores, numbers];
      runtime.parallel("nearestBrute", args, rows, BRUTE_GRAIN);
    });
}

function laidTree(
  runtime: KernelRuntime,
  memory: Allocations,
  { points, shift, tree }: { points: PointSet; shift: Float64Array; tree: KdTree },
): CandidateSearch {
  const { features } = points;
  const places = roundUp(Math.ceil(points.count / tree.leaves), LEAF_PANEL);
  const dimensions = memory.alloc(tree.leaves * 4);
  runtime.i32(dimensions, tree.leaves).set(tree.dimensions);
  const splits = memory.alloc(tree.leaves * 4);
  runtime.f32(splits, tree.leaves).set(tree.splits.map((value, node) => value - shift[tree.dimensions[node]]));
  const panels = memory.alloc(tree.leaves * places * features * 4);
  const numbers = memory.alloc(tree.leaves * places * 4);
  fillLeaves(runtime.f32(panels, tree.leaves * places * features), runtime.i32(numbers, tree.leaves * places), {
    points,
    shift,
    tree,
    places,
  });
  const header = memory.alloc(32);
  runtime.u32(header, 7).set([dimensions, splits, panels, numbers, tree.leaves, places, features]);
  return ({ pointer, stride, rows }, kept, inner) =>
    runLists(runtime, inner, { rows, kept }, (scores, found) => {
      const slot = roundUp(48 + 4 * features, 16);
      const scratch = inner.alloc(Math.ceil(rows / TREE_GRAIN) * slot);
      const args = [header, pointer, stride, kept, scores, found, scratch, slot, TREE_GRAIN];
      runtime.parallel("nearestInTree", args, rows, TREE_GRAIN);
    });
}

/** Writes every leaf's points into its panels; places without a point are infinitely far. */
function fillLeaves(
  panels: Float32Array,
  numbers: Int32Array,
  { points, shift, tree, places }: { points: PointSet; shift: Float64Array; tree: KdTree; places: number },
): void {
  const { features, values } = points;
  panels.fill(Number.POSITIVE_INFINITY);
  numbers.fill(0x7fffffff);
  for (let leaf = 0; leaf < tree.leaves; leaf++) {
    const begin = tree.starts[leaf];
    for (let i = begin; i < tree.starts[leaf + 1]; i++) {
      const place = leaf * places + (i - begin);
      const number = tree.order[i];
      numbers[place] = number;
      const panel = (place - (place % LEAF_PANEL)) * features + (place % LEAF_PANEL);
      for (let j = 0; j < features; j++) panels[panel + j * LEAF_PANEL] = values[number * features + j] - shift[j];
    }
  }
}

function runLists(
  runtime: KernelRuntime,
  memory: Allocations,
  { rows, kept }: { rows: number; kept: number },
  run: (scores: Pointer, numbers: Pointer) => void,
): Int32Array {
  const scores = memory.alloc(rows * kept * 4);
  const numbers = memory.alloc(rows * kept * 4);
  run(scores, numbers);
  return runtime.i32(numbers, rows * kept).slice();
}

/** The k nearest of the candidates, exactly. */
function rank(
  found: Neighbours,
  { k, query, points, list }: { k: number; query: Float64Array; points: PointSet; list: Int32Array },
): void {
  found.squares.fill(Number.POSITIVE_INFINITY);
  found.numbers.fill(0x7fffffff);
  for (const number of list) {
    const square = squareDistance(query, points.values, number * points.features);
    const last = found.squares[k - 1];
    if (square < last || (square === last && number < found.numbers[k - 1])) insert(found, k, square, number);
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
