// Clusters of any shape: rows in dense places, joined where they are near one another; the rest is noise.
import {
  Clusterer,
  type EstimatorSpec,
  type FitContext,
  type FittedState,
  type RowPredict,
  type Slot,
} from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { nearest } from "../matrix/most-probable.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { noTarget } from "../matrix/target-values.ts";
import { PointTree } from "./point-tree.ts";

const PARAMS = {
  radius: {
    type: "float",
    default: 0.5,
    min: 0,
    exclusiveMin: true,
    doc: "Rows at most this far apart are near one another (scikit-learn: eps).",
    search: { min: 0.05, max: 5, log: true },
  },
  minRows: {
    type: "int",
    default: 5,
    min: 1,
    doc: "A row with so many rows near it, itself included, is the core of a cluster.",
    search: { min: 2, max: 20 },
  },
} as const satisfies ParamTable;

interface Cores {
  readonly schema: readonly ColumnSchema[];
  readonly radius: number;
  /** Clusters that were found; noise is one more. */
  readonly found: number;
  /** The core rows, row-major, those of cluster 0 first. */
  readonly points: Float64Array;
  /** Core rows of each cluster. */
  readonly sizes: Uint32Array;
  readonly trees: readonly PointTree[];
}

/**
 * Finds dense clusters; cluster 0 has most core rows, by weight. The last cluster is the noise: its distance is `radius` for every
 * row, so that a row is in the cluster of its nearest core row, or noise when none is within the radius.
 */
export class DBSCAN extends Clusterer<typeof PARAMS> {
  readonly spec: EstimatorSpec<typeof PARAMS> = {
    name: "DBSCAN",
    doc: "Groups rows in dense places, of any shape and number; the last cluster holds the rows that belong nowhere.",
    source: "Ester, Kriegel, Sander & Xu 1996, A Density-Based Algorithm for Discovering Clusters",
    params: PARAMS,
    task: "clustering",
    input: "matrix",
    weights: "exact",
  };
  #model: Cores | undefined;

  /** Clusters that were found and the noise. */
  get clusters(): number {
    return this.#fitted.found + 1;
  }

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name } = this.spec;
    noTarget(target, name);
    if (table.rows === 0) throw new ShapeError("the table has no rows to learn from");
    const columns = numericColumns(table, name);
    const weights = rowWeights(context, table.rows, this.spec);
    const rows = rowsOf(columns);
    const cores = joinCores(rows, columns.length, { ...this.params, weights });
    await context.report({ step: 1, total: 1, unit: "pass" });
    const weightOf = (group: readonly number[]) => group.reduce((sum, row) => sum + (weights?.[row] ?? 1), 0);
    const groups = [...cores].sort((a, b) => weightOf(b) - weightOf(a) || a[0] - b[0]);
    const points = new Float64Array(groups.flat().length * columns.length);
    groups.flat().forEach((row, to) => {
      points.set(rows.subarray(row * columns.length, (row + 1) * columns.length), to * columns.length);
    });
    const sizes = Uint32Array.from(groups, (group) => group.length);
    this.#keep({ schema: tableSchema(table), radius: this.params.radius, points, sizes });
    return this;
  }

  predict(table: Table): Prediction {
    const { schema, found } = this.#fitted;
    const rows = rowsOf(fittedColumns(schema, table, this.spec.name));
    const clusters = found + 1;
    const distances = new Float64Array(table.rows * clusters);
    for (let i = 0; i < table.rows; i++) {
      const row = rows.subarray(i * schema.length, (i + 1) * schema.length);
      this.#measure(row, distances.subarray(i * clusters, (i + 1) * clusters));
    }
    return { kind: "cluster", clusters, codes: nearest(distances, clusters), distances };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    this.#fitted;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    return (frame, out) => {
      let isMissing = false;
      for (let j = 0; j < slots.length; j++) {
        row[j] = frame[slots[j]];
        if (Number.isNaN(row[j])) isMissing = true;
      }
      if (isMissing) out.fill(Number.NaN);
      else this.#measure(row, out);
    };
  }

  getState(): FittedState {
    const { schema, radius, points, sizes } = this.#fitted;
    return {
      tensors: { points: tensor(points, [points.length / schema.length, schema.length]), sizes: tensor(sizes) },
      meta: { columns: schemaToJson(schema), radius, found: sizes.length },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const [radius, found] = [readMeta(state, "radius", owner), readMeta(state, "found", owner)];
    if (typeof radius !== "number" || !(radius > 0)) throw new ShapeError(`"radius" of ${owner} must be a number > 0`);
    if (typeof found !== "number" || schema.length === 0) {
      throw new ShapeError(`${owner} must have columns and a number of clusters`);
    }
    const sizes = readTensor(state, "sizes", { owner, type: Uint32Array, length: found });
    const length = sizes.reduce((sum, size) => sum + size, 0) * schema.length;
    const points = readTensor(state, "points", { owner, type: Float64Array, length });
    if (sizes.includes(0) || !points.every(Number.isFinite)) {
      throw new ShapeError(`every cluster of ${owner} must have core rows of finite numbers`);
    }
    this.#keep({ schema, radius, points, sizes });
  }

  // Internal

  get #fitted(): Cores {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  #keep({ schema, radius, points, sizes }: Pick<Cores, "schema" | "radius" | "points" | "sizes">): void {
    let begin = 0;
    const trees = Array.from(sizes, (size) => {
      const own = points.subarray(begin * schema.length, (begin + size) * schema.length);
      begin += size;
      return new PointTree(own, schema.length);
    });
    this.#model = { schema, radius, points, sizes, found: sizes.length, trees };
  }

  #measure(row: Float64Array, out: Float64Array): void {
    const { trees, radius } = this.#fitted;
    // As the search does: what is within the radius is nearer than the noise, its border included.
    for (let k = 0; k < trees.length; k++) out[k] = Math.sqrt(trees[k].nearestSquare(row, Number.POSITIVE_INFINITY));
    out[trees.length] = radius;
    for (let k = 0; k < trees.length; k++) if (out[k] ** 2 <= radius * radius) out[k] = Math.min(out[k], radius);
  }
}

// Internal

function rowsOf(columns: readonly Float64Array[]): Float64Array {
  const rows = new Float64Array(columns[0].length * columns.length);
  columns.forEach((values, j) => {
    for (let i = 0; i < values.length; i++) rows[i * columns.length + j] = values[i];
  });
  return rows;
}

interface Density {
  readonly radius: number;
  readonly minRows: number;
  readonly weights?: Float64Array;
}

/** The core rows, grouped by what is joined; rows without weight belong to no group. */
function joinCores(rows: Float64Array, features: number, { radius, minRows, weights }: Density): number[][] {
  const tree = new PointTree(rows, features);
  const count = rows.length / features;
  const row = (i: number) => rows.subarray(i * features, (i + 1) * features);
  const isCore = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (weights?.[i] === 0) continue;
    let near = 0;
    tree.within(row(i), radius, (other) => {
      near += weights?.[other] ?? 1;
    });
    if (near >= minRows) isCore[i] = 1;
  }
  const groups: number[][] = [];
  for (let i = 0; i < count; i++) {
    if (isCore[i] !== 1) continue;
    const group = [i];
    isCore[i] = 2;
    for (let at = 0; at < group.length; at++) {
      tree.within(row(group[at]), radius, (other) => {
        if (isCore[other] !== 1) return;
        isCore[other] = 2;
        group.push(other);
      });
    }
    groups.push(group.sort((a, b) => a - b));
  }
  return groups;
}
