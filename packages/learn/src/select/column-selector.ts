// What the transformers of this folder share: they keep some of their columns as they are and drop the others.
import { type FitContext, type FittedState, type RowTransform, type Slot, Transformer } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { alignTable, checkTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { ColumnSchema, Table, Target } from "../base/table.ts";

/** What was learned: a score per column, and which columns stay. */
interface Selection {
  readonly inputs: readonly ColumnSchema[];
  readonly scores: Float64Array;
  /** Positions among the inputs, rising. */
  readonly kept: Uint32Array;
}

/** A transformer that gives every column a score and keeps some. */
export abstract class ColumnSelector<T extends ParamTable> extends Transformer<T> {
  #fitted: Selection | undefined;

  /** The score of each column it was fitted on, in order. Throws NotFittedError. */
  get scores(): Float64Array {
    return this.#selection.scores;
  }

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name, accepts } = this.spec;
    const wrong = table.columns.find(({ kind }) => !accepts.includes(kind));
    if (wrong !== undefined) {
      throw new ShapeError(`${name} takes ${accepts.join(" or ")} columns, "${wrong.name}" is ${wrong.kind}`);
    }
    checkTable(table);
    const scores = await this.score(table, target, context);
    const kept = Uint32Array.from(this.choose(scores, table, target)).sort();
    this.#fitted = { inputs: tableSchema(table), scores, kept };
    return this;
  }

  transform(table: Table): Table {
    const { inputs, kept } = this.#selection;
    const { columns } = alignTable(inputs, table, this.spec.name);
    return { rows: table.rows, columns: Array.from(kept, (i) => columns[i]) };
  }

  outputs(): readonly ColumnSchema[] {
    const { inputs, kept } = this.#selection;
    return Array.from(kept, (i) => inputs[i]);
  }

  override sources(): readonly string[] {
    return this.outputs().map(({ name }) => name);
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(this.#selection.kept, (i) => inputs[i].slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    return (frame) => {
      for (let i = 0; i < from.length; i++) frame[to[i]] = frame[from[i]];
    };
  }

  getState(): FittedState {
    const { inputs, scores, kept } = this.#selection;
    return { tensors: { scores: tensor(scores) }, meta: { inputs: schemaToJson(inputs), kept: [...kept] } };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const inputs = schemaFromJson(readMeta(state, "inputs", owner), owner);
    const scores = readTensor(state, "scores", { owner, type: Float64Array, length: inputs.length });
    const kept: unknown = readMeta(state, "kept", owner);
    if (
      !Array.isArray(kept) ||
      !kept.every((i, k) => Number.isInteger(i) && i > (kept[k - 1] ?? -1) && i < inputs.length)
    ) {
      throw new ShapeError(`"kept" in the state of ${owner} must be rising positions of its columns`);
    }
    this.#fitted = { inputs, scores, kept: Uint32Array.from(kept) };
  }

  /** The score of each column; the larger, the more useful. */
  protected abstract score(table: Table, target: Target | undefined, context: FitContext): Promise<Float64Array>;
  /** Positions of the columns to keep. */
  protected abstract choose(scores: Float64Array, table: Table, target: Target | undefined): Iterable<number>;

  get #selection(): Selection {
    if (this.#fitted === undefined) throw this.notFitted();
    return this.#fitted;
  }
}

/** Positions of the `count` largest scores, the first of equals; what has no score comes last. */
export function largestScores(scores: Float64Array, count: number): number[] {
  const rank = (score: number) => (Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score);
  const order = [...scores.keys()].sort((a, b) => {
    const [x, y] = [rank(scores[a]), rank(scores[b])];
    return x === y ? a - b : y > x ? 1 : -1;
  });
  return order.slice(0, count);
}
