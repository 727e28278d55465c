// Which learning task a target column sets, and why; a target nothing can be learned from is refused here.
import type { ColumnInfo } from "./column-info.ts";
import { DataError, shown } from "./data-error.ts";
import { unknownColumn } from "./read-table.ts";

/** What kind of answer a model gives. */
export type Task = "regression" | "classification";

/** The task a target sets. `warnings` are for the user to read before training. */
export interface InferredTask {
  task: Task;
  reason: string;
  warnings: string[];
  /** The columns a model may learn from: no identifiers, constants or empty columns, and not the target. */
  features: string[];
}

/** Options: `task` overrules what would be found. */
export interface InferTaskOptions {
  task?: Task;
}

/** Infers the task of predicting `target`. Errors: UNKNOWN_COLUMN, EMPTY_TARGET, CONSTANT_TARGET, UNSUITABLE_TARGET. */
export function inferTask(
  columns: readonly ColumnInfo[],
  target: string,
  { task }: InferTaskOptions = {},
): InferredTask {
  const column = columns.find((candidate) => candidate.name === target);
  if (column === undefined) {
    if (target === "") throw new DataError("MISSING_TARGET", "no target is named; name the column to predict");
    throw unknownColumn(
      target,
      columns.map((candidate) => candidate.name),
    );
  }
  refuseUseless(column);
  const found = taskOf(column, task);
  const features = columns.filter((other) => other !== column && other.role === "feature").map((other) => other.name);
  if (features.length === 0) {
    throw new DataError(
      "UNSUITABLE_TARGET",
      `no column is left to predict ${shown(target)} from; add columns that describe the rows`,
      {
        column: target,
      },
    );
  }
  const warnings = [...found.warnings];
  if (column.missing > 0) warnings.push(`${column.missing} rows have no ${shown(target)} and take no part in training`);
  return { task: found.task, reason: found.reason, warnings, features };
}

// Internal

type Finding = Pick<InferredTask, "task" | "reason" | "warnings">;

/** Whole numbers with at most this many values, each seen often, are taken for classes. */
const FEW_CLASSES = 20;
const ROWS_PER_CLASS = 10;
const MANY_CLASSES = 100;
const TOO_MANY_CLASSES = 1000;

function refuseUseless(column: ColumnInfo): void {
  const name = shown(column.name);
  if (column.count === 0) {
    throw new DataError("EMPTY_TARGET", `the target ${name} has no values; choose another target`, {
      column: column.name,
    });
  }
  if (column.distinct <= 1) {
    const text = `the target ${name} has the same value in every row, so there is nothing to learn; choose another target`;
    throw new DataError("CONSTANT_TARGET", text, { column: column.name });
  }
}

function taskOf(column: ColumnInfo, asked: Task | undefined): Finding {
  const isNumber = column.kind === "number" || (column.kind === "boolean" && column.storage !== "VARCHAR");
  if (asked === "regression") {
    if (isNumber) return { task: "regression", reason: "asked for", warnings: [] };
    throw unsuitable(column, `holds ${plural(column)}, not numbers; predict its classes, or choose a number`);
  }
  if (column.kind === "date")
    throw unsuitable(column, "holds dates, which are not predicted; choose a number or a category");
  if (asked === "classification") return classes(column, "asked for");
  if (column.kind === "number") return numberTask(column);
  const reason =
    column.kind === "boolean" ? "the target has two values" : `the target has ${column.distinct} categories`;
  return classes(column, reason);
}

function numberTask(column: ColumnInfo): Finding {
  const { distinct, count, integer } = column;
  if (integer && distinct <= FEW_CLASSES && count >= ROWS_PER_CLASS * distinct) {
    const finding = classes(column, `the target has only ${distinct} whole numbers as values`);
    finding.warnings.push(`read as ${distinct} classes; ask for regression if the numbers are amounts`);
    return finding;
  }
  const warnings =
    column.role === "identifier" ? [`${shown(column.name)} looks like an identifier, not like a measure`] : [];
  return { task: "regression", reason: "the target is a number with many values", warnings };
}

function classes(column: ColumnInfo, reason: string): Finding {
  const { distinct, count, name } = column;
  if (distinct === count && count > 2) {
    throw unsuitable(
      column,
      "has a different value in every row, so no class can be learned; choose a column whose values repeat",
    );
  }
  if (distinct > TOO_MANY_CLASSES || column.kind === "text") {
    const some = `${column.distinctApproximate ? "about " : ""}${distinct}`;
    throw unsuitable(
      column,
      `has ${some} different values in ${count} rows, too many for classes; group them, or choose another target`,
    );
  }
  const warnings =
    distinct > MANY_CLASSES ? [`${shown(name)} has ${distinct} classes; training is slow and each has few rows`] : [];
  if (count < ROWS_PER_CLASS * distinct)
    warnings.push(`${shown(name)} has fewer than ${ROWS_PER_CLASS} rows per class`);
  return { task: "classification", reason, warnings };
}

function plural({ kind }: ColumnInfo): string {
  return { number: "numbers", category: "categories", boolean: "words", date: "dates", text: "texts" }[kind];
}

function unsuitable({ name }: ColumnInfo, what: string): DataError {
  return new DataError("UNSUITABLE_TARGET", `the target ${shown(name)} ${what}`, { column: name });
}
