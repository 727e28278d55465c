// Finds the quote that is never closed, which DuckDB refuses without a place: it swallows the rest of the file, so
// that no row is left to blame.
import { createReadStream } from "node:fs";

/** Where the last quoted field of a text begins, if it never ends; `record` counts from 1, the header included. */
export async function unclosedQuote(
  path: string,
  delimiter: string,
): Promise<{ record: number; line: number } | undefined> {
  const delimiterByte = delimiter.charCodeAt(0);
  let [line, record, openLine] = [1, 1, 1];
  let quoted = false;
  let fieldStart = true;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      if (byte === NEWLINE) {
        line++;
        if (!quoted) record++;
      }
      if (byte === QUOTE && (quoted || fieldStart)) {
        // A doubled quote closes and opens again, which comes to the same.
        quoted = !quoted;
        if (quoted) openLine = line;
        fieldStart = true;
      } else if (!quoted) fieldStart = byte === delimiterByte || byte === NEWLINE || byte === RETURN;
    }
  }
  return quoted ? { record, line: openLine } : undefined;
}

// Internal

const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
