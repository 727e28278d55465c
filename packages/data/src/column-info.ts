// What the platform knows about a column besides its values.

/** What a column's values are. A `boolean` has two spellings: true/false, 0/1, or a pair of words. */
export type ColumnKind = "number" | "category" | "boolean" | "date" | "text";

/** What a column is for: identifiers, constants and empty columns carry nothing a model can learn. */
export type ColumnRole = "feature" | "identifier" | "constant" | "empty";

/** Something worth knowing about a column: a stable name and a sentence. */
export interface ColumnFlag {
  code:
    | "ambiguous-date"
    | "ambiguous-number"
    | "big-integer"
    | "coerced"
    | "empty"
    | "code"
    | "constant"
    | "high-cardinality"
    | "identifier"
    | "infinite"
    | "mixed"
    | "number-as-text"
    | "sequence"
    | "unnamed";
  reason: string;
}

/** How a column is stored in the Parquet file of its version. */
export type ColumnStorage = "BIGINT" | "DOUBLE" | "BOOLEAN" | "TIMESTAMP" | "VARCHAR";

/** One column of a dataset version; `distinct` is exact unless `distinctApproximate`. */
export interface ColumnInfo {
  name: string;
  kind: ColumnKind;
  role: ColumnRole;
  storage: ColumnStorage;
  /** Values that are there. */
  count: number;
  missing: number;
  distinct: number;
  distinctApproximate: boolean;
  /** Every number is a whole number. */
  integer: boolean;
  flags: ColumnFlag[];
}
