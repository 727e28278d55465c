// What the regressor and the classifier of the nearest neighbours share: the points, both searches, and weights.
import { defaultRuntime, type KernelRuntime } from "@massif/kernels";
import { Estimator, type FitContext, type FittedState, type Slot } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Table } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { buildKdTree, type KdTree } from "./kd-tree.ts";
import { checkMetric, METRIC_PARAMS, type Metric, metricOf } from "./metric.ts";
import { metricSearch } from "./metric-search.ts";
import { WEIGHTS, weighByDistance } from "./neighbor-weights.ts";
import type { NormSearch } from "./norm-search.ts";
import { type PointSet, pointsOf } from "./point-set.ts";
import { type Neighbours, RowSearch, visitedShare } from "./row-search.ts";
import { SmallWorld } from "./small-world.ts";
import { searchTable } from "./table-search.ts";

export const NEIGHBOR_PARAMS = {
  k: { type: "int", default: 5, min: 1, doc: "Number of neighbours.", search: { min: 1, max: 50, log: true } },
  weights: WEIGHTS,
  ...METRIC_PARAMS,
  algorithm: {
    type: "choice",
    choices: ["auto", "brute", "kdtree", "balltree", "hnsw"],
    default: "auto",
    doc: "How points are searched: all of them, or a tree of boxes or of balls, which all find the same, and auto tries which is faster; hnsw finds nearly all of the nearest by walking a graph, which takes a while to make: for very many rows, asked for one at a time.",
  },
  kept: {
    type: "int",
    default: 64,
    min: 1,
    max: 10_000,
    doc: "Of hnsw: points kept in mind while searching, at least `k`; with more it misses fewer of the nearest and takes longer.",
  },
} as const satisfies ParamTable;

/** Comparing with all points is this much faster per point than walking a tree. */
const MAX_VISITED_SHARE = 0.25;
/** Fewer rows are searched one by one: laying the points out for the kernels would cost more. */
const MIN_KERNEL_ROWS = 32;

interface Memory {
  readonly schema: readonly ColumnSchema[];
  readonly points: PointSet;
}

/** Finds the neighbours of a row; they are overwritten by the next search. */
type Find = (query: Float64Array) => Neighbours;

/** Remembers the training rows and looks up the nearest ones; distances add up columns, so these should be scaled. */
export abstract class KNeighbors extends Estimator<typeof NEIGHBOR_PARAMS> {
  #memory: Memory | undefined;
  #tree: KdTree | undefined;
  /** Of the leaves, by a search of the tree. */
  #visitedShare: number | undefined;
  /** For metrics that have no kernel, and for balls. */
  #normSearch: NormSearch | undefined;
  #world: SmallWorld | undefined;
  #runtime: KernelRuntime | undefined;

  /** Keeps the table's rows as points, and the runtime to search them with as long as it is open. */
  protected async remember(table: Table, { runtime, seed, report }: FitContext): Promise<void> {
    const columns = numericColumns(table, this.spec.name);
    if (this.params.k > table.rows) {
      throw new ParamError(
        "k",
        `\`k\` of ${this.spec.name} must be at most the ${table.rows} rows, got ${this.params.k}`,
      );
    }
    checkMetric(this.params, columns.length, this.spec.name);
    const points = pointsOf(columns, table.rows);
    this.#forgetTree();
    if (this.params.algorithm === "hnsw") {
      const tell = (step: number) => report({ step, total: table.rows, unit: "row" });
      this.#world = await SmallWorld.build(points, this.#metric, { seed: seed + 1, tell });
    }
    this.#memory = { schema: tableSchema(table), points };
    this.#runtime = runtime;
  }

  /** Calls `each` with every row's neighbours, which are overwritten by the next. */
  protected search(table: Table, each: (row: number, found: Neighbours) => void): void {
    const { schema, points } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const { k } = this.params;
    // The kernels know the Euclidean distance, all points and boxes alone.
    const { algorithm } = this.params;
    const isWalked = algorithm === "balltree" || algorithm === "hnsw";
    if (table.rows < MIN_KERNEL_ROWS || !this.#metric.isPlain || isWalked) {
      const find = this.#find();
      const query = new Float64Array(points.features);
      for (let i = 0; i < table.rows; i++) {
        for (let j = 0; j < query.length; j++) query[j] = columns[j][i];
        each(i, find(query));
      }
      return;
    }
    const tree = this.#isTreeFaster ? this.#kdTree : undefined;
    const runtime = this.#runtime === undefined || this.#runtime.closed ? defaultRuntime() : this.#runtime;
    searchTable(runtime, { points, tree: tree?.leaves === 1 ? undefined : tree, k, columns }, each);
  }

