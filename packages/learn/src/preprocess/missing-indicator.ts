// Columns that say where values are missing: that a value is absent can tell as much as the value.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import { ShapeError } from "../base/errors.ts";
import { readMeta } from "../base/state.ts";
import type { Column, ColumnSchema, NumberColumn, Table } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";
import { frameValues } from "./row-map.ts";

const params = {
  flag: {
    type: "choice",
    choices: ["missing", "all"],
    default: "missing",
    doc: "Flag the columns with missing values in training, or all.",
  },
  keep: { type: "boolean", default: true, doc: "Keep the columns themselves too, or give the flags alone." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "MissingIndicator",
  doc: "Adds a 0/1 column `NAME was missing` for each column with missing values.",
  source: "Missing-indicator method (Cohen & Cohen 1975).",
  accepts: ["number", "category", "date"],
  params,
};

/** Flags missing values; an unknown category counts as missing. */
export class MissingIndicator extends ColumnwiseTransformer<typeof params, readonly number[]> {
  readonly spec = spec;

  outputs(): readonly ColumnSchema[] {
    const flags = this.learned.map((i): ColumnSchema => ({ name: flagName(this.inputs[i].name), kind: "number" }));
    return this.params.keep ? [...this.inputs, ...flags] : flags;
  }

  override sources(): readonly string[] {
    const flagged = this.learned.map((i) => this.inputs[i].name);
    return this.params.keep ? [...this.inputs.map(({ name }) => name), ...flagged] : flagged;
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const from = Uint32Array.from(inputs, ({ slot }) => slot);
    const to = Uint32Array.from(outputs, ({ slot }) => slot);
    const flagged = Uint32Array.from(this.learned);
    const kept = this.params.keep ? from.length : 0;
    return (frame) => {
      for (let i = 0; i < kept; i++) frame[to[i]] = frame[from[i]];
      for (let k = 0; k < flagged.length; k++) frame[to[kept + k]] = Number.isNaN(frame[from[flagged[k]]]) ? 1 : 0;
    };
  }

  protected learn({ columns }: Table): readonly number[] {
    const flagged = [...columns.keys()];
    return this.params.flag === "all" ? flagged : flagged.filter((i) => hasMissing(columns[i]));
  }

  protected apply(columns: readonly Column[]): Column[] {
    const flags = this.learned.map((i): NumberColumn => {
      const values = frameValues(columns[i]).map((value) => (Number.isNaN(value) ? 1 : 0));
      return { kind: "number", name: flagName(columns[i].name), values };
    });
    return this.params.keep ? [...columns, ...flags] : flags;
  }

  protected pack(flagged: readonly number[]): FittedState {
    return { tensors: {}, meta: { flagged } };
  }

  protected unpack(state: FittedState, inputs: readonly ColumnSchema[]): readonly number[] {
    const flagged: unknown = readMeta(state, "flagged", spec.name);
    const rises = (i: unknown, k: number, all: readonly unknown[]) =>
      Number.isInteger(i) && Number(i) > Number(all[k - 1] ?? -1) && Number(i) < inputs.length;
    if (Array.isArray(flagged) && flagged.every(rises)) return flagged as readonly number[];
    throw new ShapeError(`"flagged" in the state of ${spec.name} must be rising positions of its columns`);
  }
}

// Internal

function flagName(name: string): string {
  return `${name} was missing`;
}

function hasMissing(column: Column): boolean {
  return frameValues(column).some((value) => Number.isNaN(value));
}
