// How values of a row reach their places: one reader per input column, made once, run for every row.
import type { Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ColumnSchema } from "../base/table.ts";
import { describeValue } from "../base/wording.ts";
import { parseDate, type Row, type RowValue } from "./row.ts";

/** Where a row's values go: numbers, codes and times into the frame, texts beside it. */
export interface RowPlaces {
  readonly frame: Float64Array;
  readonly texts: (string | null)[];
}

/** Writes one column's value to its place; throws ParamError for a value of the wrong type. */
export interface RowReader {
  readonly name: string;
  read(value: RowValue, places: RowPlaces): void;
}

/** Readers and slots for the columns of a row, and the places for its texts. The slot of column i is i. */
export function layInput(input: readonly ColumnSchema[]): {
  readers: RowReader[];
  slots: Slot[];
  texts: (string | null)[];
} {
  const texts: (string | null)[] = [];
  // Texts have places of their own; their slots in the frame stay unused.
  const slots = input.map(
    (column, i): Slot => ({ ...column, slot: column.kind === "text" ? texts.push(null) - 1 : i }),
  );
  return { slots, readers: slots.map(rowReader), texts };
}

/** Writes a row of named values, or of values in the order of the readers, to its places. */
export function readRow(row: Row, readers: readonly RowReader[], places: RowPlaces): void {
  if (Array.isArray(row)) {
    for (let i = 0; i < readers.length; i++) readers[i].read(row[i], places);
  } else {
    const named = row as Readonly<Record<string, RowValue>>;
    for (let i = 0; i < readers.length; i++) readers[i].read(named[readers[i].name], places);
  }
}

// Internal

function rowReader(column: Slot): RowReader {
  const { name, kind, slot } = column;
  switch (kind) {
    case "number":
      return {
        name,
        read: (value, { frame }) => {
          if (typeof value === "number" && Math.abs(value) !== Number.POSITIVE_INFINITY) frame[slot] = value;
          else if (value === null || value === undefined) frame[slot] = Number.NaN;
          else throw wrong(name, "a finite number", value);
        },
      };
    case "category":
      return categoryReader(column);
    case "date":
      return {
        name,
        read: (value, { frame }) => {
          frame[slot] = value === null || value === undefined ? Number.NaN : dateOf(name, value);
        },
      };
    case "text":
      return {
        name,
        read: (value, { texts }) => {
          if (typeof value === "string") texts[slot] = value;
          else if (value === null || value === undefined) texts[slot] = null;
          else throw wrong(name, "a text", value);
        },
      };
  }
}

function categoryReader({ name, slot, categories }: Extract<Slot, { kind: "category" }>): RowReader {
  const codes = new Map(categories.map((category, code) => [category, code]));
  return {
    name,
    read: (value, { frame }) => {
      if (typeof value === "string") frame[slot] = codes.get(value) ?? Number.NaN;
      else if (value === null || value === undefined) frame[slot] = Number.NaN;
      else if (typeof value === "object") throw wrong(name, "a text", value);
      else frame[slot] = codes.get(String(value)) ?? Number.NaN;
    },
  };
}

function dateOf(name: string, value: NonNullable<RowValue>): number {
  const time = typeof value === "string" ? parseDate(value) : value instanceof Date ? value.getTime() : value;
  if (typeof time === "number" && Number.isFinite(time)) return time;
  throw wrong(name, "an ISO 8601 date", value);
}

function wrong(column: string, must: string, value: unknown): ParamError {
  return new ParamError(column, `"${column}" must be ${must}, got ${describeValue(value)}`);
}