  /** A function that finds the neighbours of a row frame. */
  protected compileSearch(inputs: readonly Slot[]): (frame: Float64Array) => Neighbours {
    const find = this.#find();
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const query = new Float64Array(slots.length);
    return (frame) => {
      for (let j = 0; j < slots.length; j++) query[j] = frame[slots[j]];
      return find(query);
    };
  }

  /** Turns what was found into weights that sum to 1, in place. */
  protected weigh({ squares }: Neighbours): Float64Array {
    const k = squares.length;
    if (this.params.weights === "uniform") return squares.fill(1 / k);
    const metric = this.#metric;
    for (let i = 0; i < k; i++) squares[i] = metric.distanceOf(squares[i]);
    weighByDistance(squares, k);
    return squares;
  }

  /** The points as a state, to which subclasses add their targets. */
  protected packPoints(): FittedState {
    const { schema, points } = this.#fitted;
    const own = { points: tensor(points.values, [points.count, points.features]) };
    const graph = this.#world?.graph;
    const linked = graph && { levels: tensor(graph.levels), links: tensor(graph.links) };
    return { tensors: { ...own, ...linked }, meta: { columns: schemaToJson(schema) } };
  }

  /** Takes over the points of a state. */
  protected unpackPoints(state: FittedState, count: number): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const features = schema.length;
    if (this.params.k > count) throw new ShapeError(`the state of ${owner} has ${count} rows, fewer than its \`k\``);
    const values = readTensor(state, "points", { owner, type: Float64Array, length: count * features });
    const points = { count, features, values };
    const levels = () => readTensor(state, "levels", { owner, type: Uint8Array });
    const links = () => readTensor(state, "links", { owner, type: Int32Array });
    const isLinked = this.params.algorithm === "hnsw";
    const graph = isLinked ? { levels: levels(), links: links() } : undefined;
    this.#forgetTree();
    this.#world = graph && SmallWorld.restore(points, this.#metric, { graph, owner });
    this.#memory = { schema, points };
  }

  // Internal

  get #fitted(): Memory {
    if (this.#memory === undefined) throw this.notFitted();
    return this.#memory;
  }

  get #metric(): Metric {
    return metricOf(this.params);
  }

  /** A search for single rows, in the metric's space. */
  #find(): Find {
    const { points } = this.#fitted;
    const { k, algorithm, kept } = this.params;
    const metric = this.#metric;
    if (metric.isPlain && algorithm !== "balltree" && algorithm !== "hnsw") {
      const search = new RowSearch(points, this.#kdTree, k);
      return (query) => search.find(query);
    }
    const find = this.#world?.nearest(k, kept) ?? this.#searchBy(algorithm).nearest(k);
    const place = new Float64Array(metric.width(points.features));
    return (query) => {
      metric.place(query, 0, query.length, place, 0);
      return find(place);
    };
  }

  #searchBy(algorithm: string): NormSearch {
    const search = algorithm === "brute" || algorithm === "balltree" ? algorithm : "kdtree";
    this.#normSearch ??= metricSearch(this.#fitted.points, this.#metric, search);
    return this.#normSearch;
  }

  #forgetTree(): void {
    this.#world = undefined;
    this.#tree = undefined;
    this.#visitedShare = undefined;
    this.#normSearch = undefined;
  }

  get #kdTree(): KdTree {
    this.#tree ??= buildKdTree(this.#fitted.points);
    return this.#tree;
  }

  /** Whether kernels search tables faster by the tree. Single rows are always looked up in it: they have no kernel. */
  get #isTreeFaster(): boolean {
    const { algorithm, k } = this.params;
    if (algorithm !== "auto") return algorithm === "kdtree";
    const { points } = this.#fitted;
    this.#visitedShare ??= visitedShare(points, this.#kdTree, k);
    return this.#visitedShare <= MAX_VISITED_SHARE;
  }
}
