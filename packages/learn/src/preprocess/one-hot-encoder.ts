// Categories as indicator columns of 0 and 1.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readMeta } from "../base/state.ts";
import type { CategoryColumn, Column, ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

const params = {
  drop: {
    type: "choice",
    choices: ["none", "first", "binary"],
    default: "none",
    doc: "Leave out the first category of every column, of two-valued columns only (binary), or of none.",
  },
  maxCategories: {
    type: "int",
    default: null,
    min: 1,
    nullable: true,
    doc: "Keep only so many of a column's most frequent categories; null: all that occur.",
  },
  missing: {
    type: "choice",
    choices: ["zeros", "column"],
    default: "zeros",
    doc: "A missing value becomes all zeros, or gets an indicator column of its own.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "OneHotEncoder",
  doc: "One 0/1 column per category that occurs in training; an unknown category becomes all zeros.",
  source: "Textbook dummy coding.",
  accepts: ["category"],
  params,
};

/** Per input column: the codes that get an output column, in order; -1 is the missing value's. */
type Kept = readonly (readonly number[])[];

/** Encodes categories as indicators named `column=category` (and `column is missing`). */
export class OneHotEncoder extends ColumnwiseTransformer<typeof params, Kept> {
  readonly spec = spec;

  outputs(): readonly ColumnSchema[] {
    const kept = this.learned;
    return this.inputs.flatMap((input, i) => outputNames(input, kept[i]).map((name) => ({ name, kind: "number" })));
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }, i) => this.learned[i].map(() => name));
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    // Per column: the output slot of each code, the missing value's last; -1 for a code without a column.
    let next = 0;
    const slotOf = this.learned.map((codes, i) => {
      const slots = new Int32Array(categoryCount(inputs[i]) + 1).fill(-1);
      for (const code of codes) slots[code < 0 ? slots.length - 1 : code] = to[next++];
      return slots;
    });
    return (frame) => {
      for (let i = 0; i < to.length; i++) frame[to[i]] = 0;
      for (let i = 0; i < from.length; i++) {
        const code = frame[from[i]];
        const slot = slotOf[i][Number.isNaN(code) ? slotOf[i].length - 1 : code];
        if (slot >= 0) frame[slot] = 1;
      }
    };
  }

  protected learn(table: Table): Kept {
    return (table.columns as readonly CategoryColumn[]).map((column) => this.#keptCodes(column));
  }

  protected apply(columns: readonly Column[], rows: number): Column[] {
    return (columns as readonly CategoryColumn[]).flatMap((column, i) => {
      const codes = this.learned[i];
      const outputs = outputNames(column, codes).map((name): NumberColumn => {
        return { kind: "number", name, values: new Float64Array(rows) };
      });
      // By code, the missing value's column last; undefined for a code without a column.
      const missing = categoryCount(column);
      const byCode = new Array<Float64Array | undefined>(missing + 1);
      for (let k = 0; k < codes.length; k++) byCode[codes[k] < 0 ? missing : codes[k]] = outputs[k].values;
      for (let row = 0; row < rows; row++) {
        const values = byCode[column.codes[row] < 0 ? missing : column.codes[row]];
        if (values !== undefined) values[row] = 1;
      }
      return outputs;
    });
  }

  protected pack(kept: Kept): FittedState {
    return { tensors: {}, meta: { kept } };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Kept {
    const kept = readMeta(state, "kept", spec.name);
    if (!Array.isArray(kept) || kept.length !== inputs.length) throw new ShapeError(`bad "kept" of ${spec.name}`);
    return inputs.map((input, i) => {
      const codes: unknown = kept[i];
      const inRange = (code: unknown) =>
        Number.isInteger(code) && Number(code) >= -1 && Number(code) < categoryCount(input);
      if (!Array.isArray(codes) || !codes.every(inRange) || new Set(codes).size < codes.length) {
        throw new ShapeError(`"kept" of ${spec.name} does not fit the categories of "${input.name}"`);
      }
      return codes as readonly number[];
    });
  }

  #keptCodes({ codes, categories }: CategoryColumn): readonly number[] {
    const { drop, maxCategories, missing } = this.params;
    const counts = new Float64Array(categories.length);
    for (let row = 0; row < codes.length; row++) if (codes[row] >= 0) counts[codes[row]] += 1;
    let kept = [...counts.keys()].filter((code) => counts[code] > 0);
    if (maxCategories !== null && kept.length > maxCategories) {
      kept = kept
        .sort((a, b) => counts[b] - counts[a] || a - b)
        .slice(0, maxCategories)
        .sort((a, b) => a - b);
    }
    if (drop === "first" || (drop === "binary" && kept.length === 2)) kept = kept.slice(1);
    return missing === "column" ? [...kept, -1] : kept;
  }
}

// Internal

function categoryCount(schema: ColumnSchema): number {
  return schema.kind === "category" ? schema.categories.length : 0;
}

function outputNames(input: ColumnSchema, codes: readonly number[]): string[] {
  const categories = input.kind === "category" ? input.categories : [];
  return codes.map((code) => (code < 0 ? `${input.name} is missing` : `${input.name}=${categories[code]}`));
}
