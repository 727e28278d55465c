// Scalers of number columns: value → (value − offset) / scale per column, learned offsets and scales. Missing values
// stay missing. Subclasses say how offset and scale are learned and what follows the division.
import type { FittedState, RowTransform, Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { Column, ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

/** One offset and one scale (never 0) per column. */
export interface Scaling {
  readonly offset: Float64Array;
  readonly scale: Float64Array;
}

/** A transformer of each number column by its own offset and scale. */
export abstract class ScalingTransformer<T extends ParamTable> extends ColumnwiseTransformer<T, Scaling> {
  /** The offset and scale of one column. */
  protected abstract learnColumn(values: Float64Array): { offset: number; scale: number };

  /** What maps a value; it must be pure and keep NaN. */
  protected mapping(offset: number, scale: number): (value: number) => number {
    return (value) => (value - offset) / scale;
  }

  outputs(): readonly ColumnSchema[] {
    return this.inputs;
  }

  override sources(): readonly string[] {
    return this.inputs.map(({ name }) => name);
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const { offset, scale } = this.learned;
    const maps = inputs.map((_, i) => this.mapping(offset[i], scale[i]));
    return (frame) => {
      for (let i = 0; i < maps.length; i++) frame[to[i]] = maps[i](frame[from[i]]);
    };
  }

  protected learn(table: Table): Scaling {
    const columns = table.columns as readonly NumberColumn[];
    const learned = columns.map(({ values }) => this.learnColumn(values));
    return {
      offset: Float64Array.from(learned, (column) => column.offset),
      scale: Float64Array.from(learned, (column) => column.scale),
    };
  }

  protected apply(columns: readonly Column[]): Column[] {
    const { offset, scale } = this.learned;
    return (columns as readonly NumberColumn[]).map(({ name, values }, i) => {
      return { kind: "number", name, values: this.scaled(values, offset[i], scale[i]) };
    });
  }

  /** A column's values as `mapping` maps each: a loop of its own, because a call per value costs more than the value. */
  protected scaled(values: Float64Array, offset: number, scale: number): Float64Array {
    const scaled = new Float64Array(values.length);
    for (let row = 0; row < values.length; row++) scaled[row] = (values[row] - offset) / scale;
    return scaled;
  }

  protected pack({ offset, scale }: Scaling): FittedState {
    return { tensors: { offset: tensor(offset), scale: tensor(scale) }, meta: {} };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Scaling {
    const how = { owner: this.spec.name, type: Float64Array, length: inputs.length };
    return { offset: readTensor(state, "offset", how), scale: readTensor(state, "scale", how) };
  }
}
