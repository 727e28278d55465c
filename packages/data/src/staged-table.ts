// The table `staged`: a file's rows inside the engine, columns named c0, c1, … so that no name from a file can
// collide with SQL. Text columns come as VARCHAR and are typed later; typed formats keep their types.

/** The types a staged column can have. */
export type StagedType = "VARCHAR" | "BIGINT" | "DOUBLE" | "BOOLEAN" | "TIMESTAMP";

/** A column of `staged`; `id` is its name there, `name` the file's. */
export interface StagedColumn {
  id: string;
  name: string;
  type: StagedType;
  unnamed: boolean;
}

/** A file's rows in the engine's table `staged`. */
export interface StagedTable {
  rows: number;
  columns: StagedColumn[];
  warnings: string[];
  /** A comma between digits is more likely the decimal sign, because the fields are separated by something else. */
  decimalComma: boolean;
}

/** Limits of what is read. */
export interface ReadLimits {
  maxBytes: number;
  maxRows: number;
  maxColumns: number;
}

/** Generous limits for one machine. */
export const DEFAULT_LIMITS: ReadLimits = { maxBytes: 64 * 2 ** 30, maxRows: 1e9, maxColumns: 10_000 };
