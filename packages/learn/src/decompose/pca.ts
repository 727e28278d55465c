// Principal components: the directions in which the rows vary most, at right angles to one another.
import {
  type FitContext,
  type FittedState,
  type RowTransform,
  type Slot,
  Transformer,
  type TransformerSpec,
} from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { alignTable, checkTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table, Target } from "../base/table.ts";
import { centredProducts } from "./covariance.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

const params = {
  components: {
    type: "int",
    default: null,
    nullable: true,
    min: 1,
    doc: "Components to keep; null: as many as `share` needs, or all that there are.",
    search: { min: 1, max: 50, log: true },
  },
  share: {
    type: "float",
    default: null,
    nullable: true,
    min: 0,
    exclusiveMin: true,
    max: 1,
    doc: "Without `components`: keep as many as explain this share of the variance.",
  },
  center: {
    type: "boolean",
    default: true,
    doc: "Subtract the columns' means; false: a truncated singular value decomposition, as is usual for TF-IDF.",
  },
  whiten: { type: "boolean", default: false, doc: "Give every component unit variance." },
  prefix: { type: "string", default: "pc", doc: "Components are called by it and their number from 1." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "PCA",
  doc: "Replaces number columns by fewer ones: the directions in which the rows vary most.",
  source: "Pearson 1901; eigenvectors of the covariance matrix. A component's largest entry is positive.",
  accepts: ["number"],
  params,
};

interface Components {
  readonly inputs: readonly ColumnSchema[];
  readonly means: Float64Array;
  /** Components × columns, row-major, divided by the deviations when whitened. */
  readonly components: Float64Array;
  /** Variance of each component, and its share of all variance. */
  readonly variances: Float64Array;
  readonly shares: Float64Array;
}

/** Projects number columns onto principal components. Rows with a missing value have none; in training it counts as the mean. */
export class PCA extends Transformer<typeof params> {
  readonly spec = spec;
  #fitted: Components | undefined;

  /** The share of the variance that each component explains. Throws NotFittedError. */
  get explainedShares(): Float64Array {
    return this.#model.shares;
  }

  /** Components × columns, row-major. Throws NotFittedError. */
  get components(): Float64Array {
    return this.#model.components;
  }

  async fit(table: Table, _target: Target | undefined, { runtime }: FitContext): Promise<this> {
    this.validate();
    const wrong = table.columns.find(({ kind }) => kind !== "number");
    if (wrong !== undefined) throw new ShapeError(`PCA takes number columns, "${wrong.name}" is ${wrong.kind}`);
    checkTable(table);
    const columns = (table.columns as readonly NumberColumn[]).map(({ values }) => values);
    const size = columns.length;
    const { center } = this.params;
    const { means, products } = centredProducts(columns, { runtime, rows: table.rows, center });
    const { values, vectors } = symmetricEigen(products, size);
    const variances = values.map((value) => Math.max(0, value) / Math.max(1, table.rows - 1));
    const total = variances.reduce((sum, value) => sum + value, 0);
    const shares = variances.map((value) => (total === 0 ? 0 : value / total));
    const count = this.#count(shares, Math.min(size, table.rows));
    const components = vectors.slice(0, count * size);
    for (let k = 0; k < count; k++) this.#orient(components.subarray(k * size, (k + 1) * size), variances[k]);
    const [kept, keptShares] = [variances.slice(0, count), shares.slice(0, count)];
    this.#fitted = { inputs: tableSchema(table), means, components, variances: kept, shares: keptShares };
    return this;
  }

  transform(table: Table): Table {
    const { inputs, means, components } = this.#model;
    const columns = (alignTable(inputs, table, spec.name).columns as readonly NumberColumn[]).map(
      ({ values }) => values,
    );
    const size = columns.length;
    return {
      rows: table.rows,
      columns: this.outputs().map(({ name }, k): NumberColumn => {
        const values = new Float64Array(table.rows);
        // Column by column, in the order in which a single row adds them up.
        for (let j = 0; j < size; j++) {
          const [weight, middle, column] = [components[k * size + j], means[j], columns[j]];
          for (let i = 0; i < values.length; i++) values[i] += weight * (column[i] - middle);
        }
        return { kind: "number", name, values };
      }),
    };
  }

  outputs(): readonly ColumnSchema[] {
    const { prefix } = this.params;
    return Array.from(this.#model.variances, (_, k) => ({ name: `${prefix}${k + 1}`, kind: "number" as const }));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const { means, components } = this.#model;
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    return (frame) => {
      for (let k = 0; k < to.length; k++) {
        let sum = 0;
        for (let j = 0; j < from.length; j++) sum += components[k * from.length + j] * (frame[from[j]] - means[j]);
        frame[to[k]] = sum;
      }
    };
  }

  getState(): FittedState {
    const { inputs, means, components, variances, shares } = this.#model;
    return {
      tensors: {
        means: tensor(means),
        components: tensor(components, [variances.length, inputs.length]),
        variances: tensor(variances),
        shares: tensor(shares),
      },
      meta: { inputs: schemaToJson(inputs), count: variances.length },
    };
  }

  setState(state: FittedState): void {
    const owner = spec.name;
    const inputs = schemaFromJson(readMeta(state, "inputs", owner), owner);
    const count = readMeta(state, "count", owner);
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > inputs.length) {
      throw new ShapeError(`"count" in the state of ${owner} must be a number of components`);
    }
    const read = (name: string, length: number) => readTensor(state, name, { owner, type: Float64Array, length });
    this.#fitted = {
      inputs,
      means: read("means", inputs.length),
      components: read("components", count * inputs.length),
      variances: read("variances", count),
      shares: read("shares", count),
    };
  }

  get #model(): Components {
    if (this.#fitted === undefined) throw this.notFitted();
    return this.#fitted;
  }

  #count(shares: Float64Array, most: number): number {
    const { components, share } = this.params;
    if (components !== null) return Math.min(components, most);
    if (share === null) return most;
    let [count, sum] = [0, 0];
    // Rounding must not ask for a component more.
    while (count < most && sum < share - 1e-12) sum += shares[count++];
    return Math.min(Math.max(1, count), most);
  }

  /** Turns a component so that its largest entry is positive, and whitens it if asked. */
  #orient(component: Float64Array, variance: number): void {
    let largest = 0;
    for (const entry of component) if (Math.abs(entry) > Math.abs(largest) * (1 + 1e-9)) largest = entry;
    const whitening = this.params.whiten && variance > 0 ? 1 / Math.sqrt(variance) : 1;
    const factor = largest < 0 ? -whitening : whitening;
    for (let j = 0; j < component.length; j++) component[j] *= factor;
  }
}
