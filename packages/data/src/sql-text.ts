// Quoting for SQL text: the only two ways a name or a value may enter a statement this package builds.

/** A column or table name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as a quoted SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Strings as the inside of a SQL list. */
export function literals(texts: readonly string[]): string {
  return texts.map(literal).join(", ");
}
