// What the regressor and the classifier of the nearest neighbours share: the points, both searches, and weights.
import { defaultRuntime, type KernelRuntime } from "@massif/kernels";
import { Estimator, type FitContext, type FittedState, type Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Table } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { buildKdTree, type KdTree } from "./kd-tree.ts";
import { type PointSet, pointsOf } from "./point-set.ts";
import { type Neighbours, RowSearch, visitedShare } from "./row-search.ts";
import { searchTable } from "./table-search.ts";

export const NEIGHBOR_PARAMS = {
  k: { type: "int", default: 5, min: 1, doc: "Number of neighbours.", search: { min: 1, max: 50, log: true } },
  weights: {
    type: "choice",
    choices: ["uniform", "distance"],
    default: "uniform",
    doc: "Whether all neighbours count the same, or by the inverse of their distance.",
  },
  algorithm: {
    type: "choice",
    choices: ["auto", "brute", "kdtree"],
    default: "auto",
    doc: "How tables are searched: all points or a tree; auto tries which is faster. Both find the same.",
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

/** Remembers the training rows and looks up the nearest ones; distances are Euclidean, so columns should be scaled. */
export abstract class KNeighbors extends Estimator<typeof NEIGHBOR_PARAMS> {
  #memory: Memory | undefined;
  #tree: KdTree | undefined;
  /** Of the leaves, by a search of the tree. */
  #visitedShare: number | undefined;
  #runtime: KernelRuntime | undefined;

  /** Keeps the table's rows as points, and the runtime to search them with as long as it is open. */
  protected remember(table: Table, { runtime }: FitContext): void {
    const columns = numericColumns(table, this.spec.name);
    if (this.params.k > table.rows) {
      throw new ParamError(
        "k",
        `\`k\` of ${this.spec.name} must be at most the ${table.rows} rows, got ${this.params.k}`,
      );
    }
    this.#memory = { schema: tableSchema(table), points: pointsOf(columns, table.rows) };
    this.#runtime = runtime;
    this.#forgetTree();
  }

  /** Calls `each` with every row's neighbours, which are overwritten by the next. */
  protected search(table: Table, each: (row: number, found: Neighbours) => void): void {
    const { schema, points } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const { k } = this.params;
    if (table.rows < MIN_KERNEL_ROWS) {
      const search = this.rowSearch();
      const query = new Float64Array(points.features);
      for (let i = 0; i < table.rows; i++) {
        for (let j = 0; j < query.length; j++) query[j] = columns[j][i];
        each(i, search.find(query));
      }
      return;
    }
    const tree = this.#isTreeFaster ? this.#kdTree : undefined;
    const runtime = this.#runtime === undefined || this.#runtime.closed ? defaultRuntime() : this.#runtime;
    searchTable(runtime, { points, tree: tree?.leaves === 1 ? undefined : tree, k, columns }, each);
  }

  /** A search for single rows. */
  protected rowSearch(): RowSearch {
    return new RowSearch(this.#fitted.points, this.#kdTree, this.params.k);
  }

  /** A function that finds the neighbours of a row frame. */
  protected compileSearch(inputs: readonly Slot[]): (frame: Float64Array) => Neighbours {
    const search = this.rowSearch();
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const query = new Float64Array(slots.length);
    return (frame) => {
      for (let j = 0; j < slots.length; j++) query[j] = frame[slots[j]];
      return search.find(query);
    };
  }

  /** Turns squared distances into weights that sum to 1, in place. */
  protected weigh({ squares }: Neighbours): Float64Array {
    const k = squares.length;
    if (this.params.weights === "uniform") return squares.fill(1 / k);
    // Points at distance 0 leave no weight for others.
    const isExact = squares[0] === 0;
    let sum = 0;
    for (let i = 0; i < k; i++) {
      squares[i] = isExact ? (squares[i] === 0 ? 1 : 0) : 1 / Math.sqrt(squares[i]);
      sum += squares[i];
    }
    for (let i = 0; i < k; i++) squares[i] /= sum;
    return squares;
  }

  /** The points as a state, to which subclasses add their targets. */
  protected packPoints(): FittedState {
    const { schema, points } = this.#fitted;
    return {
      tensors: { points: tensor(points.values, [points.count, points.features]) },
      meta: { columns: schemaToJson(schema) },
    };
  }

  /** Takes over the points of a state. */
  protected unpackPoints(state: FittedState, count: number): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const features = schema.length;
    const values = readTensor(state, "points", { owner, type: Float64Array, length: count * features });
    this.#memory = { schema, points: { count, features, values } };
    this.#forgetTree();
  }

  // Internal

  get #fitted(): Memory {
    if (this.#memory === undefined) throw this.notFitted();
    return this.#memory;
  }

  #forgetTree(): void {
    this.#tree = undefined;
    this.#visitedShare = undefined;
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
