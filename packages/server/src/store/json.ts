// JSON columns. Both drivers read jsonb into values, but they disagree on writing (node-postgres turns an array into
// a PostgreSQL array), so every write goes through `json`, and the column types below accept nothing else.
import { type ColumnType, type RawBuilder, sql } from "kysely";

/** A jsonb column holding a `T`. */
export type Json<T> = ColumnType<T, RawBuilder<T>, RawBuilder<T>>;

/** A jsonb column holding a `T` or null. */
export type JsonOrNull<T> = ColumnType<T | null, RawBuilder<T> | null | undefined, RawBuilder<T> | null>;

/** Wraps a value for a jsonb column. */
export function json<T>(value: T): RawBuilder<T> {
  return sql<T>`${JSON.stringify(value)}::text::jsonb`;
}

/** Wraps a value for a nullable jsonb column: null and undefined become SQL null. */
export function jsonOrNull<T>(value: T | null | undefined): RawBuilder<T> | null {
  return value === null || value === undefined ? null : json(value);
}
