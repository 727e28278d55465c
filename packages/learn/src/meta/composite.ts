// What estimators made of estimators share: they fit parts on columns of numbers, and make a row's answer of the parts'
// answers to it by one function, which tables and single rows run through alike.
import { Estimator, type FitContext, type FittedState, type RowPredict, type Slot } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import type { ParamTable } from "../base/params.ts";
import { rowWeights } from "../base/row-weights.ts";
import { alignTable, schemaFromJson, schemaToJson, tableSchema } from "../base/schema.ts";
import { readMeta, readStrings } from "../base/state.ts";
import type { ColumnSchema, Prediction, Table, Target } from "../base/table.ts";
import { takeRows, takeTarget, takeValues } from "../base/take-rows.ts";
import { mostProbable } from "../matrix/most-probable.ts";
import { fittedColumns, numericColumns } from "../matrix/numeric-columns.ts";
import { classTarget, numberTarget } from "../matrix/target-values.ts";
import type { Making } from "./inner-estimators.ts";
import { figuresOf, packParts, unpackParts } from "./parts.ts";

/** The rows of a fit: columns of numbers, a target of the task's kind, and weights above 0. */
export interface Rows {
  readonly table: Table;
  readonly target: Target;
  readonly weights: Float64Array | undefined;
}

/** What a model expects and gives; numbers have no classes. */
export interface Known {
  readonly schema: readonly ColumnSchema[];
  readonly classes: readonly string[];
}

/** Fitted parts; `M` says what else was learned. */
export interface WithParts {
  readonly parts: readonly Estimator[];
}

/** Writes a row's answer: from each part's figures in turn, and the row's columns. */
export type Combine = (figures: Float64Array, columns: Float64Array, out: Float64Array) => void;

/** How many figures a part has for a row. */
export function widthOf({ classes }: Known): number {
  return Math.max(1, classes.length);
}

/** An estimator whose answers are made of those of its parts. The catalogue makes the named classes of it. */
export abstract class CompositeEstimator<T extends ParamTable, M extends WithParts> extends Estimator<T> {
  #model: (Known & { readonly learned: M }) | undefined;

  /** The estimator of that name with these parameters; throws ParamError. */
  protected abstract create(type: string, params: Readonly<Record<string, unknown>>): Estimator;
  /** New estimators, as the parameters name them: those that become parts, then others. Throws ParamError. */
  protected abstract makeInner(): Estimator[];
  protected abstract learn(rows: Rows, context: FitContext): Promise<M>;
  protected abstract compile(learned: M, known: Known): Combine;
  /** What was learned beyond the parts. */
  protected abstract pack(learned: M): FittedState;
  /** How many parts a state has, given that of `pack`, and what was learned beyond them. Throws ShapeError. */
  protected abstract unpack(state: FittedState, known: Known): { parts: Estimator[]; others: Omit<M, "parts"> };

  override validate(): void {
    super.validate();
    this.makeInner();
  }

  async fit(table: Table, target: Target | undefined, context: FitContext): Promise<this> {
    this.validate();
    const { name, task } = this.spec;
    const known =
      task === "classification" ? classTarget(target, table.rows, name) : numberTarget(target, table.rows, name);
    numericColumns(table, name);
    const weights = rowWeights(context, table.rows, this.spec);
    if (weights !== undefined) this.#checkWeighing();
    const learned = await this.learn(counted({ table, target: known, weights }), context);
    const classes = known.kind === "class" ? known.classes : [];
    this.#model = { schema: tableSchema(table), classes, learned };
    return this;
  }

  predict(table: Table): Prediction {
    const model = this.#fitted;
    const { schema, classes, learned } = model;
    const columns = fittedColumns(schema, table, this.spec.name);
    const aligned = alignTable(schema, table, this.spec.name);
    const width = widthOf(model);
    const given = learned.parts.map((part) => figuresOf(part.predict(aligned)));
    const combine = this.compile(learned, model);
    const figures = new Float64Array(given.length * width);
    const row = new Float64Array(columns.length);
    const answers = new Float64Array(table.rows * width);
    for (let i = 0; i < table.rows; i++) {
      given.forEach((all, part) => {
        for (let k = 0; k < width; k++) figures[part * width + k] = all[i * width + k];
      });
      for (let j = 0; j < row.length; j++) row[j] = columns[j][i];
      combine(figures, row, answers.subarray(i * width, (i + 1) * width));
    }
    if (classes.length === 0) return { kind: "number", values: answers };
    return { kind: "class", classes, probabilities: answers, codes: mostProbable(answers, width) };
  }

  compileRow(inputs: readonly Slot[]): RowPredict {
    const model = this.#fitted;
    const runs = model.learned.parts.map((part) => part.compileRow(inputs));
    const combine = this.compile(model.learned, model);
    const width = widthOf(model);
    const figures = new Float64Array(runs.length * width);
    const views = runs.map((_, part) => figures.subarray(part * width, (part + 1) * width));
    const slots = Uint32Array.from(inputs, ({ slot }) => slot);
    const row = new Float64Array(slots.length);
    return (frame, out) => {
      for (let part = 0; part < runs.length; part++) runs[part](frame, views[part]);
      for (let j = 0; j < row.length; j++) row[j] = frame[slots[j]];
      combine(figures, row, out);
    };
  }

  getState(): FittedState {
    const { schema, classes, learned } = this.#fitted;
    const own = this.pack(learned);
    const packed = packParts(learned.parts, "parts");
    return {
      tensors: { ...own.tensors, ...packed.tensors },
      meta: { ...own.meta, columns: schemaToJson(schema), classes, parts: packed.metas },
    };
  }

  setState(state: FittedState): void {
    const owner = this.spec.name;
    const schema = schemaFromJson(readMeta(state, "columns", owner), owner);
    const classes = readStrings(state, "classes", owner);
    if (classes.length > 0 !== (this.spec.task === "classification"))
      throw new ShapeError(`the classes in the state of ${owner} do not fit its task`);
    const known = { schema, classes };
    const { parts, others } = this.unpack(state, known);
    unpackParts(state, parts, { owner, ...known, prefix: "parts" });
    this.#model = { ...known, learned: { ...others, parts } as unknown as M };
  }

  /** The fitted parts. Throws NotFittedError. */
  get parts(): readonly Estimator[] {
    return this.#fitted.learned.parts;
  }

  /** What the fit learned, and of what. Throws NotFittedError. */
  protected get fitted(): Known & { readonly learned: M } {
    return this.#fitted;
  }

  /** How inner estimators of this one's task are made, which `field` names. */
  protected making(field: string, paramsField: string = field): Making {
    const { name: owner, task } = this.spec;
    return { owner, task, field, paramsField, create: this.create.bind(this) };
  }

  #checkWeighing(): void {
    const without = this.makeInner().find(({ spec }) => spec.weights === undefined);
    if (without === undefined) return;
    const problem = `${without.spec.name} in ${this.spec.name} cannot weigh rows; name another, or leave the weights out`;
    throw new ParamError("weights", problem);
  }

  get #fitted() {
    if (this.#model === undefined) throw this.notFitted();
    return this.#model;
  }
}

// Internal

/** The rows that count: a fold may not be of others alone. */
function counted(rows: Rows): Rows {
  const { table, target, weights } = rows;
  if (weights?.every((weight) => weight > 0) !== false) return rows;
  const kept = Uint32Array.from([...weights.keys()].filter((row) => weights[row] > 0));
  return { table: takeRows(table, kept), target: takeTarget(target, kept), weights: takeValues(weights, kept) };
}
