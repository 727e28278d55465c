// Fills missing values: numbers by mean, median or a constant; categories by the most frequent one or a constant.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { median } from "../base/median.ts";
import { readMeta, readTensor, tensor } from "../base/state.ts";
import type { CategoryColumn, Column, ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

const params = {
  numbers: {
    type: "choice",
    choices: ["mean", "median", "constant"],
    default: "median",
    doc: "What a missing number becomes.",
  },
  numberFill: {
    type: "float",
    default: 0,
    doc: "The constant for numbers; also fills a column without a single value.",
  },
  categories: {
    type: "choice",
    choices: ["mostFrequent", "constant"],
    default: "mostFrequent",
    doc: "What a missing category becomes.",
  },
  categoryFill: {
    type: "string",
    default: "missing",
    doc: "The constant for categories; also fills a column without a single value.",
  },
  indicator: {
    type: "boolean",
    default: false,
    doc: "Add a 0/1 column `NAME was missing` for every column with missing values in training.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "SimpleImputer",
  doc: "Fills missing values with a statistic of the training rows or a constant.",
  source: "Textbook single imputation.",
  accepts: ["number", "category"],
  params,
};

interface Fills {
  /** Per column the filling number, or the filling category's code among `outputs`. */
  readonly values: Float64Array;
  /** Columns with an indicator, by position. */
  readonly indicators: readonly number[];
}

/** Imputes numbers and categories. A category outside the training dictionary counts as missing. */
export class SimpleImputer extends ColumnwiseTransformer<typeof params, Fills> {
  readonly spec = spec;

  outputs(): readonly ColumnSchema[] {
    const { values, indicators } = this.learned;
    const filled = this.inputs.map((input, i) => this.#outputSchema(input, values[i]));
    const flags = indicators.map((i): ColumnSchema => ({ name: flagName(this.inputs[i].name), kind: "number" }));
    return [...filled, ...flags];
  }

  override sources(): readonly string[] {
    const flagged = this.learned.indicators.map((i) => this.inputs[i].name);
    return [...this.inputs.map(({ name }) => name), ...flagged];
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const { values, indicators } = this.learned;
    return (frame) => {
      for (let i = 0; i < from.length; i++) {
        const value = frame[from[i]];
        frame[to[i]] = Number.isNaN(value) ? values[i] : value;
      }
      for (let k = 0; k < indicators.length; k++) {
        const value = frame[from[indicators[k]]];
        frame[to[from.length + k]] = Number.isNaN(value) ? 1 : 0;
      }
    };
  }

  protected learn({ columns }: Table): Fills {
    return {
      values: Float64Array.from(columns, (column) =>
        column.kind === "category" ? this.#learnCategory(column) : this.#learnNumber(column as NumberColumn),
      ),
      indicators: this.params.indicator ? [...columns.keys()].filter((i) => hasMissing(columns[i])) : [],
    };
  }

  protected apply(columns: readonly Column[]): Column[] {
    const { values, indicators } = this.learned;
    const filled = columns.map((column, i): Column => {
      if (column.kind === "category") {
        const schema = this.#outputSchema(column, values[i]) as { categories: readonly string[] };
        const codes = column.codes.map((code) => (code < 0 ? values[i] : code));
        return { kind: "category", name: column.name, codes, categories: schema.categories };
      }
      const numbers = (column as NumberColumn).values.map((value) => (Number.isNaN(value) ? values[i] : value));
      return { kind: "number", name: column.name, values: numbers };
    });
    return [...filled, ...indicators.map((i) => flagColumn(columns[i]))];
  }

  protected pack({ values, indicators }: Fills): FittedState {
    return { tensors: { values: tensor(values) }, meta: { indicators } };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): Fills {
    const values = readTensor(state, "values", { owner: spec.name, type: Float64Array, length: inputs.length });
    inputs.forEach((input, i) => {
      const codes = input.kind === "category" ? input.categories.length : 0;
      const fits = input.kind === "number" || (Number.isInteger(values[i]) && values[i] >= 0 && values[i] <= codes);
      if (!fits) throw new ShapeError(`"values" of ${spec.name} do not fit the categories of "${input.name}"`);
    });
    const indicators = readMeta(state, "indicators", spec.name);
    const inRange = (i: unknown) => Number.isInteger(i) && Number(i) >= 0 && Number(i) < inputs.length;
    if (!Array.isArray(indicators) || !indicators.every(inRange))
      throw new ShapeError(`bad "indicators" of ${spec.name}`);
    return { values, indicators };
  }

  #learnNumber({ values }: NumberColumn): number {
    const present = values.filter((value) => !Number.isNaN(value));
    if (this.params.numbers === "constant" || present.length === 0) return this.params.numberFill;
    return this.params.numbers === "mean" ? mean(present) : median(present);
  }

  /** A code of the dictionary, or the dictionary's length for the constant when it is not in it. */
  #learnCategory({ codes, categories }: CategoryColumn): number {
    const counts = new Float64Array(categories.length);
    for (const code of codes) if (code >= 0) counts[code] += 1;
    const most = counts.reduce(
      (best, count, code) => (count > 0 && (best < 0 || count > counts[best]) ? code : best),
      -1,
    );
    if (this.params.categories === "mostFrequent" && most >= 0) return most;
    const known = categories.indexOf(this.params.categoryFill);
    return known >= 0 ? known : categories.length;
  }

  #outputSchema(input: ColumnSchema, fill: number): ColumnSchema {
    const { name } = input;
    if (input.kind !== "category") return { name, kind: "number" };
    const isNew = fill === input.categories.length;
    const categories = isNew ? [...input.categories, this.params.categoryFill] : input.categories;
    return { name, kind: "category", categories };
  }
}

// Internal

function flagName(name: string): string {
  return `${name} was missing`;
}

function hasMissing(column: Column): boolean {
  return column.kind === "category"
    ? column.codes.some((code) => code < 0)
    : (column as NumberColumn).values.some((value) => Number.isNaN(value));
}

function flagColumn(column: Column): NumberColumn {
  const values =
    column.kind === "category"
      ? Float64Array.from(column.codes, (code) => (code < 0 ? 1 : 0))
      : Float64Array.from((column as NumberColumn).values, (value) => (Number.isNaN(value) ? 1 : 0));
  return { kind: "number", name: flagName(column.name), values };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
