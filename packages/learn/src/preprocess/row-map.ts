// Transformers that make number columns of a row's values and nothing else: one function serves tables and single rows,
// so both give the same bits. As in a row frame, a category is its code and missing is NaN.
import type { RowTransform, Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import type { Column, ColumnSchema, NumberColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

/** Writes the outputs of a row from its inputs; both arrays are reused from row to row. */
export type RowMap = (input: Float64Array, output: Float64Array) => void;

/** A number column made of one value, and what it is called. */
export interface ValueMap {
  readonly name: string;
  /** Pure. */
  readonly of: (value: number) => number;
}

/** A transformer whose output values depend on all input values of their row. */
export abstract class RowMapTransformer<T extends ParamTable, S> extends ColumnwiseTransformer<T, S> {
  /** What the output columns are called, in order. */
  protected abstract outputNames(): readonly string[];
  /** The function of a row; it may keep arrays of its own. */
  protected abstract rowMap(): RowMap;

  outputs(): readonly ColumnSchema[] {
    return this.outputNames().map((name) => ({ name, kind: "number" }));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const [input, output] = [new Float64Array(from.length), new Float64Array(to.length)];
    const map = this.rowMap();
    return (frame) => {
      for (let i = 0; i < from.length; i++) input[i] = frame[from[i]];
      map(input, output);
      for (let i = 0; i < to.length; i++) frame[to[i]] = output[i];
    };
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    const sources = columns.map(frameValues);
    const made = this.outputNames().map((name): NumberColumn => {
      return { kind: "number", name, values: new Float64Array(rows) };
    });
    const [input, output] = [new Float64Array(sources.length), new Float64Array(made.length)];
    const map = this.rowMap();
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < sources.length; i++) input[i] = sources[i][row];
      map(input, output);
      for (let i = 0; i < made.length; i++) made[i].values[row] = output[i];
    }
    return made;
  }
}

/** A transformer that makes its output columns of one input column each. */
export abstract class ValueMapTransformer<T extends ParamTable, S> extends ColumnwiseTransformer<T, S> {
  /** The columns made of input column `i`. */
  protected abstract valueMaps(input: ColumnSchema, i: number): readonly ValueMap[];

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap((input, i) => this.valueMaps(input, i).map(({ name }) => ({ name, kind: "number" })));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap((input, i) => this.valueMaps(input, i).map(() => input.name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const maps = this.inputs.flatMap((input, i) =>
      this.valueMaps(input, i).map(({ of }) => ({ of, from: inputs[i].slot })),
    );
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    return (frame) => {
      for (let k = 0; k < maps.length; k++) frame[to[k]] = maps[k].of(frame[maps[k].from]);
    };
  }

  protected apply(columns: readonly Column[]): Column[] {
    return columns.flatMap((column, i) =>
      this.valueMaps(this.inputs[i], i).map(({ name, of }): NumberColumn => {
        return { kind: "number", name, values: frameValues(column).map((value) => of(value)) };
      }),
    );
  }
}

/** A column's values as a row frame holds them. Texts have none. */
export function frameValues(column: Column): Float64Array {
  if (column.kind === "category") return Float64Array.from(column.codes, (code) => (code < 0 ? Number.NaN : code));
  if (column.kind === "text") throw new TypeError(`the text column "${column.name}" has no place in a frame`);
  return column.values;
}
