// What a table holds, column by column, as plain JSON: for people to look at and for plans to reckon with.
import type { ColumnInfo } from "./column-info.ts";
import type { Engine, Row } from "./engine.ts";
import { identifier } from "./sql-text.ts";
import { GROUP, groups } from "./type-columns.ts";

/** A histogram: `counts[i]` values lie in [edges[i], edges[i + 1]), the last bin including its upper edge. */
export interface Histogram {
  edges: number[];
  counts: number[];
}

/** A number column's figures; `std` is the sample's (n - 1), and null where it overflows or n < 2. */
export interface NumberProfile {
  min: number;
  max: number;
  mean: number | null;
  std: number | null;
  /** The 1st, 5th, 25th, 50th, 75th, 95th and 99th percentile, linearly interpolated. */
  quantiles: { p01: number; p05: number; p25: number; p50: number; p75: number; p95: number; p99: number };
  /** The quantiles are estimates, because the table is large. */
  quantilesApproximate: boolean;
  zeros: number;
  histogram: Histogram;
}

/** Dates as ISO strings; the histogram's edges are milliseconds since 1970. */
export interface DateProfile {
  min: string;
  max: string;
  histogram: Histogram;
}

/** The most frequent values, most frequent first, and how many values are others. */
export interface CategoryProfile {
  top: { value: string; count: number }[];
  others: number;
}

/** Lengths in characters. */
export interface TextProfile {
  minLength: number;
  meanLength: number;
  maxLength: number;
}

/** One column's profile; which of the four parts is there depends on its kind. */
export interface ColumnProfile {
  name: string;
  kind: ColumnInfo["kind"];
  count: number;
  missing: number;
  distinct: number;
  distinctApproximate: boolean;
  /** Up to five different values, in order of appearance. */
  examples: string[];
  number?: NumberProfile;
  date?: DateProfile;
  category?: CategoryProfile;
  text?: TextProfile;
}

/** A table's profile; JSON as it stands. */
export interface Profile {
  rows: number;
  columns: ColumnProfile[];
}

/** A column to profile and the SQL that gives it. */
export interface ProfileSource {
  info: ColumnInfo;
  sql: string;
}

/** Profiles columns of a relation with `rows` rows. */
export async function profileOf(
  engine: Engine,
  relation: string,
  { sources, rows }: { sources: readonly ProfileSource[]; rows: number },
): Promise<Profile> {
  const columns: ColumnProfile[] = [];
  for (const group of groups(sources, GROUP)) {
    const [figures] = await engine.rows(
      `SELECT ${group.flatMap((s, i) => figuresSql(s, i, rows)).join(", ")} FROM ${relation}`,
    );
    const counted = group.flatMap((s, i) => countsSql(s, i, figures));
    const [counts] = counted.length > 0 ? await engine.rows(`SELECT ${counted.join(", ")} FROM ${relation}`) : [{}];
    const examples = await engine.rows(
      `SELECT ${group.map((s, i) => `CAST(${s.sql} AS VARCHAR) AS e${i}`).join(", ")} FROM ${relation} LIMIT ${EXAMPLE_ROWS}`,
    );
    group.forEach((source, i) => {
      const shown = examplesOf(examples.map((row) => row[`e${i}`]));
      columns.push(
        columnProfile(source, { figures: part(figures, i), counts: part(counts, i), examples: shown, rows }),
      );
    });
  }
  return { rows, columns };
}

// Internal

const BINS = 30;
const TOP = 20;
const EXAMPLES = 5;
const EXAMPLE_ROWS = 100;
const EXAMPLE_LENGTH = 100;
/** Exact quantiles sort the column; beyond this many rows a t-digest estimates them. */
const EXACT_QUANTILE_ROWS = 200_000;
/** Squares of numbers beyond this overflow, which the engine reports as an error. */
const LARGEST_FOR_STD = 1e150;
const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

type Shape = "number" | "date" | "category" | "text" | "none";

function shapeOf({ info }: ProfileSource): Shape {
  if (info.count === 0) return "none";
  const stored = info.storage === "BIGINT" || info.storage === "DOUBLE";
  if (info.kind === "number") return stored ? "number" : "none";
  if (info.kind === "boolean") return "category";
  return info.kind;
}

function named(i: number, parts: Record<string, string>): string[] {
  return Object.entries(parts).map(([key, sql]) => `${sql} AS ${identifier(`${i}/${key}`)}`);
}

function part(row: Row, i: number): Row {
  const own = Object.entries(row).filter(([key]) => key.startsWith(`${i}/`));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(key.indexOf("/") + 1), value]));
}

