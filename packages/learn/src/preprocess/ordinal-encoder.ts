// Categories as whole numbers, one number column per category column.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { readMeta } from "../base/state.ts";
import type { CategoryColumn, Column, ColumnSchema, Table } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

const params = {
  order: {
    type: "strings",
    default: null,
    nullable: true,
    doc: "The categories from lowest to highest, for all columns of the step; null: the order of the column's dictionary.",
  },
  unknown: {
    type: "float",
    default: -1,
    nullable: true,
    doc: "What stands for a missing value or a category outside `order`; null: stays missing.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "OrdinalEncoder",
  doc: "Replaces each category by its rank: 0, 1, 2 and so on.",
  source: "Textbook integer coding.",
  accepts: ["category"],
  params,
};

/** The rank of each code of each column; NaN where it has none. */
type Ranks = readonly Float64Array[];

/** Encodes categories by rank; unknown and missing ones by `unknown`. */
export class OrdinalEncoder extends ColumnwiseTransformer<typeof params, Ranks> {
  readonly spec = spec;

  override validate(): void {
    super.validate();
    const { order } = this.params;
    if (order && (order.length === 0 || new Set(order).size < order.length)) {
      throw new ParamError("order", `\`order\` of OrdinalEncoder must list distinct categories, got [${order}]`);
    }
  }

  outputs(): readonly ColumnSchema[] {
    return this.inputs.map(({ name }) => ({ name, kind: "number" }));
  }

  override sources(): readonly string[] {
    return this.inputs.map(({ name }) => name);
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const ranks = this.#ranks();
    return (frame) => {
      for (let i = 0; i < ranks.length; i++) {
        const code = frame[from[i]];
        frame[to[i]] = ranks[i][Number.isNaN(code) ? ranks[i].length - 1 : code];
      }
    };
  }

  protected learn(table: Table): Ranks {
    return (table.columns as readonly CategoryColumn[]).map((column) => this.#rank(column));
  }

  protected apply(columns: readonly Column[]): Column[] {
    const ranks = this.#ranks();
    return (columns as readonly CategoryColumn[]).map(({ name, codes }, i) => {
      const rank = ranks[i];
      const values = new Float64Array(codes.length);
      for (let row = 0; row < codes.length; row++) values[row] = rank[codes[row] < 0 ? rank.length - 1 : codes[row]];
      return { kind: "number", name, values };
    });
  }

  protected pack(ranks: Ranks): FittedState {
    return { tensors: {}, meta: { ranks: ranks.map((rank) => Array.from(rank, (r) => (Number.isNaN(r) ? null : r))) } };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Ranks {
    const stored = readMeta(state, "ranks", spec.name);
    if (!Array.isArray(stored) || stored.length !== inputs.length) throw new ShapeError(`bad "ranks" of ${spec.name}`);
    return inputs.map((input, i) => {
      const rank: unknown = stored[i];
      const size = input.kind === "category" ? input.categories.length : -1;
      if (!Array.isArray(rank) || rank.length !== size || !rank.every((r) => r === null || Number.isInteger(r))) {
        throw new ShapeError(`"ranks" of ${spec.name} do not fit the categories of "${input.name}"`);
      }
      return Float64Array.from(rank, (r: number | null) => r ?? Number.NaN);
    });
  }

  #rank({ name, categories }: CategoryColumn): Float64Array {
    const { order } = this.params;
    if (order === null) return Float64Array.from(categories, (_, code) => code);
    if (!categories.some((category) => order.includes(category))) {
      throw new ParamError("order", `none of the categories of "${name}" is in \`order\` of OrdinalEncoder: ${order}`);
    }
    return Float64Array.from(categories, (category) => {
      const rank = order.indexOf(category);
      return rank < 0 ? Number.NaN : rank;
    });
  }

  /** The value per code, and after the last code the value of a missing one. */
  #ranks(): Float64Array[] {
    const unknown = this.params.unknown ?? Number.NaN;
    return this.learned.map((rank) => Float64Array.from([...rank, unknown], (r) => (Number.isNaN(r) ? unknown : r)));
  }
}
