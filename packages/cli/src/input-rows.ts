// Rows for a prediction from a CSV, TSV, JSON or JSON-lines file, or from standard input, as the endpoint's signature
// wants them: numbers as numbers, categories as text, empty cells as missing. What does not fit is named by line and
// column before anything is sent.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { ApiError, type Row, type RowSignature } from "@massif/api";
import { CsvError, parse } from "csv-parse";

export type RowFormat = "csv" | "tsv" | "json" | "jsonl";

/** One row of the input, as it stands there and as it is sent. */
export interface InputRow {
  /** All columns of the file, in its order. */
  readonly original: Readonly<Record<string, unknown>>;
  /** The signature's columns only. */
  readonly row: Row;
}

export interface RowSource {
  readonly name: string;
  readonly format: RowFormat;
  readonly stream: Readable;
}

/** Opens a file, or standard input for `-`; `format` says how to read what the name's ending does not tell. */
export async function openRows(file: string, stdin: Readable, format?: RowFormat): Promise<RowSource> {
  if (file === "-") return { name: "standard input", format: format ?? "csv", stream: stdin };
  const ending = path.extname(file).slice(1).toLowerCase();
  const known = format ?? FORMATS[ending];
  if (known === undefined) {
    throw new ApiError("INVALID_FILE", `cannot tell the format of ${file}: name it .csv, .tsv, .json or .jsonl`);
  }
  if ((await stat(file)).isDirectory()) throw new ApiError("INVALID_FILE", `${file} is a folder, not a file`);
  return { name: file, format: known, stream: createReadStream(file) };
}

/** Reads and converts the rows, one at a time. */
export async function* inputRows(source: RowSource, signature: RowSignature): AsyncGenerator<InputRow> {
  const convert = converter(source.name, signature);
  let seen = 0;
  for await (const { record, line } of records(source)) {
    seen += 1;
    yield { original: record, row: convert(record, line) };
  }
  if (seen === 0) throw new ApiError("INVALID_FILE", `${source.name} holds no rows`);
}

/** One row given on the command line. */
export function rowFromJson(text: string, signature: RowSignature): InputRow {
  const record = parseJson(text, "`--row`");
  if (!isRecord(record)) throw new ApiError("INVALID_ROWS", "`--row` must be one JSON object: '{\"column\": value}'");
  // A file may hold more than the model asks for; in one row written by hand it is a slip.
  const names = signature.inputs.map(({ name }) => name);
  const unknown = Object.keys(record).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const message = `\`--row\`: ${JSON.stringify(unknown)} is not an input of the model; its inputs are ${names.join(", ")}`;
    throw new ApiError("INVALID_ROWS", message);
  }
  return { original: record, row: converter("`--row`", signature)(record, undefined) };
}

// Internal

const FORMATS: Readonly<Record<string, RowFormat>> = {
  csv: "csv",
  tsv: "tsv",
  json: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
};

/** Texts that mean "no value" in number columns, as the import reads them too. */
const MISSING = new Set(["", "na", "n/a", "nan", "null"]);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

interface PlacedRecord {
  readonly record: Readonly<Record<string, unknown>>;
  /** In the file, the first line being 1; undefined for JSON. */
  readonly line: number | undefined;
}

function records(source: RowSource): AsyncGenerator<PlacedRecord> {
  switch (source.format) {
    case "csv":
      return delimited(source, ",");
    case "tsv":
      return delimited(source, "\t");
    case "json":
      return jsonArray(source);
    case "jsonl":
      return jsonLines(source);
  }
}

async function* delimited(source: RowSource, delimiter: string): AsyncGenerator<PlacedRecord> {
  const parser = parse({ delimiter, bom: true, columns: headerOf(source), skip_empty_lines: true, info: true });
  source.stream.on("error", (error) => parser.destroy(error));
  source.stream.pipe(parser);
  try {
    for await (const { record, info } of parser) yield { record, line: info.lines };
  } catch (error) {
    if (error instanceof CsvError) throw csvError(error, source.name);
    throw error;
  } finally {
    source.stream.destroy();
  }
}

