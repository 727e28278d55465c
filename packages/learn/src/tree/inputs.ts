// What trees accept as columns and targets. Missing values and categories are fine as they are; text is not, and the
// message says what to do. Infinities are refused by checkTable, as everywhere.
import { ParamError, ShapeError } from "../base/errors.ts";
import { checkTable } from "../base/schema.ts";
import type { ClassTarget, NumberTarget, Table, Target } from "../base/table.ts";

/** A node names its feature in 16 bits. */
const MAX_FEATURES = 65_535;

/** Throws ParamError or ShapeError naming `owner` and the column when trees cannot learn from `table`. */
export function checkFeatures(owner: string, table: Table): void {
  checkTable(table);
  if (table.rows === 0) throw new ShapeError(`${owner} needs at least one row to learn from`);
  if (table.columns.length === 0) throw new ShapeError(`${owner} needs at least one column to learn from`);
  if (table.columns.length > MAX_FEATURES) {
    throw new ShapeError(`${owner} takes at most ${MAX_FEATURES} columns, the table has ${table.columns.length}`);
  }
  for (const column of table.columns) {
    const { name, kind } = column;
    if (kind === "text") {
      const cure = "add a TfidfVectorizer step, or leave the column out";
      throw new ParamError(name, `${owner} cannot learn from the text column "${name}"; ${cure}`);
    }
  }
}

/** The target's values; throws ParamError or ShapeError when they are not `rows` finite numbers. */
export function numberTarget(owner: string, target: Target | undefined, rows: number): NumberTarget {
  if (target === undefined) throw absent(owner);
  if (target.kind !== "number")
    throw new ParamError("target", `${owner} needs a number target, "${target.name}" is none`);
  checkLength(target.name, target.values.length, rows);
  const row = target.values.findIndex((value) => !Number.isFinite(value));
  if (row >= 0) {
    const problem = `row ${row} of the target "${target.name}" is ${target.values[row]}; leave such rows out`;
    throw new ParamError("target", problem);
  }
  return target;
}

/** The target's classes; throws ParamError or ShapeError when they are not `rows` codes of the classes. */
export function classTarget(owner: string, target: Target | undefined, rows: number): ClassTarget {
  if (target === undefined) throw absent(owner);
  if (target.kind !== "class")
    throw new ParamError("target", `${owner} needs a class target, "${target.name}" is none`);
  checkLength(target.name, target.codes.length, rows);
  const row = target.codes.findIndex((code) => code < 0 || code >= target.classes.length);
  if (row >= 0)
    throw new ParamError("target", `row ${row} of the target "${target.name}" is missing; leave such rows out`);
  return target;
}

// Internal

function absent(owner: string): ParamError {
  return new ParamError("target", `${owner} needs a target: name the column to predict`);
}

function checkLength(name: string, length: number, rows: number): void {
  if (length !== rows) throw new ShapeError(`the target "${name}" has ${length} values, the table ${rows} rows`);
}
