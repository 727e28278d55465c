// Rows that are never all in memory: an estimator that keeps a short form of every row reads through them.
import { ShapeError } from "./errors.ts";
import type { Table, Target } from "./table.ts";

/** Columns and target of some rows. */
export interface RowPart {
  readonly table: Table;
  readonly target: Target;
}

/** Rows that can be read through as often as wanted. */
export interface RowParts {
  /** How many there are in all parts together. */
  readonly rows: number;
  /** The rows from the first on, part by part, always in the same order. */
  parts(): AsyncIterable<RowPart>;
}

/** The parts with the number of their first row. Throws ShapeError when there are not as many rows as said. */
export async function* numberedParts({ rows, parts }: RowParts): AsyncGenerator<RowPart & { readonly first: number }> {
  const other = () => new ShapeError(`the parts were to have ${rows} rows together, but have more or fewer`);
  let first = 0;
  for await (const part of parts()) {
    if (first + part.table.rows > rows) throw other();
    yield { ...part, first };
    first += part.table.rows;
  }
  if (first !== rows) throw other();
}