function figuresSql(source: ProfileSource, i: number, rows: number): string[] {
  const { sql } = source;
  const shape = shapeOf(source);
  if (shape === "number") {
    const x = `CAST(${sql} AS DOUBLE)`;
    const safe = `CASE WHEN abs(${x}) < ${LARGEST_FOR_STD} THEN ${x} END`;
    const quantile = rows <= EXACT_QUANTILE_ROWS ? "quantile_cont" : "approx_quantile";
    return named(i, {
      min: `min(${x})`,
      max: `max(${x})`,
      mean: `avg(${safe})`,
      std: `stddev_samp(${safe})`,
      safe: `count(${safe})::DOUBLE`,
      zeros: `count(*) FILTER (${x} = 0)::DOUBLE`,
      quantiles: `${quantile}(${x}, [${QUANTILES.join(", ")}])`,
    });
  }
  if (shape === "date") return named(i, { min: `min(epoch_ms(${sql}))::DOUBLE`, max: `max(epoch_ms(${sql}))::DOUBLE` });
  if (shape === "text") {
    const length = `length(CAST(${sql} AS VARCHAR))`;
    return named(i, { min: `min(${length})::DOUBLE`, mean: `avg(${length})`, max: `max(${length})::DOUBLE` });
  }
  return named(i, { none: "NULL" });
}

/** Counts per bin or per category, as maps. */
function countsSql(source: ProfileSource, i: number, figures: Row): string[] {
  const shape = shapeOf(source);
  if (shape === "category") return named(i, { map: `histogram(CAST(${source.sql} AS VARCHAR))` });
  if (shape !== "number" && shape !== "date") return [];
  const { min, max } = part(figures, i) as { min: number; max: number };
  const x = shape === "date" ? `CAST(epoch_ms(${source.sql}) AS DOUBLE)` : `CAST(${source.sql} AS DOUBLE)`;
  const bins = binsBetween(min, max, source.info);
  const width = max / bins - min / bins || 1;
  // Halved terms keep the difference finite for columns that span the whole range of doubles.
  const bin = `least(${bins - 1}, greatest(0, floor((${x} / 2 - ${sqlNumber(min / 2)}) / ${sqlNumber(width / 2)})))`;
  return named(i, { map: `histogram(CAST(${bin} AS INTEGER))` });
}

/** Whole numbers of a small range get one bin each. */
function binsBetween(min: number, max: number, info: ColumnInfo): number {
  if (min === max) return 1;
  if (info.integer && max - min < BINS) return max - min + 1;
  return BINS;
}

function sqlNumber(value: number): string {
  return `'${value}'::DOUBLE`;
}

interface Found {
  figures: Row;
  counts: Row;
  examples: string[];
  rows: number;
}

function columnProfile(source: ProfileSource, found: Found): ColumnProfile {
  const { name, kind, count, missing, distinct, distinctApproximate } = source.info;
  const profile: ColumnProfile = {
    name,
    kind,
    count,
    missing,
    distinct,
    distinctApproximate,
    examples: found.examples,
  };
  const shape = shapeOf(source);
  const { figures } = found;
  if (shape === "number") profile.number = numberProfile(source.info, found);
  if (shape === "category") profile.category = categoryProfile(found.counts, count);
  if (shape === "text") {
    profile.text = {
      minLength: figures.min as number,
      meanLength: figures.mean as number,
      maxLength: figures.max as number,
    };
  }
  if (shape === "date") {
    const [min, max] = [figures.min as number, figures.max as number];
    profile.date = {
      min: isoDate(min),
      max: isoDate(max),
      histogram: histogramOf(found.counts, { min, max, info: source.info }),
    };
  }
  return profile;
}

function numberProfile(info: ColumnInfo, { figures, counts, rows }: Found): NumberProfile {
  const [min, max] = [figures.min as number, figures.max as number];
  const [p01, p05, p25, p50, p75, p95, p99] = listItems(figures.quantiles) as number[];
  const whole = figures.safe === info.count;
  return {
    min,
    max,
    mean: whole ? (figures.mean as number) : null,
    std: whole ? ((figures.std as number | null) ?? null) : null,
    quantiles: { p01, p05, p25, p50, p75, p95, p99 },
    quantilesApproximate: rows > EXACT_QUANTILE_ROWS,
    zeros: figures.zeros as number,
    histogram: histogramOf(counts, { min, max, info }),
  };
}

function histogramOf(counts: Row, { min, max, info }: { min: number; max: number; info: ColumnInfo }): Histogram {
  const bins = binsBetween(min, max, info);
  const whole = info.integer && bins === max - min + 1;
  // With a bin for each whole number the upper edge of a bin is the next number.
  const top = whole ? max + 1 : max;
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? top : min + i * (top / bins - min / bins)));
  const filled = new Array<number>(bins).fill(0);
  for (const { key, value } of mapEntries(counts.map)) filled[Number(key)] = Number(value);
  return { edges, counts: filled };
}

function categoryProfile(counts: Row, count: number): CategoryProfile {
  const all = mapEntries(counts.map).map(({ key, value }) => ({ value: String(key), count: Number(value) }));
  all.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  const top = all.slice(0, TOP);
  return { top, others: count - top.reduce((sum, entry) => sum + entry.count, 0) };
}

function mapEntries(map: unknown): { key: unknown; value: unknown }[] {
  return (map ?? []) as { key: unknown; value: unknown }[];
}

function listItems(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

/** ISO text; a date beyond the range of JavaScript's is given as its milliseconds. */
function isoDate(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

function examplesOf(values: readonly unknown[]): string[] {
  const different = new Set(
    values.filter((value) => value !== null).map((value) => String(value).slice(0, EXAMPLE_LENGTH)),
  );
  return [...different].slice(0, EXAMPLES);
}
