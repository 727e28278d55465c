// Parts of one version as one: rows of the same columns, categories and classes, one part after another.
import type { Column, Table, Target } from "@massif/learn";

/** Columns and target of the same rows. */
export interface LabelledRows {
  readonly table: Table;
  readonly target: Target;
}

/** All parts, of which there is at least one, in order. */
export function stackParts(parts: readonly LabelledRows[]): LabelledRows {
  const rows = parts.reduce((sum, { table }) => sum + table.rows, 0);
  const columns = parts[0].table.columns.map((_, i) =>
    stackColumns(
      parts.map(({ table }) => table.columns[i]),
      rows,
    ),
  );
  return {
    table: { rows, columns },
    target: stackTargets(
      parts.map(({ target }) => target),
      rows,
    ),
  };
}

// Internal

function stackColumns(columns: readonly Column[], rows: number): Column {
  const [first] = columns;
  if (first.kind === "category") {
    return {
      ...first,
      codes: fill(
        new Int32Array(rows),
        columns.map((column) => (column as typeof first).codes),
      ),
    };
  }
  if (first.kind === "text") return { ...first, values: columns.flatMap((column) => (column as typeof first).values) };
  return {
    ...first,
    values: fill(
      new Float64Array(rows),
      columns.map((column) => (column as typeof first).values),
    ),
  };
}

function stackTargets(targets: readonly Target[], rows: number): Target {
  const [first] = targets;
  if (first.kind === "class") {
    return {
      ...first,
      codes: fill(
        new Int32Array(rows),
        targets.map((target) => (target as typeof first).codes),
      ),
    };
  }
  return {
    ...first,
    values: fill(
      new Float64Array(rows),
      targets.map((target) => (target as typeof first).values),
    ),
  };
}

function fill<A extends Float64Array | Int32Array>(whole: A, parts: readonly A[]): A {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
