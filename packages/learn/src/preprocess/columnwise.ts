// What the transformers of this folder share: they remember the columns they were fitted on, find them again by name,
// and keep that schema in their state.
import { type FitContext, type FittedState, Transformer } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { alignTable, checkTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta } from "../base/state.ts";
import type { Column, ColumnSchema, Table, Target } from "../base/table.ts";

/** A transformer whose learned state `S` is a value of its own beside the schema of its input columns. */
export abstract class ColumnwiseTransformer<T extends ParamTable, S> extends Transformer<T> {
  #fitted: { readonly inputs: readonly ColumnSchema[]; readonly learned: S } | undefined;

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.checkInput(table);
    this.adopt(table, await this.learn(table, target, context));
    return this;
  }

  transform(table: Table): Table {
    const aligned = alignTable(this.inputs, table, this.spec.name);
    return { rows: table.rows, columns: this.apply(aligned.columns, table.rows) };
  }

  getState(): FittedState {
    const state = this.pack(this.learned);
    return { tensors: state.tensors, meta: { ...state.meta, inputs: schemaToJson(this.inputs) } };
  }

  setState(state: FittedState): void {
    const inputs = schemaFromJson(readMeta(state, "inputs", this.spec.name), this.spec.name);
    this.#fitted = { inputs, learned: this.unpack(state, inputs) };
  }

  /** Schemas of the columns it was fitted on, in order. */
  protected get inputs(): readonly ColumnSchema[] {
    return this.#require().inputs;
  }

  protected get learned(): S {
    return this.#require().learned;
  }

  /** Learns from checked columns of accepted kinds. */
  protected abstract learn(table: Table, target: Target | undefined, context: FitContext): S | Promise<S>;
  /** The output columns for input columns in fitted order and coding. */
  protected abstract apply(columns: readonly Column[], rows: number): Column[];
  protected abstract pack(learned: S): FittedState;
  /** Throws ShapeError when the state is not one that `pack` gave. */
  protected abstract unpack(state: FittedState, inputs: readonly ColumnSchema[]): S;

  /** Throws ParamError for impossible parameters and ShapeError for columns it cannot learn from. */
  protected checkInput(table: Table): void {
    this.validate();
    this.#checkKinds(table);
    checkTable(table);
  }

  /** Takes over what was learned from `table` elsewhere. */
  protected adopt(table: Table, learned: S): void {
    this.#fitted = { inputs: tableSchema(table), learned };
  }

  #require() {
    if (this.#fitted === undefined) throw this.notFitted();
    return this.#fitted;
  }

  #checkKinds(table: Table): void {
    for (const { name, kind } of table.columns) {
      if (!this.spec.accepts.includes(kind)) {
        throw new ShapeError(`${this.spec.name} takes ${this.spec.accepts.join(" or ")} columns, "${name}" is ${kind}`);
      }
    }
  }
}
