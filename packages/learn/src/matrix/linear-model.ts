// What every linear estimator learns: a weight per output and column, and an intercept per output.
import type { FittedState, Json, Slot } from "../base/component.ts";
import { alignTable, schemaFromJson, schemaToJson } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Table } from "../base/table.ts";
import type { DenseRows } from "./dense-rows.ts";
import { areFinite, numberColumns, numericColumns } from "./numeric-columns.ts";

export interface LinearModel {
  /** The columns given to `fit`. */
  readonly schema: readonly ColumnSchema[];
  /** outputs x columns, row-major. */
  readonly coefficients: Float64Array;
  /** One per output. */
  readonly intercepts: Float64Array;
}

/**
 * The scores of all rows: outputs x rows, one output after another. Throws what `numericColumns` throws for `owner`: a value
 * that is not finite makes scores that are not, whatever its weight, so that the values need no look of their own.
 */
export function scoresOf(model: LinearModel, table: Table, owner: string): Float64Array[] {
  const aligned = alignTable(model.schema, table, owner);
  const columns = numberColumns(aligned, owner);
  const all = Array.from(model.intercepts, (intercept, output) => {
    const out = new Float64Array(table.rows).fill(intercept);
    const weights = model.coefficients.subarray(output * columns.length, (output + 1) * columns.length);
    addColumns(out, columns, weights);
    return out;
  });
  if (!all.every(areFinite)) numericColumns(aligned, owner);
  return all;
}

/** A function of a row frame and an output's number that gives the output's score; allocates nothing. */
export function compileScore(
  model: LinearModel,
  inputs: readonly Slot[],
): (frame: Float64Array, output: number) => number {
  const { coefficients, intercepts } = model;
  const slots = Uint32Array.from(inputs, ({ slot }) => slot);
  const width = slots.length;
  return (frame, output) => {
    let sum = intercepts[output];
    const base = output * width;
    for (let j = 0; j < width; j++) sum += coefficients[base + j] * frame[slots[j]];
    return sum;
  };
}

/** Takes weights (outputs x stride) apart into coefficients and intercepts. */
export function weightsToModel(weights: Float64Array, x: DenseRows): Pick<LinearModel, "coefficients" | "intercepts"> {
  const outputs = weights.length / x.stride;
  const coefficients = new Float64Array(outputs * x.columns);
  const intercepts = new Float64Array(outputs);
  for (let k = 0; k < outputs; k++) {
    coefficients.set(weights.subarray(k * x.stride, k * x.stride + x.columns), k * x.columns);
    if (x.intercept >= 0) intercepts[k] = weights[k * x.stride + x.intercept];
  }
  return { coefficients, intercepts };
}

/** The model and what else is worth keeping of the fit, as a state. */
export function packModel(model: LinearModel, details: Readonly<Record<string, Json>>): FittedState {
  const outputs = model.intercepts.length;
  return {
    tensors: {
      coefficients: tensor(model.coefficients, [outputs, model.schema.length]),
      intercepts: tensor(model.intercepts),
    },
    meta: { ...details, columns: schemaToJson(model.schema) },
  };
}

/** Reads what `packModel` wrote; throws ShapeError when the state is something else. */
export function unpackModel(state: FittedState, owner: string, outputs: number): LinearModel {
  const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
  const type = Float64Array;
  return {
    schema,
    coefficients: readTensor(state, "coefficients", { owner, type, length: outputs * schema.length }),
    intercepts: readTensor(state, "intercepts", { owner, type, length: outputs }),
  };
}

// Internal

/** Adds the weighted columns to `out` in their order, four in a pass: a sum is then stored a fourth as often. */
function addColumns(out: Float64Array, columns: readonly Float64Array[], weights: Float64Array): void {
  let j = 0;
  for (; j + 4 <= columns.length; j += 4) {
    const [a, b, c, d] = [columns[j], columns[j + 1], columns[j + 2], columns[j + 3]];
    const [u, v, w, x] = [weights[j], weights[j + 1], weights[j + 2], weights[j + 3]];
    for (let i = 0; i < out.length; i++) out[i] = out[i] + u * a[i] + v * b[i] + w * c[i] + x * d[i];
  }
  for (; j < columns.length; j++) {
    const [values, weight] = [columns[j], weights[j]];
    for (let i = 0; i < out.length; i++) out[i] += weight * values[i];
  }
}
