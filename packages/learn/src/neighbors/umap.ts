// UMAP: rows placed in few dimensions so that neighbours stay neighbours. umap-js lays the training rows out, by our exact
// neighbours; where a new row belongs is computed here, as it must be the same alone and among others.
import { UMAP as Layout } from "umap-js";
import {
  type FitContext,
  type FittedState,
  type RowTransform,
  type Slot,
  Transformer,
  type TransformerSpec,
} from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { Random } from "../base/random.ts";
import { alignTable, checkTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table, Target } from "../base/table.ts";
import { filledRows, numberValues } from "../matrix/filled-rows.ts";
import { checkMetric, METRIC_PARAMS, metricOf } from "./metric.ts";
import { metricSearch } from "./metric-search.ts";
import { neighbourLists } from "./neighbour-lists.ts";
import type { NormSearch } from "./norm-search.ts";
import type { PointSet } from "./point-set.ts";
import { placeAmong } from "./soft-place.ts";

const params = {
  components: { type: "int", default: 2, min: 1, max: 100, doc: "Dimensions to place the rows in." },
  neighbors: {
    type: "int",
    default: 15,
    min: 2,
    doc: "Rows, the row itself among them, whose nearness is kept: few show detail, many the whole; all when there are fewer.",
    search: { min: 5, max: 50, log: true },
  },
  minDistance: {
    type: "float",
    default: 0.1,
    min: 0,
    max: 1,
    doc: "How close rows may come to lie: small values make tight clumps.",
  },
  epochs: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    max: 100_000,
    doc: "Passes over all pairs of neighbours; null: 500 for up to 2500 rows, fewer for more.",
  },
  ...METRIC_PARAMS,
  prefix: { type: "string", default: "umap", doc: "Dimensions are called by it and their number from 1." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "UMAP",
  doc: "Places rows in two or a few dimensions, so that rows that are near one another stay so: for pictures and for clusters.",
  source: "McInnes, Healy & Melville 2018",
  accepts: ["number"],
  params,
};

/** With fewer rows there is no neighbour to choose. */
const LEAST_ROWS = 3;

interface Model {
  readonly inputs: readonly ColumnSchema[];
  readonly points: PointSet;
  /** Rows × components. */
  readonly places: Float64Array;
}

/**
 * Learns a place for every training row, and gives new rows the mean place of their neighbours, nearer ones counting more;
 * columns should be scaled. Rows with a missing value have no place; in training it counts as the mean.
 */
export class UMAP extends Transformer<typeof params> {
  readonly spec = spec;
  #fitted: Model | undefined;
  #search: NormSearch | undefined;

  async fit(table: Table, _target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const columns = numberValues(table, spec.name);
    checkTable(table);
    checkMetric(this.params, columns.length, spec.name);
    const { rows } = table;
    const points = { count: rows, features: columns.length, values: filledRows(columns, rows) };
    const places = new Float64Array(rows * this.params.components);
    if (rows >= LEAST_ROWS && columns.length > 0) await this.#layOut(points, places, context);
    this.#fitted = { inputs: tableSchema(table), points, places };
    this.#search = undefined;
    return this;
  }

  transform(table: Table): Table {
    const { inputs } = this.#model;
    const aligned = alignTable(inputs, table, spec.name).columns as readonly NumberColumn[];
    const made = this.outputs().map(({ name }): NumberColumn => {
      return { kind: "number", name, values: new Float64Array(table.rows) };
    });
    const [row, find] = [new Float64Array(inputs.length), this.#finder()];
    for (let i = 0; i < table.rows; i++) {
      for (let j = 0; j < row.length; j++) row[j] = aligned[j].values[i];
      const place = find(row);
      for (let k = 0; k < made.length; k++) made[k].values[i] = place[k];
    }
    return { rows: table.rows, columns: made };
  }

  outputs(): readonly ColumnSchema[] {
    if (this.#fitted === undefined) throw this.notFitted();
    const { components, prefix } = this.params;
    return Array.from({ length: components }, (_, k) => ({ name: `${prefix}${k + 1}`, kind: "number" as const }));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const [row, find] = [new Float64Array(from.length), this.#finder()];
    return (frame) => {
      for (let j = 0; j < from.length; j++) row[j] = frame[from[j]];
      const place = find(row);
      for (let k = 0; k < to.length; k++) frame[to[k]] = place[k];
    };
  }

  getState(): FittedState {
    const { inputs, points, places } = this.#model;
    const { count, features, values } = points;
    return {
      tensors: { points: tensor(values, [count, features]), places: tensor(places, [count, this.params.components]) },
      meta: { inputs: schemaToJson(inputs), rows: count },
    };
  }

  setState(state: FittedState): void {
    const owner = spec.name;
    const inputs = schemaFromJson(readMeta(state, "inputs", owner), owner);
    const count = readMeta(state, "rows", owner);
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0) {
      throw new ShapeError(`"rows" in the state of ${owner} must be a number of rows`);
    }
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    const points = { count, features: inputs.length, values: read("points", count * inputs.length) };
    this.#fitted = { inputs, points, places: read("places", count * this.params.components) };
    this.#search = undefined;
  }

  // Internal

  get #model(): Model {
    if (this.#fitted === undefined) throw this.notFitted();
    return this.#fitted;
  }

  async #layOut(points: PointSet, places: Float64Array, { runtime, seed, report }: FitContext): Promise<void> {
    const { components, minDistance, epochs } = this.params;
    const neighbors = Math.min(this.params.neighbors, points.count - 1);
    const lists = neighbourLists(points, { metric: metricOf(this.params), k: neighbors - 1, runtime });
    const random = new Random(seed + 1);
    const layout = new Layout({
      nComponents: components,
      nNeighbors: neighbors,
      minDist: minDistance,
      nEpochs: epochs ?? 0,
      random: () => random.uniform(),
    });
    // The row itself comes first, at distance 0, as in the paper's code.
    const own = lists.map(({ numbers }, row) => [row, ...numbers]);
    const away = lists.map(({ distances }) => [0, ...distances]);
    layout.setPrecomputedKNN(own, away);
    const total = layout.initializeFit(own);
    for (let step = 1; step <= total; step++) {
      layout.step();
      await report({ step, total, unit: "epoch" });
    }
    for (const [row, place] of layout.getEmbedding().entries()) places.set(place, row * components);
  }

  /** A function that gives a row's place, in what it overwrites each time. */
  #finder(): (row: Float64Array) => Float64Array {
    const { points, places } = this.#model;
    const place = new Float64Array(this.params.components);
    if (points.count === 0 || points.features === 0) return () => place;
    const metric = metricOf(this.params);
    this.#search ??= metricSearch(points, metric, "kdtree");
    const nearest = this.#search.nearest(Math.min(this.params.neighbors, points.count));
    const query = new Float64Array(metric.width(points.features));
    return (row) => {
      for (let j = 0; j < row.length; j++) if (Number.isNaN(row[j])) return place.fill(Number.NaN);
      metric.place(row, 0, row.length, query, 0);
      const { numbers, squares } = nearest(query);
      for (let i = 0; i < squares.length; i++) squares[i] = metric.distanceOf(squares[i]);
      placeAmong({ numbers, distances: squares }, places, place);
      return place;
    };
  }
}
