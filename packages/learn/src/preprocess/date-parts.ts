// Dates as numbers that models can use. Times are read as UTC, so the same row gives the same parts on every machine.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import type { Column, ColumnSchema, DateColumn, NumberColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

const params = {
  time: { type: "boolean", default: false, doc: "Also give the hour of the day." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "DateParts",
  doc: "Replaces a date by its year, month (1-12), day, weekday (0 is Sunday), days since 1970 and, if asked, hour.",
  source: "Gregorian calendar, UTC.",
  accepts: ["date"],
  params,
};

const DAY = 86_400_000; // milliseconds

const PARTS: readonly (readonly [suffix: string, of: (time: number) => number])[] = [
  ["year", (time) => new Date(time).getUTCFullYear()],
  ["month", (time) => new Date(time).getUTCMonth() + 1],
  ["day", (time) => new Date(time).getUTCDate()],
  ["weekday", (time) => new Date(time).getUTCDay()],
  ["days", (time) => time / DAY],
  ["hour", (time) => new Date(time).getUTCHours()],
];

/** Splits date columns into number columns named `column year`, `column month`, …; missing stays missing. */
export class DateParts extends ColumnwiseTransformer<typeof params, null> {
  readonly spec = spec;

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap(({ name }) =>
      this.#parts().map(([suffix]): ColumnSchema => ({ name: `${name} ${suffix}`, kind: "number" })),
    );
  }

  compileRow(inputs: readonly Slot[], outputs: readonly Slot[]): RowTransform {
    const parts = this.#parts();
    return (frame) => {
      for (let i = 0; i < inputs.length; i++) {
        const time = frame[inputs[i].slot];
        for (let k = 0; k < parts.length; k++) frame[outputs[i * parts.length + k].slot] = parts[k][1](time);
      }
    };
  }

  protected learn(): null {
    return null;
  }

  protected apply(columns: readonly Column[]): Column[] {
    return (columns as readonly DateColumn[]).flatMap(({ name, values }) =>
      this.#parts().map(([suffix, of]): NumberColumn => {
        return { kind: "number", name: `${name} ${suffix}`, values: values.map((time) => of(time)) };
      }),
    );
  }

  protected pack(): FittedState {
    return { tensors: {}, meta: {} };
  }

  protected unpack(): null {
    return null;
  }

  #parts() {
    return this.params.time ? PARTS : PARTS.slice(0, -1);
  }
}
