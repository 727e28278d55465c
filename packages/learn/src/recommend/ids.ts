// Users and items are counted from 0. In a category column the place is the code; in a number column, whose numbers are
// names here, it is the place among the distinct numbers in ascending order.
import { ParamError, ShapeError } from "../base/errors.ts";
import type { Column, ColumnSchema } from "../base/table.ts";
import type { Id } from "./recommender.ts";

/** The users or the items of a fitted model. */
export class Ids {
  readonly column: ColumnSchema;
  /** Ascending; empty for a category column. */
  readonly numbers: Float64Array;

  constructor(column: ColumnSchema, numbers: Float64Array) {
    this.column = column;
    this.numbers = numbers;
  }

  /** The ids of a column; throws ParamError for dates and texts. */
  static of(column: Column, owner: string): Ids {
    const { name, kind } = column;
    if (kind === "category") return new Ids({ name, kind, categories: column.categories }, new Float64Array(0));
    if (kind !== "number") {
      throw new ParamError(
        name,
        `${owner} needs users and items as categories or numbers, "${name}" is a ${kind} column`,
      );
    }
    const numbers = Float64Array.from(new Set(column.values.filter((value) => !Number.isNaN(value)))).sort();
    return new Ids({ name, kind }, numbers);
  }

  get count(): number {
    return this.column.kind === "category" ? this.column.categories.length : this.numbers.length;
  }

  /** The id at a place. */
  at(place: number): Id {
    return this.column.kind === "category" ? this.column.categories[place] : this.numbers[place];
  }

  /** The place of a value as a row frame holds it; -1 for one that is missing or unknown. */
  placeOf(value: number): number {
    if (this.column.kind === "category") return value >= 0 ? value : -1;
    let low = 0;
    let high = this.numbers.length;
    while (low < high) {
      const half = (low + high) >>> 1;
      if (this.numbers[half] < value) low = half + 1;
      else high = half;
    }
    return this.numbers[low] === value ? low : -1;
  }

  /** The place of an id as a caller gives it; -1 for an unknown one. */
  find(id: Id): number {
    if (this.column.kind === "category") return this.column.categories.indexOf(String(id));
    const number = typeof id === "number" ? id : id.trim() === "" ? Number.NaN : Number(id);
    return this.placeOf(number);
  }

  /** The places of a column's values; throws ShapeError when it is not of this kind. */
  places(column: Column): Int32Array {
    if (column.kind === "category" && this.column.kind === "category") return column.codes;
    if (column.kind !== "number")
      throw new ShapeError(`"${column.name}" is a ${column.kind} column, not a number column`);
    return Int32Array.from(column.values, (value) => this.placeOf(value));
  }
}
