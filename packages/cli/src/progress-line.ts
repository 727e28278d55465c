// How one piece of work looks as one line, at any moment of it: a pure function of its state.
import { bytes, count, duration } from "./figures.ts";
import type { Colours } from "./session.ts";

export interface LineState {
  readonly label: string;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly value: number;
  /** Undefined when nobody can know. */
  readonly total: number | undefined;
  /** "epoch", "tree", "bytes", "row". */
  readonly unit: string;
  /** Free text behind the figures: a loss, a result, a reason. */
  readonly detail: string;
  readonly elapsedSeconds: number;
  /** Units per second; undefined as long as it would be a guess. */
  readonly rate: number | undefined;
}

export interface LineLayout {
  /** Columns of the terminal. */
  readonly width: number;
  /** Labels are padded to this. */
  readonly labelWidth: number;
  readonly colours: Colours;
}

/** The line, cut to the terminal's width. */
export function progressLine(line: LineState, { width, labelWidth, colours }: LineLayout): string {
  const label = fit(line.label, Math.min(labelWidth, Math.max(8, Math.floor(width / 3))));
  const [mark, paint] = MARKS[line.state];
  const room = width - label.length - 4;
  const bar = line.state === "running" && line.total !== undefined && room > 55 ? `${barOf(line)} ` : "";
  const words = wordsOf(line);
  const text = fitEnd(words, room - bar.length);
  return `${colours[paint](mark)} ${label} ${bar === "" ? "" : colours.cyan(bar)} ${text}`.trimEnd();
}

/** Figures of work in progress: how far, how fast, how long still. */
export function progressWords(line: LineState): string {
  const parts: string[] = [];
  if (line.value > 0 || line.total !== undefined) parts.push(amount(line));
  const { rate, unit, value, total } = line;
  if (rate !== undefined && rate > 0) {
    parts.push(unit === "bytes" ? `${bytes(Math.round(rate))}/s` : `${perSecond(rate)} ${plural(unit)}/s`);
    if (total !== undefined && value < total) parts.push(`${duration((total - value) / rate)} left`);
  }
  if (line.detail !== "") parts.push(line.detail);
  if (parts.length === 0 || line.total === undefined) parts.push(duration(line.elapsedSeconds));
  return parts.join("  ");
}

// Internal

const BAR_WIDTH = 20;
const MARKS = {
  waiting: ["·", "dim"],
  running: ["›", "cyan"],
  done: ["✓", "green"],
  failed: ["✗", "red"],
} as const;

function wordsOf(line: LineState): string {
  if (line.state === "waiting") return "waiting";
  return line.state === "running" ? progressWords(line) : line.detail;
}

function amount({ value, total, unit }: LineState): string {
  if (unit === "bytes") return total === undefined ? bytes(value) : `${bytes(value)} of ${bytes(total)}`;
  return total === undefined ? `${count(value)} ${plural(unit)}` : `${count(value)}/${count(total)} ${plural(unit)}`;
}

function barOf({ value, total }: LineState): string {
  const share = total === undefined || total === 0 ? 0 : Math.min(1, value / total);
  const full = Math.round(share * BAR_WIDTH);
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}

function perSecond(rate: number): string {
  return rate >= 100 ? count(Math.round(rate)) : rate.toPrecision(2);
}

function plural(unit: string): string {
  return unit.endsWith("s") || unit === "" ? unit : `${unit}s`;
}

function fit(text: string, width: number): string {
  return (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);
}

function fitEnd(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
