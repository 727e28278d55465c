// Columns as the data layer hands them over. A table is immutable by convention: transformers make new columns.

/** Real numbers; NaN is missing. */
export interface NumberColumn {
  readonly kind: "number";
  readonly name: string;
  readonly values: Float64Array;
}

/** Indices into `categories`; -1 is missing or unknown. */
export interface CategoryColumn {
  readonly kind: "category";
  readonly name: string;
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

/** Milliseconds since 1970-01-01T00:00Z; NaN is missing. */
export interface DateColumn {
  readonly kind: "date";
  readonly name: string;
  readonly values: Float64Array;
}

/** Free text; null is missing. */
export interface TextColumn {
  readonly kind: "text";
  readonly name: string;
  readonly values: readonly (string | null)[];
}

/** A column of any kind. */
export type Column = NumberColumn | CategoryColumn | DateColumn | TextColumn;
/** The kinds of columns. */
export type ColumnKind = Column["kind"];

/** Columns of equal length; `rows` counts them. */
export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** A column without its values: what a fitted pipeline remembers of its input. */
export type ColumnSchema =
  | { readonly name: string; readonly kind: "number" | "date" | "text" }
  | { readonly name: string; readonly kind: "category"; readonly categories: readonly string[] };

/** Numbers to predict; none is missing. */
export interface NumberTarget {
  readonly kind: "number";
  readonly name: string;
  readonly values: Float64Array;
}

/** Classes to predict, as indices into `classes`; none is missing. */
export interface ClassTarget {
  readonly kind: "class";
  readonly name: string;
  readonly codes: Int32Array;
  readonly classes: readonly string[];
}

/** What a fit learns to predict. */
export type Target = NumberTarget | ClassTarget;

/**
 * Per row one number; or one class, with the probability of each (rows × classes, row-major); or the nearest cluster,
 * with the distance to each (rows × clusters, row-major).
 */
export type Prediction =
  | { readonly kind: "number"; readonly values: Float64Array }
  | {
      readonly kind: "class";
      readonly classes: readonly string[];
      readonly codes: Int32Array;
      readonly probabilities: Float64Array;
    }
  | {
      readonly kind: "cluster";
      readonly clusters: number;
      readonly codes: Int32Array;
      readonly distances: Float64Array;
    };
