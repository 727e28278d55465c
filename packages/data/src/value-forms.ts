// The ways a text can spell a number, a date or a boolean, as data: each form is a SQL expression that gives the
// value, or NULL where the text is not of that form. A column has a form when every value that is there parses.
import type { ColumnStorage } from "./column-info.ts";
import { literals } from "./sql-text.ts";

/** One spelling; earlier forms in a list win over later ones. */
export interface ValueForm {
  id: string;
  kind: "number" | "boolean" | "date";
  storage: ColumnStorage;
  /** SQL for the value of the text `v`, NULL if it has another form. */
  parse(v: string): string;
  /** What was taken off the text, for the column's flag. */
  note?: string;
  /** Forms that read the same text as something else. */
  rival?: string;
}

/** `12`, `-1.5e3`: what the engine itself reads as a number. Its `inf` is a number here; it is made missing later. */
export const PLAIN_NUMBER: ValueForm = {
  id: "plain",
  kind: "number",
  storage: "DOUBLE",
  parse: (v) => `TRY_CAST(${v} AS DOUBLE)`,
};

/** All other forms, in the order in which they are tried. */
export function otherForms(decimalComma: boolean): ValueForm[] {
  return [...wordPairs(), ...dates(), ...dressedNumbers(decimalComma)];
}

// Internal

interface Digits {
  id: string;
  pattern: string;
  plain: (v: string) => string;
  note: string;
  rival?: string;
}

const COMMA_THOUSANDS: Digits = {
  id: "thousands",
  pattern: "[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)([.][0-9]+)?",
  plain: (v) => `replace(${v}, ',', '')`,
  note: "commas between thousands",
  rival: "decimal-comma",
};
const DECIMAL_COMMA: Digits = {
  id: "decimal-comma",
  pattern: "[-+]?([0-9]{1,3}([.][0-9]{3})+|[0-9]+)?(,[0-9]+)?",
  plain: (v) => `replace(replace(${v}, '.', ''), ',', '.')`,
  note: "a decimal comma",
  rival: "thousands",
};
const SPACED_THOUSANDS: Digits = {
  id: "spaced-thousands",
  pattern: "[-+]?([0-9]{1,3}([ \u00a0\u202f\u2009''’][0-9]{3})+|[0-9]+)([.,][0-9]+)?",
  plain: (v) => `replace(regexp_replace(${v}, '[ \u00a0\u202f\u2009''’]', '', 'g'), ',', '.')`,
  note: "blanks between thousands",
};

/** A sign of money before or behind the digits. */
const MONEY = "([$€£¥₹]|USD|EUR|GBP|CHF|JPY|INR|CNY|kr)";

function dressedNumbers(decimalComma: boolean): ValueForm[] {
  const digits = decimalComma
    ? [DECIMAL_COMMA, COMMA_THOUSANDS, SPACED_THOUSANDS]
    : [COMMA_THOUSANDS, DECIMAL_COMMA, SPACED_THOUSANDS];
  const undress: readonly (readonly [string, string, (v: string) => string])[] = [
    ["", "", (v) => `trim(${v})`],
    [
      "percent-",
      "a percent sign",
      (v) => `CASE WHEN ends_with(trim(${v}), '%') THEN rtrim(trim(${v}), ' \u00a0%') END`,
    ],
    [
      "money-",
      "a sign of money",
      (v) => `CASE WHEN regexp_matches(${v}, '${MONEY}') THEN trim(regexp_replace(${v}, '\\s*${MONEY}\\s*', '')) END`,
    ],
  ];
  return undress.flatMap(([prefix, what, strip]) =>
    digits.map((form) => ({
      id: prefix + form.id,
      kind: "number" as const,
      storage: "DOUBLE" as const,
      parse: (v: string) =>
        `CASE WHEN regexp_full_match(${strip(v)}, '${form.pattern}') THEN TRY_CAST(${form.plain(strip(v))} AS DOUBLE) END`,
      note: what === "" ? form.note : what,
      rival: form.rival === undefined ? undefined : prefix + form.rival,
    })),
  );
}

function wordPairs(): ValueForm[] {
  const truth: ValueForm = {
    id: "true-false",
    kind: "boolean",
    storage: "BOOLEAN",
    parse: (v) => `CASE WHEN lower(trim(${v})) IN ('true', 'false') THEN lower(trim(${v})) = 'true' END`,
  };
  const pairs = [
    ["yes", "no"],
    ["y", "n"],
    ["t", "f"],
    ["on", "off"],
  ];
  // Words stay as they are written, because requests for predictions will spell them so too.
  const words = pairs.map(
    (pair): ValueForm => ({
      id: pair.join("-"),
      kind: "boolean",
      storage: "VARCHAR",
      parse: (v) => `CASE WHEN lower(trim(${v})) IN (${literals(pair)}) THEN trim(${v}) END`,
    }),
  );
  return [truth, ...words];
}

const TIMES = ["", " %H:%M", " %H:%M:%S", " %H:%M:%S.%g", " %I:%M %p", " %I:%M:%S %p"];

const DATE_ORDERS: readonly (readonly [id: string, days: readonly string[], rival?: string])[] = [
  ["year/month/day", ["%Y/%m/%d"]],
  ["month/day/year", ["%m/%d/%Y", "%m/%d/%y"], "day/month/year"],
  ["day/month/year", ["%d/%m/%Y", "%d/%m/%y"]],
  ["day.month.year", ["%d.%m.%Y", "%d.%m.%y"]],
  ["day-month-year", ["%d-%m-%Y"], "month-day-year"],
  ["month-day-year", ["%m-%d-%Y"]],
  ["day month-name year", ["%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y"]],
  ["month-name day year", ["%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y"]],
];

function dates(): ValueForm[] {
  // The engine alone would read "10-12-13" as a day of the year 10; four digits of year are asked for first.
  const iso: ValueForm = {
    id: "iso-date",
    kind: "date",
    storage: "TIMESTAMP",
    parse: (v) =>
      `CASE WHEN regexp_matches(${v}, '^\\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T].*)?$') THEN TRY_CAST(${v} AS TIMESTAMP) END`,
  };
  const ordered = DATE_ORDERS.map(([id, days, rival]): ValueForm => {
    const formats = days.flatMap((day) => TIMES.map((time) => day + time));
    return {
      id,
      kind: "date",
      storage: "TIMESTAMP",
      // Two-digit years come after four-digit ones in the list, and need their own length to match.
      parse: (v) => `TRY_CAST(try_strptime(trim(${v}), [${literals(formats)}]) AS TIMESTAMP)`,
      rival,
    };
  });
  return [iso, ...ordered];
}
