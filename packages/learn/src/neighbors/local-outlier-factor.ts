// The local outlier factor: how much sparser it is around a row than around its neighbours, for rows not learned from.
import { defaultRuntime, type KernelRuntime } from "@massif/kernels";
import {
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  OutlierDetector,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import { CONTAMINATION, cutScore } from "../base/contamination.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { buildKdTree, type KdTree } from "./kd-tree.ts";
import { type PointSet, pointsOf } from "./point-set.ts";
import { type Neighbours, RowSearch, visitedShare } from "./row-search.ts";
import { searchTable } from "./table-search.ts";

const PARAMS = {
  k: { type: "int", default: 20, min: 1, doc: "Number of neighbours; all others when there are fewer." },
  contamination: CONTAMINATION,
} as const satisfies ParamTable;

/** A factor of 1 is that of a row as dense as its neighbours; the paper's examples begin to stand out here. */
const OWN_THRESHOLD = 1.5;
/** Keeps the density of rows repeated more than `k` times finite; that of scikit-learn. */
export const LEAST_REACH = 1e-10;
/** Comparing with all points is this much faster per point than walking a tree. */
const MAX_VISITED_SHARE = 0.25;
/** Fewer rows are searched one by one. */
const MIN_KERNEL_ROWS = 32;

interface Densities {
  readonly schema: readonly ColumnSchema[];
  readonly points: PointSet;
  readonly k: number;
  /** Each point's distance to its k-th neighbour. */
  readonly reach: Float64Array;
  /** Each point's local reachability density. */
  readonly density: Float64Array;
  readonly threshold: number;
}

/** Scores rows by the density of their neighbours over their own, less the threshold; columns should be scaled. */
export class LocalOutlierFactor extends OutlierDetector<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "LocalOutlierFactor",
    doc: "Finds rows that lie in much sparser places than their nearest neighbours; needs no target.",
    source: "Breunig, Kriegel, Ng & Sander 2000",
    params: PARAMS,
    task: "outliers",
    input: "matrix",
  };
  #model: Densities | undefined;
  #tree: KdTree | undefined;
  #runtime: KernelRuntime | undefined;

  async fit(table: Table, target: Target | undefined, { runtime }: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    const columns = numericColumns(table, name);
    const { rows } = table;
    if (rows < 2) throw new ShapeError(`${name} needs at least 2 rows to compare, got ${rows}`);
    const k = Math.min(this.params.k, rows - 1);
    const points = pointsOf(columns, rows);
    const tree = buildKdTree(points);
    const numbers = new Int32Array(rows * k);
    const distances = new Float64Array(rows * k);
    searchAll({ points, tree, k: k + 1, columns, runtime }, (row, found) => {
      let kept = 0;
      // The row itself is left out; among many repetitions, where it may not be found, the last one is.
      for (let i = 0; i <= k && kept < k; i++) {
        if (found.numbers[i] === row) continue;
        numbers[row * k + kept] = found.numbers[i];
        distances[row * k + kept++] = Math.sqrt(found.squares[i]);
      }
    });
    const reach = Float64Array.from({ length: rows }, (_, row) => distances[row * k + k - 1]);
    const part = (row: number) => [row * k, row * k + k] as const;
    const density = Float64Array.from({ length: rows }, (_, row) =>
      densityOf(reach, numbers.subarray(...part(row)), distances.subarray(...part(row))),
    );
    const { contamination } = this.params;
    const factor = (_: unknown, row: number) => factorOf(density, numbers.subarray(...part(row)), density[row]);
    const threshold =
      contamination === null ? OWN_THRESHOLD : cutScore(Float64Array.from({ length: rows }, factor), contamination);
    this.#model = { schema: tableSchema(table), points, k, reach, density, threshold };
    this.#tree = tree;
    this.#runtime = runtime;
    return this;
  }

  predict(table: Table): Prediction {
    const model = this.#fitted;
    const { points, k, schema } = model;
    const columns = fittedColumns(schema, table, this.spec.name);
    const values = new Float64Array(table.rows);
    const runtime = this.#runtime === undefined || this.#runtime.closed ? defaultRuntime() : this.#runtime;
    searchAll({ points, tree: this.#kdTree, k, columns, runtime }, (row, found) => {
      values[row] = scoreOf(model, found);
    });
    return { kind: "number", values };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const model = this.#fitted;
    const search = new RowSearch(model.points, this.#kdTree, model.k);
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const query = new Float64Array(slots.length);
    return (frame, out) => {
      for (let j = 0; j < slots.length; j++) query[j] = frame[slots[j]];
      out[0] = scoreOf(model, search.find(query));
    };
  }

  getState(): FittedState {
    const { schema, points, k, reach, density, threshold } = this.#fitted;
    return {
      tensors: {
        points: tensor(points.values, [points.count, points.features]),
        reach: tensor(reach),
        density: tensor(density),
      },
      meta: { columns: schemaToJson(schema), rows: points.count, k, threshold },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const [count, k, threshold] = ["rows", "k", "threshold"].map((name) => {
      const value = readMeta(state, name, owner);
      if (typeof value !== "number") throw new ShapeError(`"${name}" in the state of ${owner} must be a number`);
      return value;
    });
    if (!Number.isInteger(k) || k < 1 || !(k < count)) {
      throw new ShapeError(`the state of ${owner} has ${k} neighbours among ${count} rows`);
    }
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    const points = { count, features: schema.length, values: read("points", count * schema.length) };
    const [reach, density] = [read("reach", count), read("density", count)];
    this.#model = { schema, points, k, reach, density, threshold };
    this.#tree = undefined;
  }

  // Internal

  get #fitted(): Densities {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  get #kdTree(): KdTree {
    this.#tree ??= buildKdTree(this.#fitted.points);
    return this.#tree;
  }
}

// Internal

interface Search {
  readonly points: PointSet;
  readonly tree: KdTree;
  readonly k: number;
  readonly columns: readonly Float64Array[];
  readonly runtime: KernelRuntime;
}

/** Calls `each` with the neighbours of every row of the columns, which are overwritten by the next. */
function searchAll(
  { points, tree, k, columns, runtime }: Search,
  each: (row: number, found: Neighbours) => void,
): void {
  const rows = columns[0]?.length ?? 0;
  if (rows >= MIN_KERNEL_ROWS) {
    const isTreeFaster = tree.leaves > 1 && visitedShare(points, tree, k) <= MAX_VISITED_SHARE;
    searchTable(runtime, { points, tree: isTreeFaster ? tree : undefined, k, columns }, each);
    return;
  }
  const search = new RowSearch(points, tree, k);
  const query = new Float64Array(points.features);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < query.length; j++) query[j] = columns[j][row];
    each(row, search.find(query));
  }
}

/** One over the mean reachability distance: a neighbour is never nearer than its own k-th neighbour is. */
function densityOf(reach: Float64Array, numbers: Int32Array, distances: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += Math.max(distances[i], reach[numbers[i]]);
  return 1 / (sum / numbers.length + LEAST_REACH);
}

function factorOf(density: Float64Array, numbers: Int32Array, own: number): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += density[numbers[i]] / own;
  return sum / numbers.length;
}

/** Turns the squares found into distances, in place. */
function scoreOf({ reach, density, threshold }: Densities, { numbers, squares }: Neighbours): number {
  for (let i = 0; i < squares.length; i++) squares[i] = Math.sqrt(squares[i]);
  return factorOf(density, numbers, densityOf(reach, numbers, squares)) - threshold;
}
