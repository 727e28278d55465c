// A data set's profile as an aligned table, with a histogram of each column in a handful of characters.
import type { ColumnInfo, ColumnProfile, DatasetVersion } from "@massif/api";
import { bytes, count, figure } from "./figures.ts";
import type { Session } from "./session.ts";
import { facts, table } from "./table.ts";

/** What is known of a data set version. */
export function profileText(version: DatasetVersion, session: Session): string {
  const { colours } = session;
  const columns = version.columns ?? [];
  const head = facts(
    [
      ["data set", `${colours.bold(version.dataset)}, version ${version.version}`],
      ["rows", `${count(version.rows)} in ${columns.length} columns, ${bytes(version.bytes)}`],
      ["source", version.source],
      ...(version.suggestedTarget === null ? [] : [["suggested target", version.suggestedTarget] as const]),
    ],
    session,
  );
  const warnings = version.warnings.map((warning) => colours.yellow(`! ${warning}`));
  const notes = columns.flatMap(({ name, notes }) => notes.map((note) => colours.dim(`  ${name}: ${note}`)));
  return [head, "", columnTable(columns, version.profile ?? [], session), ...warnings, ...notes].join("\n");
}

/** Bars of eight heights, one per bin; the highest bin is full. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((value) => (value === 0 ? " " : BARS[Math.min(BARS.length - 1, Math.ceil((value / most) * BARS.length) - 1)]))
    .join("");
}

// Internal

const BARS = "▁▂▃▄▅▆▇█";
const SPARK_BINS = 16;

function columnTable(columns: readonly ColumnInfo[], profiles: readonly ColumnProfile[], session: Session): string {
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  return table(
    [
      { head: "column", max: 32 },
      { head: "kind" },
      { head: "missing", number: true },
      { head: "distinct", number: true },
      { head: "min", number: true, max: 16 },
      { head: "mean", number: true },
      { head: "max", number: true, max: 16 },
      { head: "distribution", max: 48 },
    ],
    columns.map((column) => {
      const profile = byName.get(column.name);
      const kind = column.role === "feature" ? column.kind : `${column.kind}, ${column.role}`;
      if (profile === undefined) return [column.name, kind, "–", "–", "–", "–", "–", ""];
      return [
        column.name,
        kind,
        count(profile.missing),
        count(profile.distinct),
        bound(profile.min),
        figure(profile.mean),
        bound(profile.max),
        distribution(profile),
      ];
    }),
    { session, none: "no columns" },
  );
}

function bound(value: string | number | null): string {
  return typeof value === "number" ? figure(value) : (value ?? "–");
}

function distribution({ histogram, top, count: rows }: ColumnProfile): string {
  if (histogram !== null && histogram.length > 0) return sparkline(merged(histogram.map((bin) => bin.count)));
  if (top === null) return "";
  return top
    .slice(0, 3)
    .map(({ value, count: n }) => `${value} ${share(n, rows)}`)
    .join(", ");
}

function share(part: number, whole: number): string {
  return whole === 0 ? "0%" : `${Math.round((100 * part) / whole)}%`;
}

function merged(counts: readonly number[]): number[] {
  const group = Math.ceil(counts.length / SPARK_BINS);
  const bins: number[] = [];
  for (let i = 0; i < counts.length; i += group) {
    bins.push(counts.slice(i, i + group).reduce((sum, value) => sum + value, 0));
  }
  return bins;
}
