// Dates as numbers that models can use. Times are read as UTC, so the same row gives the same parts on every machine.
import type { FittedState, RowTransform, Slot, TransformerSpec } from "../base/component.ts";
import type { Column, ColumnSchema, DateColumn, NumberColumn } from "../base/table.ts";
import { ColumnwiseTransformer } from "./columnwise.ts";

const params = {
  time: { type: "boolean", default: false, doc: "Also give the hour of the day." },
  cyclic: {
    type: "boolean",
    default: false,
    doc: "Also give sine and cosine of the time within the year, the week and, with `time`, the day.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "DateParts",
  doc:
    "Replaces a date by its year, month (1-12), day, weekday (0 is Sunday), days since 1970 and, if asked, its hour and " +
    "its place on the circles of year, week and day.",
  source: "Gregorian calendar, UTC.",
  accepts: ["date"],
  params,
};

const DAY = 86_400_000; // milliseconds

const HOUR = 3_600_000; // milliseconds

const PARTS: readonly (readonly [suffix: string, of: (time: number) => number])[] = [
  ["year", (time) => yearOf(Math.floor(time / DAY))],
  ["month", (time) => monthOf(dayOfYear(Math.floor(time / DAY)))],
  ["day", (time) => dayOfMonth(dayOfYear(Math.floor(time / DAY)))],
  ["weekday", (time) => modulo(Math.floor(time / DAY) + 4, 7)],
  ["days", (time) => time / DAY],
];

const TIME_PARTS: typeof PARTS = [["hour", (time) => Math.floor(modulo(time, DAY) / HOUR)]];

/** A mean Gregorian year: 146,097 days in 400 years. */
const YEAR = 365.2425 * DAY;

/** 1970-01-04 was a Sunday. */
const SUNDAY = 3 * DAY;

// On a circle 23:00 is next to 00:00 and December next to January, which plain numbers do not show.
const CYCLES = [...cycle("yearly", YEAR, 0), ...cycle("weekly", 7 * DAY, SUNDAY)];
const TIME_CYCLES = cycle("daily", DAY, 0);

/** Splits date columns into number columns named `column year`, `column month`, …; missing stays missing. */
export class DateParts extends ColumnwiseTransformer<typeof params, null> {
  readonly spec = spec;

  outputs(): readonly ColumnSchema[] {
    return this.inputs.flatMap(({ name }) =>
      this.#parts().map(([suffix]): ColumnSchema => ({ name: `${name} ${suffix}`, kind: "number" })),
    );
  }

  override sources(): readonly string[] {
    return this.inputs.flatMap(({ name }) => this.#parts().map(() => name));
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
    const { time, cyclic } = this.params;
    return [...PARTS, ...(time ? TIME_PARTS : []), ...(cyclic ? CYCLES : []), ...(cyclic && time ? TIME_CYCLES : [])];
  }
}

// Internal

/** Where a time is on a circle of `period` milliseconds that begins at `start`. */
function cycle(name: string, period: number, start: number): typeof PARTS {
  const angle = (time: number) => (2 * Math.PI * modulo(time - start, period)) / period;
  return [
    [`${name} sin`, (time) => Math.sin(angle(time))],
    [`${name} cos`, (time) => Math.cos(angle(time))],
  ];
}

// Calendar arithmetic without Date objects, after Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013): years
// begin on 1 March, so that the leap day is a year's last; 400 years are 146,097 days; day 0 lies 719,468 days before
// 1970-01-01.

function modulo(value: number, by: number): number {
  return value - Math.floor(value / by) * by;
}

/** Of the years since 1 March 0000 modulo 400, the one that holds `day`, counted from the era's beginning. */
function yearOfEra(day: number): number {
  return Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
}

/** Days since the last 1 March, for days since 1970. */
function dayOfYear(days: number): number {
  const day = modulo(days + 719_468, 146_097);
  const year = yearOfEra(day);
  return day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
}

/** 0 for March to 11 for February; months from March on have 153 days in every five. */
function monthFromMarch(dayOfYear: number): number {
  return Math.floor((5 * dayOfYear + 2) / 153);
}

function monthOf(dayOfYear: number): number {
  const month = monthFromMarch(dayOfYear);
  return month < 10 ? month + 3 : month - 9;
}

function dayOfMonth(dayOfYear: number): number {
  return dayOfYear - Math.floor((153 * monthFromMarch(dayOfYear) + 2) / 5) + 1;
}

function yearOf(days: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const january = monthOf(dayOfYear(days)) <= 2 ? 1 : 0;
  return yearOfEra(shifted - era * 146_097) + era * 400 + january;
}
