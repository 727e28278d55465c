// Aligned tables without lines: text flush left, numbers flush right, cells cut where the terminal ends.
import Table from "cli-table3";
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
  const drawn = new Table({
    head: columns.map(({ head }) => colours.bold(head)),
    colAligns: columns.map(({ number }) => (number ? "right" : "left")),
    chars: NO_LINES,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map((cell, i) => cut(oneLine(cell), columns[i].max)));
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** `name  value` lines, names aligned. */
export function facts(pairs: readonly (readonly [name: string, value: string])[], { colours }: Session): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${colours.dim(name.padEnd(width))}  ${value}`).join("\n");
}

// Internal

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

function cut(text: string, max: number | undefined): string {
  return max !== undefined && text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

// Control characters of data must not move the cursor of whoever reads them.
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours (ESC [) stay, all other control characters go.
  return text.replace(/[\u0000-\u001a\u001c-\u001f\u007f]/g, " ").replace(/\u001b(?!\[[\d;]*m)/g, " ");
}
