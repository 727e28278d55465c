// CSV and TSV into the table `staged`, every column as text. DuckDB reads in parallel and strictly; only when it
// refuses the file is it read once more, row by row with a table of rejects, to say where and why.
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CsvDialect, csvDialect, splitRecords } from "./csv-dialect.ts";
import { unclosedQuote } from "./csv-quotes.ts";
import { DataError, shown } from "./data-error.ts";
import { type Engine, engineFault, type Row } from "./engine.ts";
import { MISSING_SPELLINGS } from "./missing.ts";
import type { ScannedSource } from "./source-scan.ts";
import { literal, literals } from "./sql-text.ts";
import type { ReadLimits, StagedTable } from "./staged-table.ts";

export interface CsvOptions {
  delimiter?: string;
  header?: boolean;
  limits: ReadLimits;
}

/** Reads a scanned CSV or TSV into `staged`. */
export async function stageCsv(engine: Engine, source: ScannedSource, options: CsvOptions): Promise<StagedTable> {
  const { name, whole, format } = source;
  const { delimiter, header, limits } = options;
  const preferTab = format === "tsv";
  const dialect = csvDialect(source.head, { name, whole, delimiter, header, preferTab, maxColumns: limits.maxColumns });
  refuseLongLine(source);
  const path = source.mixedLineEnds ? await withPlainLineEnds(engine, source.path) : source.path;
  const rows = await read(engine, { ...source, path }, { dialect, maxRows: limits.maxRows });
  const unnamed = new Set(dialect.unnamed);
  return {
    rows,
    columns: dialect.names.map((column, i) => ({
      id: `c${i}`,
      name: column,
      type: "VARCHAR",
      unnamed: dialect.header && unnamed.has(i),
    })),
    warnings: dialect.header
      ? []
      : [`${name} has no header row: its columns are called column_1 to column_${unnamed.size}`],
    decimalComma: dialect.delimiter !== ",",
  };
}

// Internal

/** The longest line that is read, in bytes. */
const MAX_LINE_BYTES = 16 << 20;
/** Half of what DuckDB takes for a line by itself. */
const LONG_LINE_BYTES = 1_000_000;

/** DuckDB's own limit only holds for lines that do not fit its buffer. */
function refuseLongLine({ longestLine: { bytes, line }, name }: ScannedSource): void {
  if (bytes <= MAX_LINE_BYTES) return;
  const limit = MAX_LINE_BYTES >> 20;
  throw new DataError(
    "LINE_TOO_LONG",
    `line ${line} of ${name} is longer than ${limit} MB; check the line ends and quotes`,
  );
}

interface CsvReading {
  dialect: CsvDialect;
  maxRows: number;
}

async function read(engine: Engine, source: ScannedSource, { dialect, maxRows }: CsvReading): Promise<number> {
  try {
    const limit = maxRows < Number.MAX_SAFE_INTEGER ? ` LIMIT ${maxRows + 1}` : "";
    await engine.run(`CREATE TABLE staged AS SELECT * FROM ${readCsv(source, dialect)}${limit}`);
  } catch (error) {
    if (engineFault(error)?.type !== "Invalid Input") throw error;
    throw await diagnose(engine, source, { dialect, error });
  }
  const [{ rows }] = await engine.rows("SELECT count(*)::DOUBLE AS rows FROM staged");
  return rows as number;
}

function readCsv({ path, longestLine }: ScannedSource, dialect: CsvDialect, more = ""): string {
  // Large buffers leave the threads of a smaller file without work, so they are for long lines only.
  const long = longestLine.bytes > LONG_LINE_BYTES;
  const lines = long ? `, max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${2 * MAX_LINE_BYTES}` : "";
  const columns = dialect.names.map((_, i) => `'c${i}': 'VARCHAR'`).join(", ");
  return (
    `read_csv(${literal(path)}, auto_detect = false, columns = {${columns}}, delim = ${literal(dialect.delimiter)}, ` +
    `quote = '"', escape = '"', header = ${dialect.header}, strict_mode = true, ` +
    `nullstr = [${literals(MISSING_SPELLINGS)}]${more}${lines})`
  );
}

