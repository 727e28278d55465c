// Numbers, sizes and times as the console writes them.
import { shortNumber } from "@massif/charts";

/** A number of at most four digits; a dash for none. */
export function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : shortNumber(value);
}

/** Bytes in the largest unit that leaves a number of at least 1. */
export function bytes(value: number | null): string {
  if (value === null) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${size < 10 && unit > 0 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** Seconds in the unit that fits. */
export function duration(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds < 1e-3) return `${figure(seconds * 1e6)} µs`;
  if (seconds < 1) return `${figure(seconds * 1e3)} ms`;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Money; small amounts keep their digits. */
export function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const digits = amount !== 0 && Math.abs(amount) < 0.01 ? amount.toPrecision(3) : amount.toFixed(2);
  return `${digits.includes("e") ? Number(digits).toFixed(12).replace(/0+$/, "") : digits} ${currency}`;
}

/** A moment in the reader's own time. */
export function moment(at: string | null): string {
  return at === null ? "–" : new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
