// What estimators of one kernel machine share once they are fitted.
import type { FittedState, RowPredict, Slot } from "../base/component.ts";
import { schemaFromJson, schemaToJson } from "../base/schema.ts";
import { readMeta } from "../base/state.ts";
import type { ColumnSchema, Table } from "../base/table.ts";
import { fittedColumns } from "../matrix/numeric-columns.ts";
import type { KernelFunction } from "./kernel-function.ts";
import type { KernelMachine } from "./smo.ts";
import { compileValues, packVectors, type SupportVectors, unpackVectors, valuesOfRows } from "./support-vectors.ts";

/** A machine and the columns that it was fitted on. */
export interface OneMachine extends SupportVectors {
  readonly schema: readonly ColumnSchema[];
  readonly converged: boolean;
}

/** The rows of a machine whose betas are not 0. */
export function supportOf(
  { betas, bias, converged }: KernelMachine,
  columns: readonly Float64Array[],
  kernel: KernelFunction,
): Omit<OneMachine, "schema"> {
  const rows = Int32Array.from(betas.keys()).filter((row) => betas[row] !== 0);
  const features = columns.length;
  const vectors = new Float64Array(rows.length * features);
  rows.forEach((row, s) => {
    for (let j = 0; j < features; j++) vectors[s * features + j] = columns[j][row];
  });
  const own = Float64Array.from(rows, (row) => betas[row]);
  return { kernel, features, vectors, betas: own, biases: Float64Array.of(bias), converged };
}

/** The machine's values at all rows of the table. */
export function predictOne(model: OneMachine, table: Table, owner: string): Float64Array {
  return valuesOfRows(model, { columns: fittedColumns(model.schema, table, owner), count: table.rows });
}

/** The machine's value at a row, times `sign`. */
export function compileOne(model: OneMachine, inputs: readonly Slot[], sign: 1 | -1): RowPredict {
  const slots = Uint32Array.from(inputs, ({ slot }) => slot);
  const row = new Float64Array(slots.length);
  const value = new Float64Array(1);
  const fill = compileValues(model);
  return (frame, out) => {
    for (let j = 0; j < row.length; j++) row[j] = frame[slots[j]];
    fill(row, value);
    out[0] = sign * value[0];
  };
}

/** The machine as a state. */
export function oneToState(model: OneMachine): FittedState {
  const { tensors, meta } = packVectors(model);
  return { tensors, meta: { ...meta, columns: schemaToJson(model.schema), converged: model.converged } };
}

/** Reads what `oneToState` wrote; throws ShapeError naming `owner` when it is something else. */
export function oneFromState(state: FittedState, owner: string): OneMachine {
  const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
  const vectors = unpackVectors(state, owner, { features: schema.length, machines: 1 });
  return { ...vectors, schema, converged: readMeta(state, "converged", owner) === true };
}
