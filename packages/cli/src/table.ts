// Aligned tables without lines: text flush left, numbers flush right, cells cut where the terminal ends.
import stringWidth from "string-width";
import type { Session } from "./session.ts";

export interface Column {
  readonly head: string;
  /** Set flush right. */
  readonly number?: true;
  /** Cut to this many characters. */
  readonly max?: number;
}

/** A table of `rows`; `none` is said when there are none. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { session, none = "none" }: { readonly session: Session; readonly none?: string },
): string {
  const { colours } = session;
  if (rows.length === 0) return colours.dim(none);
  const cells = rows.map((row) => row.map((cell, i) => cut(oneLine(cell), columns[i].max)));
  const widths = columns.map(({ head }, i) =>
    cells.reduce((widest, row) => Math.max(widest, stringWidth(row[i])), stringWidth(head)),
  );
  const heads = columns.map(({ head }) => colours.bold(head));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => padded(cell, widths[i], columns[i].number === true))
      .join(GAP)
      .trimEnd();
  return [heads, ...cells].map(line).join("\n");
}

/** `name  value` lines, names aligned. */
export function facts(pairs: readonly (readonly [name: string, value: string])[], { colours }: Session): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${colours.dim(name.padEnd(width))}  ${value}`).join("\n");
}

// Internal

const GAP = "  ";

function padded(text: string, width: number, flushRight: boolean): string {
  const blanks = " ".repeat(width - stringWidth(text));
  return flushRight ? blanks + text : text + blanks;
}

function cut(text: string, max: number | undefined): string {
  return max !== undefined && text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

// Control characters of data must not move the cursor of whoever reads them.
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours (ESC [) stay, all other control characters go.
  return text.replace(/[\u0000-\u001a\u001c-\u001f\u007f]/g, " ").replace(/\u001b(?!\[[\d;]*m)/g, " ");
}
