// How a CSV text is written: its delimiter and its header, found in the first records. Only the head of a file is
// read here; DuckDB then reads the whole with exactly this dialect, so that nothing is guessed twice.
import { DataError } from "./data-error.ts";
import { MISSING_SPELLINGS } from "./missing.ts";

/** The dialect of a CSV file; quotes are always `"`, doubled to escape. */
export interface CsvDialect {
  delimiter: string;
  header: boolean;
  /** Column names, unique without regard to case; unnamed columns are called `column_N`. */
  names: string[];
  /** Positions (from 0) of the columns that had no name. */
  unnamed: number[];
}

export interface DialectOptions {
  name: string;
  maxColumns: number;
  delimiter?: string;
  header?: boolean;
  preferTab?: boolean;
  /** `head` is the whole text, so its last record is complete. */
  whole: boolean;
}

/** Finds the dialect of the text that begins with `head`. */
export function csvDialect(head: string, options: DialectOptions): CsvDialect {
  const { name, maxColumns, delimiter = bestDelimiter(head, options) } = options;
  if (delimiter.length !== 1 || delimiter === '"' || delimiter === "\n" || delimiter === "\r") {
    throw new DataError(
      "BAD_OPTION",
      `\`delimiter\` must be one character and no quote or line end, got ${JSON.stringify(delimiter)}`,
    );
  }
  const { records, complete } = splitRecords(head, delimiter, 2);
  const first = records[0];
  if (first.length > maxColumns) {
    const atLeast = complete > 0 || options.whole ? "" : "at least ";
    throw new DataError(
      "TOO_MANY_COLUMNS",
      `${name} has ${atLeast}${first.length} columns in line 1, the limit is ${maxColumns}; drop columns or turn the table on its side`,
    );
  }
  if (complete === 0 && !options.whole) {
    throw new DataError("LINE_TOO_LONG", `line 1 of ${name} does not end within 1 MB; check the line ends and quotes`);
  }
  const header = options.header ?? looksLikeHeader(first);
  return { delimiter, header, ...namesOf(first, header, name) };
}

/** Splits text into records of fields by RFC 4180, at most `limit` records; `complete` counts those that ended. */
export function splitRecords(
  text: string,
  delimiter: string,
  limit: number,
): { records: string[][]; complete: number } {
  const records: string[][] = [];
  let fields: string[] = [];
  let field = "";
  let quoted = false;
  let complete = 0;
  const endRecord = () => {
    fields.push(field);
    if (fields.length > 1 || fields[0] !== "") {
      records.push(fields);
      complete++;
    }
    fields = [];
    field = "";
  };
  let at = 0;
  for (; at < text.length && records.length < limit; at++) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') {
        field += '"';
        at++;
      } else quoted = false;
    } else if (char === '"' && field.trim() === "") {
      quoted = true;
      field = "";
    } else if (char === delimiter) {
      fields.push(field);
      field = "";
    } else if (char === "\n" || char === "\r") {
      if (char === "\r" && text[at + 1] === "\n") at++;
      endRecord();
    } else field += char;
  }
  if (at >= text.length && (fields.length > 0 || field !== "")) {
    endRecord();
    complete--;
  }
  return { records, complete };
}

// Internal

const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Records looked at to choose the delimiter. */
const SAMPLE_RECORDS = 100;
const SAMPLE_CHARACTERS = 1 << 18;

/** The delimiter under which most records are as long as the first, the longer records winning a tie. */
function bestDelimiter(head: string, { preferTab, whole }: DialectOptions): string {
  const sample = head.slice(0, SAMPLE_CHARACTERS);
  let best = { delimiter: preferTab ? "\t" : ",", share: 0, width: 1 };
  for (const delimiter of DELIMITERS) {
    const { records, complete } = splitRecords(sample, delimiter, SAMPLE_RECORDS);
    const full = whole && sample.length === head.length ? records : records.slice(0, Math.max(1, complete));
    const width = full[0].length;
    if (width === 1) continue;
    // One more or fewer field is a slip in a row of this dialect; another dialect is off by much more.
    const share = full.filter((fields) => Math.abs(fields.length - width) <= (width > 2 ? 1 : 0)).length / full.length;
    const better = share > best.share + 1e-9 || (share > best.share - 1e-9 && width > best.width);
    if (better || (preferTab && delimiter === "\t"))
      best = { delimiter, share: preferTab && delimiter === "\t" ? 2 : share, width };
  }
  return best.delimiter;
}

/** A first record of nothing but numbers and blanks is data, not names; one blank alone may be an index column. */
function looksLikeHeader(first: readonly string[]): boolean {
  return first.some((field) => {
    const text = field.trim();
    return text !== "" && Number.isNaN(Number(text.replace(",", "."))) && !MISSING_SPELLINGS.includes(text);
  });
}

function namesOf(first: readonly string[], header: boolean, file: string): Pick<CsvDialect, "names" | "unnamed"> {
  const unnamed: number[] = [];
  const names = first.map((field, index) => {
    const name = header ? field.trim() : "";
    if (name !== "") return name;
    unnamed.push(index);
    return `column_${index + 1}`;
  });
  refuseDuplicates(names, file);
  return { names, unnamed };
}

/** Refuses two columns of one name; SQL does not tell upper from lower case. */
export function refuseDuplicates(names: readonly string[], file: string): void {
  const seen = new Map<string, number>();
  names.forEach((name, index) => {
    const earlier = seen.get(name.toLowerCase());
    if (earlier !== undefined) {
      throw new DataError(
        "DUPLICATE_COLUMN",
        `${file} has the column ${JSON.stringify(name)} twice (columns ${earlier + 1} and ${index + 1}); rename one of them`,
        { column: name },
      );
    }
    seen.set(name.toLowerCase(), index);
  });
}
