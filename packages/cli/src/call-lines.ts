// Lines to paste that call an endpoint: one for a shell, one module in TypeScript.
import type { Row } from "@massif/api";
import type { Session } from "./session.ts";

export interface CallTarget {
  /** The address that takes rows. */
  readonly url: string;
  readonly row: Row;
  readonly key: string;
  /** The server's TypeScript module for this endpoint. */
  readonly source: string;
}

/** Headings and lines, ready to print. */
export function callLines(target: CallTarget, { colours }: Session): string[] {
  return [
    "",
    colours.bold("Call it from a shell:"),
    "",
    curlLine(target),
    "",
    colours.bold("Or with types: save this as predict.mts, then"),
    "",
    // `.mts`, because the module awaits at its top: `.ts` would depend on a package.json around it.
    `MASSIF_API_KEY=${target.key} npx tsx predict.mts    ${colours.dim("# from Node 22.18 on, `node predict.mts` does as well")}`,
    "",
    target.source.trimEnd(),
  ];
}

/** One line of curl, quoted for POSIX shells. */
export function curlLine({ url, row, key }: Omit<CallTarget, "source">): string {
  const body = JSON.stringify({ rows: [row] });
  return `curl -s ${url} -H ${quoted(`authorization: Bearer ${key}`)} -H 'content-type: application/json' -d ${quoted(body)}`;
}

// Internal

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
