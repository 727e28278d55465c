// Encoders that stand numbers for each category: a table per column, looked up by code.
import type { FittedState, RowTransform, Slot } from "../base/component.ts";
import type { ParamTable } from "../base/params.ts";
import { readTensor, tensor } from "../base/state.ts";
import type { CategoryColumn, Column, ColumnSchema, NumberColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

/** What the categories of each column become. */
export interface CategoryNumbers {
  /** What each output's name ends in, behind the column's; "" where there is one. */
  readonly suffixes: readonly string[];
  /** Per column (categories + 1) × outputs numbers, row-major; a missing or unknown category comes last. */
  readonly tables: readonly Float64Array[];
}

/** A transformer of each category column into as many number columns as there are suffixes. */
export abstract class CategoryNumbersTransformer<
  T extends ParamTable,
  S extends CategoryNumbers = CategoryNumbers,
> extends ColumnwiseTransformer<T, S> {
  /** The suffixes and all else that the state's JSON holds; throws ShapeError. */
  protected abstract unpackMeta(state: FittedState): Omit<S, "tables">;
  protected abstract packMeta(learned: S): FittedState["meta"];

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap(({ name }) => this.#names(name).map((each) => ({ name: each, kind: "number" })));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }) => this.#names(name).map(() => name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const { tables, suffixes } = this.learned;
    const width = suffixes.length;
    return (frame) => {
      for (let i = 0; i < tables.length; i++) {
        const code = frame[from[i]];
        const at = Number.isNaN(code) ? tables[i].length - width : code * width;
        for (let k = 0; k < width; k++) frame[to[i * width + k]] = tables[i][at + k];
      }
    };
  }

  protected apply(columns: readonly Column[]): Column[] {
    const { tables, suffixes } = this.learned;
    return (columns as readonly CategoryColumn[]).flatMap((column, i) => lookUp(column, tables[i], suffixes));
  }

  protected pack(learned: S): FittedState {
    const length = learned.tables.reduce((sum, { length }) => sum + length, 0);
    const numbers = new Float64Array(length);
    let next = 0;
    for (const own of learned.tables) {
      numbers.set(own, next);
      next += own.length;
    }
    return { tensors: { numbers: tensor(numbers) }, meta: this.packMeta(learned) };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): S {
    const rest = this.unpackMeta(state) as S;
    const sizes = inputs.map((input) => {
      return ((input.kind === "category" ? input.categories.length : 0) + 1) * rest.suffixes.length;
    });
    const length = sizes.reduce((sum, size) => sum + size, 0);
    const numbers = readTensor(state, "numbers", { owner: this.spec.name, type: Float64Array, length });
    let next = 0;
    const tables = sizes.map((size) => {
      next += size;
      return numbers.slice(next - size, next);
    });
    return { ...rest, tables };
  }

  #names(name: string): string[] {
    return this.learned.suffixes.map((suffix) => `${name}${suffix}`);
  }
}

/** The columns that a table gives for a column's codes. */
export function lookUp(column: CategoryColumn, table: Float64Array, suffixes: readonly string[]): NumberColumn[] {
  const { codes, name } = column;
  const width = suffixes.length;
  return suffixes.map((suffix, k): NumberColumn => {
    const values = new Float64Array(codes.length);
    const missing = table.length - width + k;
    for (let row = 0; row < codes.length; row++) {
      values[row] = table[codes[row] < 0 ? missing : codes[row] * width + k];
    }
    return { kind: "number", name: `${name}${suffix}`, values };
  });
}
