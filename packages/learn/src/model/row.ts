// A row as callers give it: what each kind of column may hold, and a check that lists everything wrong with a row.
import type { ColumnSchema } from "../base/table.ts";
import { describeValue, listNames } from "../base/wording.ts";

/** A value of a row; null and undefined are missing. Dates are ISO 8601 texts, dates or milliseconds. */
export type RowValue = number | string | boolean | Date | null | undefined;

/** Named values, or values in the order of the schema. */
export type Row = Readonly<Record<string, RowValue>> | readonly RowValue[];

/** One thing wrong with a row. */
export interface RowProblem {
  /** The column, or for an array too long the position. */
  readonly column: string;
  readonly value: unknown;
  readonly code: "missing" | "unknown" | "type" | "not-finite";
  /** One sentence for the caller. */
  readonly problem: string;
}

/**
 * Everything wrong with a row: unknown and absent columns, wrong types, numbers that are not finite. An explicit null
 * is a missing value and fine, as is a category that training did not know.
 */
export function validateRow(schema: readonly ColumnSchema[], row: unknown): RowProblem[] {
  if (Array.isArray(row)) return validateList(schema, row);
  if (typeof row !== "object" || row === null) {
    const problem = `a row must be an object of named values or a list, got ${describeValue(row)}`;
    return [{ column: "", value: row, code: "type", problem }];
  }
  const values = row as Record<string, unknown>;
  const problems: RowProblem[] = [];
  for (const column of schema) {
    if (Object.hasOwn(values, column.name) && values[column.name] !== undefined) {
      problems.push(...valueProblems(column, values[column.name]));
    } else {
      const problem = `"${column.name}" is absent; give a ${column.kind}, or null when it is missing`;
      problems.push({ column: column.name, value: undefined, code: "missing", problem });
    }
  }
  const known = new Set(schema.map(({ name }) => name));
  for (const [name, value] of Object.entries(values)) {
    if (!known.has(name)) {
      const problem = `"${name}" is not an input of the model; its inputs are ${listNames([...known])}`;
      problems.push({ column: name, value, code: "unknown", problem });
    }
  }
  return problems;
}

/** Milliseconds since 1970 of an ISO 8601 text; NaN when it is not one. A time without a zone is UTC. */
export function parseDate(text: string): number {
  const found = ISO_DATE.exec(text);
  if (found === null) return Number.NaN;
  const [, date, time, zone] = found;
  return time === undefined ? Date.parse(date) : Date.parse(`${date}T${time}${zone ?? "Z"}`);
}

// Internal

const ISO_DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

function validateList(schema: readonly ColumnSchema[], row: readonly unknown[]): RowProblem[] {
  const problems = schema.flatMap((column, i): RowProblem[] => {
    if (i < row.length && row[i] !== undefined) return valueProblems(column, row[i]);
    const problem = `"${column.name}" is absent: the row has ${row.length} values, the model ${schema.length} inputs`;
    return [{ column: column.name, value: undefined, code: "missing", problem }];
  });
  for (let i = schema.length; i < row.length; i++) {
    const problem = `value ${i} has no column: the row has ${row.length} values, the model ${schema.length} inputs`;
    problems.push({ column: String(i), value: row[i], code: "unknown", problem });
  }
  return problems;
}

function valueProblems({ name, kind }: ColumnSchema, value: unknown): RowProblem[] {
  const fault = (code: RowProblem["code"], must: string): RowProblem[] => [
    { column: name, value, code, problem: `"${name}" must be ${must}, got ${describeValue(value)}` },
  ];
  if (value === null) return [];
  if (typeof value === "number" && !Number.isFinite(value)) return fault("not-finite", "finite; null means missing");
  switch (kind) {
    case "number":
      return typeof value === "number" ? [] : fault("type", "a number");
    case "category":
      return ["string", "number", "boolean"].includes(typeof value) ? [] : fault("type", "a text");
    case "text":
      return typeof value === "string" ? [] : fault("type", "a text");
    case "date":
      return isDate(value) ? [] : fault("type", "an ISO 8601 date such as 2024-05-31 or 2024-05-31T12:00:00Z");
  }
}

function isDate(value: unknown): boolean {
  if (typeof value === "number") return true;
  if (value instanceof Date) return !Number.isNaN(value.getTime());
  return typeof value === "string" && !Number.isNaN(parseDate(value));
}
