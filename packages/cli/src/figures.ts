// Numbers, times, sizes and money as people read them in a terminal.
import type { Cost } from "@massif/api";

/** Up to `digits` significant digits, with thousands separators and no exponent where it can be read without. */
export function figure(value: number | null | undefined, digits = 5): string {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e12 || size < 1e-4)) return value.toExponential(digits - 1);
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.max(0, digits - whole) });
}

/** A count with thousands separators. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toLocaleString("en-US");
}

/** Seconds as `0.42 s`, `12.3 s`, `2 min 5 s` or `1 h 4 min`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 0.001) return `${Number((seconds * 1e6).toPrecision(3))} µs`;
  if (seconds < 0.1) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.round(seconds) / 60;
  if (minutes < 60) return `${Math.floor(minutes)} min ${Math.round(seconds) % 60} s`;
  return `${Math.floor(minutes / 60)} h ${Math.floor(minutes % 60)} min`;
}

/** Bytes as `512 B`, `2.5 MB`; units of 1000. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
}

/** Money without losing small amounts: a prediction may cost a millionth. */
export function money({ amount, currency }: Cost): string {
  const digits =
    amount !== 0 && Math.abs(amount) < 0.01 ? { maximumSignificantDigits: 3 } : { minimumFractionDigits: 2 };
  return `${amount.toLocaleString("en-US", digits)} ${currency}`;
}

/** A time stamp to the minute in the reader's own zone. */
export function moment(timestamp: string | null): string {
  if (timestamp === null) return "–";
  const date = new Date(timestamp);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

// Internal

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;
