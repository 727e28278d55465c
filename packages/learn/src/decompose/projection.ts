// Transformers that replace number columns by weighted sums of them: what they share once the weights are known.
import { type FittedState, type RowTransform, type Slot, Transformer } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable, StringParam } from "../base/params.ts";
import { alignTable, schemaFromJson, schemaToJson } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { numberValues } from "../matrix/filled-rows.ts";

/** Directions in the space of the columns. */
export interface Components {
  readonly inputs: readonly ColumnSchema[];
  readonly means: Float64Array;
  /** Components × columns, row-major, divided by the deviations when whitened. */
  readonly components: Float64Array;
  /** Variance of each component, and its share of all variance. */
  readonly variances: Float64Array;
  readonly shares: Float64Array;
}

/** Projects rows onto components, which are called by the parameter `prefix`. Rows with a missing value have none. */
export abstract class Projection<T extends ParamTable & { readonly prefix: StringParam }> extends Transformer<T> {
  #fitted: Components | undefined;

  /** The share of the variance that each component explains. Throws NotFittedError. */
  get explainedShares(): Float64Array {
    return this.model.shares;
  }

  /** Components × columns, row-major. Throws NotFittedError. */
  get components(): Float64Array {
    return this.model.components;
  }

  transform(table: Table): Table {
    const { inputs, means, components } = this.model;
    const columns = (alignTable(inputs, table, this.spec.name).columns as readonly NumberColumn[]).map(
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
    const prefix = this.params.prefix as string;
    return Array.from(this.model.variances, (_, k) => ({ name: `${prefix}${k + 1}`, kind: "number" as const }));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const { means, components } = this.model;
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
    const { inputs, means, components, variances, shares } = this.model;
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
    const owner = this.spec.name;
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

  /** What was learned. Throws NotFittedError. */
  protected get model(): Components {
    if (this.#fitted === undefined) throw this.notFitted();
    return this.#fitted;
  }

  /** The values of the columns, not looked at; throws ShapeError where one is not of numbers. */
  protected columnsOf(table: Table): Float64Array[] {
    return numberValues(table, this.spec.name);
  }

  protected learned(components: Components): void {
    this.#fitted = components;
  }
}

/** Turns a component so that its largest entry is positive, and multiplies it by `factor`. */
export function orient(component: Float64Array, factor = 1): void {
  let largest = 0;
  for (const entry of component) if (Math.abs(entry) > Math.abs(largest) * (1 + 1e-9)) largest = entry;
  const signed = largest < 0 ? -factor : factor;
  for (let j = 0; j < component.length; j++) component[j] *= signed;
}
