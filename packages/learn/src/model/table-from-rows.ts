// Rows as callers give them, gathered into a table, for models that predict many rows faster together than one by one.
import { ParamError } from "../base/errors.ts";
import type { Column, ColumnSchema, Table } from "../base/table.ts";
import type { Row } from "./row.ts";
import { layInput, readRow } from "./row-reader.ts";

/**
 * The table of `rows` in the columns of `schema`, read as a predictor reads them: absent values and unknown categories
 * are missing. Throws ParamError naming the row and the column for a value of the wrong type.
 */
export function tableFromRows(schema: readonly ColumnSchema[], rows: readonly Row[]): Table {
  const { readers, slots, texts } = layInput(schema);
  const columns = schema.map((column) => emptyColumn(column, rows.length));
  const places = { frame: new Float64Array(schema.length), texts };
  rows.forEach((row, i) => {
    readOrName(i, () => readRow(row, readers, places));
    for (let k = 0; k < columns.length; k++) {
      const column = columns[k];
      if (column.kind === "category") column.codes[i] = Number.isNaN(places.frame[k]) ? -1 : places.frame[k];
      else if (column.kind === "text") column.values[i] = texts[slots[k].slot];
      else column.values[i] = places.frame[k];
    }
  });
  return { rows: rows.length, columns };
}

// Internal

type WritableColumn = Exclude<Column, { kind: "text" }> | { kind: "text"; name: string; values: (string | null)[] };

function emptyColumn(schema: ColumnSchema, rows: number): WritableColumn {
  const { name } = schema;
  switch (schema.kind) {
    case "category":
      return { kind: "category", name, codes: new Int32Array(rows), categories: schema.categories };
    case "text":
      return { kind: "text", name, values: new Array<string | null>(rows).fill(null) };
    default:
      return { kind: schema.kind, name, values: new Float64Array(rows) };
  }
}

function readOrName(index: number, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    throw new ParamError(error.field, `row ${index}: ${error.message}`, { cause: error });
  }
}
