// Non-negative matrix factorisation: rows as sums, never differences, of a few parts.
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
import { filledRows, numberValues } from "../matrix/filled-rows.ts";
import { AlternatingDescent, descend, gramOf, type Penalty } from "./nonnegative-descent.ts";
import { nonnegativeStart } from "./nonnegative-start.ts";

const params = {
  components: {
    type: "int",
    default: 2,
    min: 1,
    doc: "Parts to find, at most as many as there are columns and rows.",
    search: { min: 1, max: 50, log: true },
  },
  penalty: {
    type: "float",
    default: 0,
    min: 0,
    doc: "How much large entries of both factors cost, per column or row.",
    search: { min: 1e-6, max: 1, log: true },
  },
  l1Ratio: {
    type: "float",
    default: 0,
    min: 0,
    max: 1,
    doc: "Share of the penalty on entries themselves, which makes many of them 0; the rest is on their squares.",
  },
  maxIterations: { type: "int", default: 200, min: 1, max: 1_000_000, doc: "Most updates of both factors." },
  tolerance: {
    type: "float",
    default: 1e-4,
    min: 0,
    doc: "Stop when the gradients are as small as this share of the first ones.",
  },
  prefix: { type: "string", default: "part", doc: "Components are called by it and their number from 1." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "NMF",
  doc: "Writes rows of numbers that are not negative as sums of a few parts, and gives how much of each a row has.",
  source: "Lee & Seung 1999; coordinate descent of Cichocki & Phan 2009 from the start of Boutsidis & Gallopoulos 2008",
  accepts: ["number"],
  values: "nonnegative",
  params,
};

/** A row's entries are as good as at their minimum when the gradients have shrunk to this share. */
export const ROW_TOLERANCE = 1e-10;
/** Most passes over a row's entries. */
export const ROW_PASSES = 2000;

interface Model {
  readonly inputs: readonly ColumnSchema[];
  /** Parts × columns. */
  readonly parts: Float64Array;
  readonly count: number;
  readonly error: number;
}

/**
 * Learns parts, and gives each row's shares of them by non-negative least squares. Rows with a missing value have none;
 * in training it counts as the mean.
 */
export class NMF extends Transformer<typeof params> {
  readonly spec = spec;
  #fitted: Model | undefined;

  async fit(table: Table, _target: Target | undefined, { report }: FitContext): Promise<this> {
    this.validate();
    const columns = numberValues(table, this.spec.name);
    checkTable(table);
    this.#refuseNegative(table);
    const { components, maxIterations, tolerance } = this.params;
    const [rows, size] = [table.rows, columns.length];
    const data = { values: filledRows(columns, rows), rows, size };
    const count = Math.min(components, size, rows);
    const penalties = { weights: this.#penalty(size), parts: this.#penalty(rows) };
    const descent = new AlternatingDescent(data, nonnegativeStart(data, count), { count, penalties });
    let first = 0;
    for (let step = 1; step <= maxIterations; step++) {
      const violation = descent.step();
      if (step === 1) first = violation;
      await report({ step, total: maxIterations, unit: "iteration" });
      if (violation <= tolerance * first) break;
    }
    const { weights, parts } = descent.factors;
    const error = errorOf(data, { weights, parts, count });
    this.#fitted = { inputs: tableSchema(table), parts, count, error };
    return this;
  }

  /** Parts × columns, row-major. Throws NotFittedError. */
  get components(): Float64Array {
    return this.#model.parts;
  }

  /** Root of the summed squares of what the parts leave of the training rows. Throws NotFittedError. */
  get reconstructionError(): number {
    return this.#model.error;
  }

  transform(table: Table): Table {
    const { inputs } = this.#model;
    const aligned = alignTable(inputs, table, this.spec.name).columns as readonly NumberColumn[];
    const made = this.outputs().map(({ name }): NumberColumn => {
      return { kind: "number", name, values: new Float64Array(table.rows) };
    });
    const [row, solve] = [new Float64Array(inputs.length), this.#solver()];
    for (let i = 0; i < table.rows; i++) {
      for (let j = 0; j < row.length; j++) row[j] = aligned[j].values[i];
      const shares = solve(row);
      for (let k = 0; k < made.length; k++) made[k].values[i] = shares[k];
    }
    return { rows: table.rows, columns: made };
  }

  outputs(): readonly ColumnSchema[] {
    const { count } = this.#model;
    return Array.from({ length: count }, (_, k) => ({
      name: `${this.params.prefix}${k + 1}`,
      kind: "number" as const,
    }));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const [row, solve] = [new Float64Array(from.length), this.#solver()];
    return (frame) => {
      for (let j = 0; j < from.length; j++) row[j] = frame[from[j]];
      const shares = solve(row);
      for (let k = 0; k < to.length; k++) frame[to[k]] = shares[k];
    };
  }

  /** What every row's shares are solved by: the parts' products with one another, and what each costs as such. */
  rowSystem(): { readonly gram: Float64Array; readonly straight: number } {
    const { inputs, parts, count } = this.#model;
    const penalty = this.#penalty(inputs.length);
    return { gram: gramOf(parts, count, penalty), straight: penalty.straight };
  }

  getState(): FittedState {
    const { inputs, parts, count, error } = this.#model;
    return {
      tensors: { parts: tensor(parts, [count, inputs.length]) },
      meta: { inputs: schemaToJson(inputs), count, error },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const inputs = schemaFromJson(readMeta(state, "inputs", owner), owner);
    const [count, error] = [readMeta(state, "count", owner), readMeta(state, "error", owner)];
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > inputs.length) {
      throw new ShapeError(`"count" in the state of ${owner} must be a number of parts`);
    }
    if (typeof error !== "number") throw new ShapeError(`"error" in the state of ${owner} must be a number`);
    const parts = readTensor(state, "parts", { owner, type: Float64Array, length: count * inputs.length });
    if (!parts.every((entry) => entry >= 0 && entry < Number.POSITIVE_INFINITY)) {
      throw new ShapeError(`"parts" in the state of ${owner} must be finite and not negative`);
    }
    this.#fitted = { inputs, parts, count, error };
  }

  // Internal

  get #model(): Model {
    if (this.#fitted === undefined) throw this.notFitted();
    return this.#fitted;
  }

  /** The penalty on entries each of which meets so many values. */
  #penalty(values: number): Penalty {
    const { penalty, l1Ratio } = this.params;
    return { straight: values * penalty * l1Ratio, square: values * penalty * (1 - l1Ratio) };
  }

  /** A function that gives a row's shares, in what it overwrites each time. */
  #solver(): (row: Float64Array) => Float64Array {
    const { inputs, parts, count } = this.#model;
    const size = inputs.length;
    const { gram, straight } = this.rowSystem();
    const [w, b] = [new Float64Array(count), new Float64Array(count)];
    return (row) => {
      for (let k = 0; k < count; k++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += row[j] * parts[k * size + j];
        b[k] = sum - straight;
      }
      w.fill(0);
      if (b.some(Number.isNaN)) return w.fill(Number.NaN);
      const first = descend({ w, at: 0 }, { gram, b, start: 0 }, count);
      for (let pass = 1; pass < ROW_PASSES; pass++) {
        if (!(descend({ w, at: 0 }, { gram, b, start: 0 }, count) > ROW_TOLERANCE * first)) break;
      }
      return w;
    };
  }

  #refuseNegative({ columns }: Table): void {
    for (const column of columns as readonly NumberColumn[]) {
      const row = column.values.findIndex((value) => value < 0);
      if (row < 0) continue;
      const where = `row ${row} of "${column.name}" is ${column.values[row]}`;
      throw new ShapeError(
        `${where}; ${this.spec.name} learns from numbers that are not negative: add a MinMaxScaler step`,
      );
    }
  }
}

// Internal

function errorOf(
  { values, rows, size }: { values: Float64Array; rows: number; size: number },
  { weights, parts, count }: { weights: Float64Array; parts: Float64Array; count: number },
): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < size; j++) {
      let left = values[i * size + j];
      for (let k = 0; k < count; k++) left -= weights[i * count + k] * parts[k * size + j];
      sum += left * left;
    }
  }
  return Math.sqrt(sum);
}
