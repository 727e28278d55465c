// The one error class of this package. Every refusal of a file, a column or a query is a `DataError` whose
// message is a single line: what is wrong, where, and the cure. DuckDB's own texts are never passed on whole.

/** Stable names of everything that can be wrong with a file, a column or a query. */
export type DataErrorCode =
  | "ABORTED"
  | "BAD_OPTION"
  | "COLUMN_MISMATCH"
  | "CONSTANT_TARGET"
  | "DISK_FULL"
  | "DUPLICATE_COLUMN"
  | "EMPTY_FILE"
  | "EMPTY_TARGET"
  | "ENGINE_FAILED"
  | "FILE_NOT_FOUND"
  | "FILE_UNREADABLE"
  | "INVALID_CSV"
  | "INVALID_ENCODING"
  | "INVALID_JSON"
  | "INVALID_PARQUET"
  | "LINE_TOO_LONG"
  | "MISSING_TARGET"
  | "NESTED_VALUE"
  | "NOT_A_TABLE"
  | "NO_ROWS"
  | "OUT_OF_MEMORY"
  | "RAGGED_ROW"
  | "SQL_INVALID"
  | "SQL_NOT_ALLOWED"
  | "SQL_TIMEOUT"
  | "TOO_LARGE"
  | "TOO_MANY_COLUMNS"
  | "TOO_MANY_ROWS"
  | "TRUNCATED_FILE"
  | "UNKNOWN_COLUMN"
  | "UNSUITABLE_TARGET"
  | "WRITE_FAILED";

/** Where an error is, and what lies under it: `row` counts data rows from 1, the header not included. */
export interface DataErrorDetails {
  row?: number;
  column?: string;
  cause?: unknown;
}

/** A file, column or query that cannot be used, in one line that names the place and the cure. */
export class DataError extends Error {
  readonly code: DataErrorCode;
  readonly row: number | undefined;
  readonly column: string | undefined;

  constructor(code: DataErrorCode, message: string, { row, column, cause }: DataErrorDetails = {}) {
    super(oneLine(message), cause === undefined ? undefined : { cause });
    this.name = "DataError";
    this.code = code;
    this.row = row;
    this.column = column;
  }
}

/** Text on one line, cut to `limit` characters; control characters become spaces. */
export function oneLine(text: string, limit = 500): string {
  const flat = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat;
}

/** A value as an error message shows it: quoted, on one line, never longer than 60 characters. */
export function shown(value: string): string {
  return `"${oneLine(value, 60)}"`;
}