function csvError(error: CsvError, name: string): ApiError {
  const { code, record, columns, lines } = error as CsvError &
    Partial<Record<"record" | "columns", unknown[]>> & { lines?: number };
  const ragged = code === "CSV_RECORD_INCONSISTENT_COLUMNS" && Array.isArray(record) && Array.isArray(columns);
  // Other messages of the parser name the line themselves.
  const message = ragged
    ? `${name} line ${lines} has ${record.length} fields, the header has ${columns.length}`
    : `${name}: ${error.message}`;
  return new ApiError("INVALID_FILE", message, { cause: error });
}

function headerOf({ name }: RowSource): (header: string[]) => string[] {
  return (header) => {
    const twice = header.find((column, i) => header.indexOf(column) !== i);
    if (twice !== undefined)
      throw new ApiError("INVALID_FILE", `${name} has two columns named ${JSON.stringify(twice)}`);
    return header;
  };
}

async function* jsonArray(source: RowSource): AsyncGenerator<PlacedRecord> {
  const value = parseJson(await textOf(source.stream), source.name);
  const rows = isRecord(value) && Array.isArray(value.rows) ? value.rows : value;
  const list = Array.isArray(rows) ? rows : [rows];
  for (const [index, record] of list.entries()) {
    if (!isRecord(record)) {
      throw new ApiError("INVALID_ROWS", `${source.name}: row ${index + 1} is no JSON object`);
    }
    yield { record, line: undefined };
  }
}

async function* jsonLines(source: RowSource): AsyncGenerator<PlacedRecord> {
  let number = 0;
  let rest = "";
  source.stream.setEncoding("utf8");
  for await (const chunk of source.stream) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield* lineRecord(line, ++number, source.name);
  }
  yield* lineRecord(rest, ++number, source.name);
}

function* lineRecord(text: string, line: number, name: string): Generator<PlacedRecord> {
  if (text.trim() === "") return;
  const record = parseJson(text, `${name} line ${line}`);
  if (!isRecord(record)) throw new ApiError("INVALID_ROWS", `${name} line ${line} is no JSON object`);
  yield { record, line };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\ufeff/, "");
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("INVALID_JSON", `${where} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

type Convert = (record: Readonly<Record<string, unknown>>, line: number | undefined) => Row;

// Rows are numbered by line in files of lines, else by their place.
function converter(name: string, { inputs }: RowSignature): Convert {
  let number = 0;
  return (record, line) => {
    number += 1;
    const where = line === undefined ? (name === "`--row`" ? name : `${name}: row ${number}`) : `${name} line ${line}`;
    const row: Record<string, string | number | boolean | null> = {};
    for (const { name: column, kind } of inputs) {
      const value = record[column];
      if (value === undefined) {
        const known = Object.keys(record).join(", ");
        throw new ApiError("INVALID_ROWS", `${where} has no column ${JSON.stringify(column)}; it has: ${known}`);
      }
      row[column] = kind === "number" ? numberOf(value, { where, column }) : textValue(value, { where, column });
    }
    return row;
  };
}

interface Place {
  readonly where: string;
  readonly column: string;
}

function numberOf(value: unknown, { where, column }: Place): number | null {
  if (value === null) return null;
  if (typeof value === "number") return value;
  const text = typeof value === "string" ? value.trim() : undefined;
  if (text !== undefined && MISSING.has(text.toLowerCase())) return null;
  if (text === undefined || !NUMBER.test(text) || !Number.isFinite(Number(text))) {
    throw new ApiError("INVALID_ROWS", `${where}, column ${column}: ${JSON.stringify(value)} is not a number`);
  }
  return Number(text);
}

function textValue(value: unknown, { where, column }: Place): string | number | boolean | null {
  if (value === null || value === "") return null;
  if (typeof value === "object") {
    throw new ApiError("INVALID_ROWS", `${where}, column ${column}: a list or an object is no value`);
  }
  return value as string | number | boolean;
}
