// A pass over the bytes of a JSON text that knows strings and brackets only: how it is laid out, how deep it goes,
// where each record begins and whether it ends. It runs before DuckDB, whose parser overflows the stack at a
// nesting of about 100,000, and again to find the record DuckDB stumbled over. It does not check JSON's grammar.
import { createReadStream } from "node:fs";
import { DataError } from "./data-error.ts";

/** `array` is `[{…}, {…}]`, `lines` is objects one after another, `object` a single object. */
export type JsonLayout = "array" | "lines" | "object";

/** One record's text and place. */
export interface JsonRecord {
  text: string;
  row: number;
  line: number;
}

export interface JsonScanOptions {
  name: string;
  /** Called with each record's text; without it the texts are not kept. */
  onRecord?: (record: JsonRecord) => void;
}

/** Scans the JSON text in `path`. */
export async function scanJson(path: string, options: JsonScanOptions): Promise<JsonLayout> {
  const scan = new JsonScan(options);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    scan.read(chunk);
  return scan.end();
}

// Internal

/** Far above any table, far below any stack. */
const MAX_DEPTH = 100;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const BOM = [0xef, 0xbb, 0xbf];

class JsonScan {
  readonly #name: string;
  readonly #onRecord: JsonScanOptions["onRecord"];
  #stack: number[] = [];
  #inString = false;
  #escaped = false;
  #line = 1;
  #layout: "array" | "lines" | undefined;
  #records = 0;
  #recordLine = 1;
  #kept: Buffer[] = [];

  constructor({ name, onRecord }: JsonScanOptions) {
    this.#name = name;
    this.#onRecord = onRecord;
  }

  read(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === NEWLINE) this.#line++;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#open(byte)) start = at;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (this.#close(byte)) this.#emit(chunk.subarray(start, at + 1));
      } else if (this.#stack.length <= this.#base()) this.#between(byte);
      else if (byte === QUOTE) this.#inString = true;
    }
    if (this.#onRecord && this.#stack.length > this.#base()) this.#kept.push(Buffer.from(chunk.subarray(start)));
  }

  end(): JsonLayout {
    if (this.#stack.length > 0 || this.#inString) {
      const where = this.#records === 0 ? "" : ` in row ${this.#records}, which begins in line ${this.#recordLine}`;
      throw new DataError(
        "TRUNCATED_FILE",
        `${this.#name} ends in the middle of its JSON${where}; write or copy it again`,
        {
          row: this.#records || undefined,
        },
      );
    }
    if (this.#records === 0) throw this.#notATable("holds no JSON object");
    if (this.#layout === "array") return "array";
    return this.#records > 1 ? "lines" : "object";
  }

  /** Depth at which records lie. */
  #base(): number {
    return this.#layout === "array" ? 1 : 0;
  }

  /** Enters a bracket; true if a record begins with it. */
  #open(byte: number): boolean {
    this.#stack.push(byte);
    const depth = this.#stack.length;
    if (depth > MAX_DEPTH) {
      const text = `${this.#name} is nested more than ${MAX_DEPTH} deep in line ${this.#line}; give an array of flat objects`;
      throw new DataError("NESTED_VALUE", text, { row: this.#records || undefined });
    }
    if (this.#layout === undefined) {
      this.#layout = byte === OPEN_BRACKET ? "array" : "lines";
      if (this.#layout === "array") return false;
    }
    if (depth !== this.#base() + 1) return false;
    this.#records++;
    this.#recordLine = this.#line;
    if (byte !== OPEN_BRACE) throw this.#notATable(`holds a list as row ${this.#records} (line ${this.#line})`);
    this.#kept = [];
    return true;
  }

  /** Leaves a bracket; true if a record ends with it. */
  #close(byte: number): boolean {
    const opened = this.#stack.pop();
    if (opened !== (byte === CLOSE_BRACE ? OPEN_BRACE : OPEN_BRACKET)) {
      const text = `${this.#name} has ${JSON.stringify(String.fromCharCode(byte))} in line ${this.#line} that closes nothing; correct that line`;
      throw new DataError("INVALID_JSON", text, { row: this.#records || undefined });
    }
    return this.#stack.length === this.#base() && byte === CLOSE_BRACE;
  }

  #emit(text: Buffer): void {
    if (!this.#onRecord) return;
    const whole = this.#kept.length > 0 ? Buffer.concat([...this.#kept, text]) : text;
    this.#onRecord({ text: whole.toString("utf8"), row: this.#records, line: this.#recordLine });
    this.#kept = [];
  }

  /** Between records there may be blanks and commas; anything else is a value that is no object. */
  #between(byte: number): void {
    if (byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09 || byte === COMMA) return;
    if (this.#layout === undefined && BOM.includes(byte)) return;
    const row = this.#records + 1;
    throw this.#notATable(`holds a value that is no object as row ${row} (line ${this.#line})`, row);
  }

  #notATable(what: string, row?: number): DataError {
    const cure = 'give an array of objects, [{"a": 1}, …], or one object per line';
    return new DataError("NOT_A_TABLE", `${this.#name} ${what}; ${cure}`, { row });
  }
}
