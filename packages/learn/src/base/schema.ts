// What a fitted component remembers of its columns, and how later tables are brought into that form.
import type { Json } from "./component.ts";
import { ShapeError } from "./errors.ts";
import type { CategoryColumn, Column, ColumnSchema, Table } from "./table.ts";
import { listNames } from "./wording.ts";

/** The column's schema: its name and kind, and a category's dictionary. */
export function schemaOf(column: Column): ColumnSchema {
  const { name, kind } = column;
  return kind === "category" ? { name, kind, categories: column.categories } : { name, kind };
}

/** The schemas of a table's columns, in order. */
export function tableSchema(table: Table): ColumnSchema[] {
  return table.columns.map(schemaOf);
}

/** How many values a column holds. */
export function columnLength(column: Column): number {
  return column.kind === "category" ? column.codes.length : column.values.length;
}

/** Throws ShapeError when columns differ in length, share a name, or hold infinities or codes that mean nothing. */
export function checkTable(table: Table): void {
  checkColumns(table);
  for (const column of table.columns) checkValues(column);
}

/** `checkTable` without a look at the values, for those who look while they compute and call it only then. */
export function checkColumns(table: Table): void {
  const seen = new Set<string>();
  for (const column of table.columns) {
    if (columnLength(column) !== table.rows) {
      throw new ShapeError(`column "${column.name}" has ${columnLength(column)} values, the table ${table.rows} rows`);
    }
    if (seen.has(column.name)) throw new ShapeError(`two columns are named "${column.name}"`);
    seen.add(column.name);
  }
}

/**
 * The table's columns in the order and coding of `schema`, found by name; further columns are left out. Categories that
 * the schema does not know become missing. Throws ShapeError naming `owner` for a column that is absent or of another
 * kind.
 */
export function alignTable(schema: readonly ColumnSchema[], table: Table, owner: string): Table {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const columns = schema.map((expected) => {
    const column = byName.get(expected.name);
    if (column === undefined) {
      const known = listNames(table.columns.map(({ name }) => name));
      throw new ShapeError(`${owner} was fitted with a column "${expected.name}", the table has ${known}`);
    }
    if (column.kind !== expected.kind) {
      throw new ShapeError(
        `${owner} was fitted with "${expected.name}" as a ${expected.kind} column, here it is a ${column.kind} column`,
      );
    }
    return column.kind === "category" && expected.kind === "category" ? recode(column, expected.categories) : column;
  });
  return { rows: table.rows, columns };
}

/** The column with its codes counting in `categories`; the column itself when the dictionaries are equal. */
export function recode(column: CategoryColumn, categories: readonly string[]): CategoryColumn {
  if (sameStrings(column.categories, categories)) return column;
  const index = new Map(categories.map((category, code) => [category, code]));
  const codeOf = Int32Array.from(column.categories, (category) => index.get(category) ?? -1);
  const codes = column.codes.map((code) => (code < 0 ? -1 : codeOf[code]));
  return { kind: "category", name: column.name, codes, categories };
}

/** Schemas as JSON. */
export function schemaToJson(schema: readonly ColumnSchema[]): Json {
  return schema.map((column): Json => {
    const { name, kind } = column;
    return column.kind === "category" ? { name, kind, categories: column.categories } : { name, kind };
  });
}

/** Reads what `schemaToJson` wrote; throws ShapeError naming `owner` when `json` is something else. */
export function schemaFromJson(json: unknown, owner: string): ColumnSchema[] {
  if (!Array.isArray(json)) throw new ShapeError(`the columns of ${owner} must be a list`);
  const schema = json.map((item: unknown) => columnFromJson(item, owner));
  if (new Set(schema.map(({ name }) => name)).size !== schema.length) {
    throw new ShapeError(`two columns of ${owner} share a name`);
  }
  return schema;
}

// Internal

function columnFromJson(item: unknown, owner: string): ColumnSchema {
  const { name, kind, categories } = (item ?? {}) as { name?: unknown; kind?: unknown; categories?: unknown };
  if (typeof name === "string") {
    if (kind === "number" || kind === "date" || kind === "text") return { name, kind };
    const isList = Array.isArray(categories) && categories.every((category) => typeof category === "string");
    if (kind === "category" && isList && new Set(categories).size === categories.length) {
      return { name, kind, categories };
    }
  }
  throw new ShapeError(`a column of ${owner} must have a name, a kind and, for a category, distinct categories`);
}

function checkValues(column: Column): void {
  const { name } = column;
  if (column.kind === "text") return;
  if (column.kind === "category") {
    const { codes, categories } = column;
    const bad = firstOutside(codes, categories.length);
    if (bad < 0) return;
    throw new ShapeError(`row ${bad} of "${name}" has code ${codes[bad]}, its dictionary ${categories.length} entries`);
  }
  const { values } = column;
  const bad = firstInfinite(values);
  if (bad >= 0) throw new ShapeError(`row ${bad} of "${name}" is ${values[bad]}; clip it or leave the row out`);
}

/** A plain loop: with a closure per value it takes longer than many a fit. */
function firstInfinite(values: Float64Array): number {
  for (let i = 0; i < values.length; i++) {
    if (values[i] === Number.POSITIVE_INFINITY || values[i] === Number.NEGATIVE_INFINITY) return i;
  }
  return -1;
}

/** `firstInfinite` for codes: the first that is neither -1 nor below `count`. */
function firstOutside(codes: Int32Array, count: number): number {
  for (let i = 0; i < codes.length; i++) if (codes[i] < -1 || codes[i] >= count) return i;
  return -1;
}

function sameStrings(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}
