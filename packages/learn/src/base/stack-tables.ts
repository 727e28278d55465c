// Two tables as one, the rows of the second after those of the first.
import { ShapeError } from "./errors.ts";
import type { Column, Table } from "./table.ts";

/** `top` and below it `bottom`, which has the same columns in the same order; throws ShapeError when it has not. */
export function stackTables(top: Table, bottom: Table): Table {
  const columns = top.columns.map((column, i) => stacked(column, bottom.columns[i]));
  return { rows: top.rows + bottom.rows, columns };
}

// Internal

function stacked(top: Column, bottom: Column | undefined): Column {
  if (bottom?.name !== top.name || bottom.kind !== top.kind) {
    throw new ShapeError(`a column "${top.name}" (${top.kind}) is followed by ${bottom?.name} (${bottom?.kind})`);
  }
  if (top.kind === "text") return { ...top, values: [...top.values, ...(bottom as typeof top).values] };
  if (top.kind !== "category") return { ...top, values: joined(top.values, (bottom as typeof top).values) };
  const { codes, categories } = bottom as typeof top;
  const places = categories.map((name) => top.categories.indexOf(name));
  return {
    ...top,
    codes: joined(
      top.codes,
      codes.map((code) => (code < 0 ? -1 : places[code])),
    ),
  };
}

function joined<A extends Float64Array | Int32Array>(top: A, bottom: A): A {
  const both = new (top.constructor as new (length: number) => A)(top.length + bottom.length);
  both.set(top);
  both.set(bottom, top.length);
  return both;
}
