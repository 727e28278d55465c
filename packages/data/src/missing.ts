// How files spell "no value".
import { literals } from "./sql-text.ts";

/** Fields that mean "no value", outer blanks aside, in every column (NaN included: it is missing, not a number). */
export const MISSING_SPELLINGS: readonly string[] = [
  "",
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "<NA>",
  "NaN",
  "nan",
  "NAN",
  "NULL",
  "Null",
  "null",
  "None",
  "-",
  "--",
  "?",
];

/**
 * SQL that is true if the text `v` spells "no value". Not `IN`: DuckDB turns a long IN list into a join, and a
 * table made through a join loses the order of its rows.
 */
export function isMissing(v: string): string {
  return `list_contains([${literals(MISSING_SPELLINGS)}], ${v})`;
}
