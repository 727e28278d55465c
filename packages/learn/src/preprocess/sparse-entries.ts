// Numbers that are mostly 0, told row by row and laid into columns one after the other: a write to one of a thousand
// columns is a miss of every cache, while the few numbers themselves are sorted by column within them.
import type { NumberColumn } from "../base/table.ts";

const FIRST_ENTRIES = 1024;

/** Gathers the entries of rows in order. */
export class SparseEntries {
  readonly #ends: Uint32Array;
  #rows = 0;
  #count = 0;
  #columns = new Uint32Array(FIRST_ENTRIES);
  #values = new Float64Array(FIRST_ENTRIES);

  constructor(rows: number) {
    this.#ends = new Uint32Array(rows);
  }

  /** Adds an entry of the row at hand; each column once. */
  add(column: number, value: number): void {
    if (this.#count === this.#columns.length) this.#widen();
    this.#columns[this.#count] = column;
    this.#values[this.#count] = value;
    this.#count += 1;
  }

  endRow(): void {
    this.#ends[this.#rows] = this.#count;
    this.#rows += 1;
  }

  /** Writes the entries into columns of zeros, which are as many as were told of. */
  writeTo(columns: readonly NumberColumn[]): void {
    const { rows, values, starts } = this.#byColumn(columns.length);
    for (let k = 0; k < columns.length; k++) {
      const out = columns[k].values;
      for (let at = starts[k]; at < starts[k + 1]; at++) out[rows[at]] = values[at];
    }
  }

  // Internal

  /** The entries by column, sorted by counting: those of column k from starts[k] on. */
  #byColumn(columns: number): { rows: Uint32Array; values: Float64Array; starts: Uint32Array } {
    const [from, given, ends] = [this.#columns, this.#values, this.#ends];
    const starts = new Uint32Array(columns + 1);
    for (let i = 0; i < this.#count; i++) starts[from[i] + 1] += 1;
    for (let k = 0; k < columns; k++) starts[k + 1] += starts[k];
    const next = starts.slice();
    const rows = new Uint32Array(this.#count);
    const values = new Float64Array(this.#count);
    for (let row = 0, i = 0; row < this.#rows; row++) {
      for (; i < ends[row]; i++) {
        const at = next[from[i]]++;
        rows[at] = row;
        values[at] = given[i];
      }
    }
    return { rows, values, starts };
  }

  #widen(): void {
    const columns = new Uint32Array(2 * this.#count);
    const values = new Float64Array(2 * this.#count);
    columns.set(this.#columns);
    values.set(this.#values);
    this.#columns = columns;
    this.#values = values;
  }
}
