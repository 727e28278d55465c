// What the regressor and the classifier of the neighbours within a radius share: the points, their search, and weights.
import { Estimator, type FittedState, type Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Table } from "../base/table.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { checkMetric, METRIC_PARAMS, metricOf } from "./metric.ts";
import { metricSearch } from "./metric-search.ts";
import { WEIGHTS, weighByDistance } from "./neighbor-weights.ts";
import type { NormSearch, Within } from "./norm-search.ts";
import { type PointSet, pointsOf } from "./point-set.ts";

export const RADIUS_PARAMS = {
  radius: {
    type: "float",
    default: 1,
    min: 0,
    exclusiveMin: true,
    doc: "Rows up to this far away are neighbours; in the units of the columns, so scale these first.",
    search: { min: 0.1, max: 10, log: true },
  },
  weights: WEIGHTS,
  ...METRIC_PARAMS,
  algorithm: {
    type: "choice",
    choices: ["auto", "brute", "kdtree", "balltree"],
    default: "auto",
    doc: "How points are searched: all of them, or a tree of boxes or of balls; all find the same, auto takes boxes.",
  },
} as const satisfies ParamTable;

/** Remembers the training rows and looks up all that are near enough; there may be none. */
export abstract class RadiusNeighbors extends Estimator<typeof RADIUS_PARAMS> {
  #memory: { readonly schema: readonly ColumnSchema[]; readonly points: PointSet } | undefined;
  #search: NormSearch | undefined;

  /** Keeps the table's rows as points. */
  protected remember(table: Table): void {
    const columns = numericColumns(table, this.spec.name);
    checkMetric(this.params, columns.length, this.spec.name);
    this.#memory = { schema: tableSchema(table), points: pointsOf(columns, table.rows) };
    this.#search = undefined;
  }

  /** Calls `each` with every row's neighbours and their weights, which are overwritten by the next. */
  protected search(table: Table, each: (row: number, found: Within) => void): void {
    const { schema } = this.#fitted;
    const columns = fittedColumns(schema, table, this.spec.name);
    const find = this.#find();
    const query = new Float64Array(columns.length);
    for (let row = 0; row < table.rows; row++) {
      for (let j = 0; j < query.length; j++) query[j] = columns[j][row];
      each(row, find(query));
    }
  }

  /** A function that finds the neighbours of a row frame and their weights. */
  protected compileSearch(inputs: readonly Slot[]): (frame: Float64Array) => Within {
    const find = this.#find();
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const query = new Float64Array(slots.length);
    return (frame) => {
      for (let j = 0; j < slots.length; j++) query[j] = frame[slots[j]];
      return find(query);
    };
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
    this.#search = undefined;
  }

  // Internal

  get #fitted() {
    if (this.#memory === undefined) throw this.notFitted();
    return this.#memory;
  }

  #find(): (query: Float64Array) => Within {
    const { points } = this.#fitted;
    const { algorithm } = this.params;
    const metric = metricOf(this.params);
    this.#search ??= metricSearch(points, metric, algorithm === "auto" ? "kdtree" : algorithm);
    const find = this.#search.within(metric.rankOf(this.params.radius));
    const place = new Float64Array(metric.width(points.features));
    const isUniform = this.params.weights === "uniform";
    return (query) => {
      metric.place(query, 0, query.length, place, 0);
      const found = find(place);
      const { count, ranks } = found;
      if (isUniform) ranks.fill(1 / count, 0, count);
      else {
        for (let i = 0; i < count; i++) ranks[i] = metric.distanceOf(ranks[i]);
        weighByDistance(ranks, count);
      }
      return found;
    };
  }
}