/** Reads again in order, collecting rejects, and makes the first of them a message. */
async function diagnose(
  engine: Engine,
  source: ScannedSource,
  { dialect, error }: { dialect: CsvDialect; error: unknown },
): Promise<DataError> {
  const options = ", parallel = false, store_rejects = true, rejects_limit = 10";
  try {
    await engine.rows(`SELECT count(*) FROM ${readCsv(source, dialect, options)}`);
  } catch (second) {
    if (engineFault(second) === undefined) throw second;
  }
  const [reject] = await engine.rows(
    `SELECT line::DOUBLE AS record, line_byte_position::DOUBLE AS byte, column_idx::DOUBLE AS field, column_name,
       error_type::VARCHAR AS kind, csv_line FROM reject_errors ORDER BY line, column_idx LIMIT 1`,
  );
  if (reject === undefined) {
    const open = await unclosedQuote(source.path, dialect.delimiter);
    if (open) {
      const row = open.record - (dialect.header ? 1 : 0);
      const text = `line ${open.line} (row ${row}) of ${source.name} opens a quote that is never closed; close or remove it`;
      return new DataError("INVALID_CSV", text, { row, cause: error });
    }
    return new DataError(
      "INVALID_CSV",
      `${source.name} cannot be read as CSV with ${shown(dialect.delimiter)} between fields; check its quotes and line ends`,
      { cause: error },
    );
  }
  return rejectError(reject, source, { dialect, cause: error });
}

async function rejectError(
  reject: Row,
  source: ScannedSource,
  { dialect, cause }: { dialect: CsvDialect; cause: unknown },
): Promise<DataError> {
  const row = (reject.record as number) - (dialect.header ? 1 : 0);
  const line = await lineAt(source.path, Math.max(0, (reject.byte as number) - 1));
  const where = `line ${line} (row ${row}) of ${source.name}`;
  const expected = dialect.names.length;
  if (reject.kind === "MISSING COLUMNS" || reject.kind === "TOO MANY COLUMNS") {
    const found = splitRecords(String(reject.csv_line ?? ""), dialect.delimiter, 1).records[0]?.length ?? 0;
    const counts = `${found} field${found === 1 ? "" : "s"}, the header has ${expected}`;
    return new DataError("RAGGED_ROW", `${where} has ${counts}; correct that line or quote the fields`, { row, cause });
  }
  if (reject.kind === "LINE SIZE OVER MAXIMUM") {
    const limit = MAX_LINE_BYTES >> 20;
    return new DataError("LINE_TOO_LONG", `${where} is longer than ${limit} MB; check for an unclosed quote`, {
      row,
      cause,
    });
  }
  const column = dialect.names[(reject.field as number) - 1];
  const what = `a quote that is not closed or not doubled in column ${JSON.stringify(column)}`;
  return new DataError("INVALID_CSV", `${where} has ${what}; close it, or write "" for a quote inside`, {
    row,
    column,
    cause,
  });
}

/** The line, from 1, that holds the byte at `offset`. */
async function lineAt(path: string, offset: number): Promise<number> {
  let line = 1;
  if (offset === 0) return line;
  for await (const chunk of createReadStream(path, { end: offset - 1 }) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) line++;
  }
  return line;
}

/** A copy whose `\r\n` are `\n`: DuckDB refuses a file that mixes them. */
async function withPlainLineEnds(engine: Engine, path: string): Promise<string> {
  const copy = join(engine.folder, "lines");
  const change = async function* (stream: AsyncIterable<string>) {
    let held = "";
    for await (const chunk of stream) {
      const text = held + chunk;
      held = text.endsWith("\r") ? "\r" : "";
      yield text.slice(0, text.length - held.length).replaceAll("\r\n", "\n");
    }
    yield held;
  };
  // latin1 maps bytes to characters one to one, so no character is cut at a chunk's end.
  await pipeline(createReadStream(path, "latin1"), change, createWriteStream(copy, "latin1"));
  return copy;
}
