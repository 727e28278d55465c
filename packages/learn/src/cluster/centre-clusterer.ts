// Clusterers that answer with the nearest of some centres: what they share once the centres are known.
import { Clusterer, type FittedState, type RowPredict, type Slot } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { schemaFromJson, schemaToJson } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table } from "../base/table.ts";
import { nearest } from "../matrix/most-probable.ts";
import { fittedColumns } from "../matrix/numeric-columns.ts";

/** Centres in the columns' units. */
export interface Centres {
  readonly schema: readonly ColumnSchema[];
  readonly clusters: number;
  /** clusters × features, row-major. */
  readonly centres: Float64Array;
  /** Rows of each cluster, or the sum of their weights. */
  readonly counts: Float64Array;
  readonly iterations: number;
  readonly inertia: number;
}

/** Puts a row to the nearest centre; distances are Euclidean. */
export abstract class CentreClusterer<T extends ParamTable> extends Clusterer<T> {
  #model: Centres | undefined;

  get clusters(): number {
    return this.model.clusters;
  }

  predict(table: Table): Prediction {
    const { schema, centres, clusters } = this.model;
    const columns = fittedColumns(schema, table, this.spec.name);
    const distances = new Float64Array(table.rows * clusters);
    for (let i = 0; i < table.rows; i++) {
      for (let k = 0; k < clusters; k++) {
        let sum = 0;
        for (let j = 0; j < columns.length; j++) {
          const difference = columns[j][i] - centres[k * columns.length + j];
          sum += difference * difference;
        }
        distances[i * clusters + k] = Math.sqrt(sum);
      }
    }
    return { kind: "cluster", clusters, codes: nearest(distances, clusters), distances };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const { centres, clusters } = this.model;
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    return (frame, out) => {
      for (let k = 0; k < clusters; k++) {
        let sum = 0;
        for (let j = 0; j < slots.length; j++) {
          const difference = frame[slots[j]] - centres[k * slots.length + j];
          sum += difference * difference;
        }
        out[k] = Math.sqrt(sum);
      }
    };
  }

  getState(): FittedState {
    const { schema, centres, clusters, counts, iterations, inertia } = this.model;
    return {
      tensors: { centres: tensor(centres, [clusters, schema.length]), counts: tensor(counts) },
      meta: { columns: schemaToJson(schema), clusters, iterations, inertia },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const [clusters, iterations, inertia] = ["clusters", "iterations", "inertia"].map((name) => {
      const value = readMeta(state, name, owner);
      if (typeof value !== "number") throw new ShapeError(`"${name}" in the state of ${owner} must be a number`);
      return value;
    });
    if (!Number.isInteger(clusters) || clusters < 1) throw new ShapeError(`${owner} cannot have ${clusters} clusters`);
    const how = { owner, type: Float64Array };
    this.#model = {
      schema,
      clusters,
      centres: readTensor(state, "centres", { ...how, length: clusters * schema.length }),
      counts: readTensor(state, "counts", { ...how, length: clusters }),
      iterations,
      inertia,
    };
  }

  /** Throws NotFittedError before `learned`. */
  protected get model(): Centres {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }

  /** Keeps the centres, that of most rows first. */
  protected learned(found: Centres): void {
    const features = found.schema.length;
    const order = [...found.counts.keys()].sort((a, b) => found.counts[b] - found.counts[a] || a - b);
    const centres = new Float64Array(found.centres.length);
    for (const [to, from] of order.entries()) {
      centres.set(found.centres.subarray(from * features, (from + 1) * features), to * features);
    }
    this.#model = { ...found, centres, counts: Float64Array.from(order, (k) => found.counts[k]) };
  }

  /** Takes centres over as they are numbered. */
  protected replace(model: Centres): void {
    this.#model = model;
  }
}
