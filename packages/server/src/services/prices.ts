// What things cost, as data. Amounts are in units of `currency`; the defaults are in the order of what clouds ask for
// the bare resources, and are the operator's to change. A cost is a sum of meters, each a measured quantity times its
// unit price: that sum is what usage stores, what a response says, and what an invoice lists.
import type { UsageKind } from "../store/schema.ts";

/** A price table. */
export interface Prices {
  readonly currency: string;
  /** Per second of CPU time of predictions, measured. */
  readonly predictCpuSecond: number;
  /** Per second of CPU time of trainings, imports and queries, measured. */
  readonly trainCpuSecond: number;
  /** Per gigabyte (10^9 bytes) of memory held and second on the clock, measured. */
  readonly memoryGbSecond: number;
  readonly millionRequests: number;
  readonly millionRows: number;
  /** Per gigabyte of data and models and month of 30 days. */
  readonly storedGbMonth: number;
}

export const DEFAULT_PRICES: Prices = {
  currency: "USD",
  predictCpuSecond: 0.00004,
  trainCpuSecond: 0.00002,
  memoryGbSecond: 0.000004,
  millionRequests: 0.2,
  millionRows: 0.1,
  storedGbMonth: 0.02,
};

/** What was used; what is left out is zero. */
export interface Quantities {
  readonly requests?: number;
  readonly rows?: number;
  readonly cpuSeconds?: number;
  readonly memoryMbSeconds?: number;
  readonly storedGbHours?: number;
}

/** One measured quantity, in the unit that has a price. */
export interface MeterReading {
  readonly meter: string;
  readonly unit: string;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly amount: number;
}

/** What is charged for use of a kind, meter by meter; without those that read zero. */
export function readMeters(prices: Prices, kind: UsageKind, used: Quantities): MeterReading[] {
  const { requests = 0, rows = 0, cpuSeconds = 0, memoryMbSeconds = 0, storedGbHours = 0 } = used;
  const cpuPrice = kind === "predict" ? prices.predictCpuSecond : prices.trainCpuSecond;
  const all = [
    reading("CPU time", "CPU s", cpuSeconds, cpuPrice),
    reading("memory", "GB s", memoryMbSeconds / 1e3, prices.memoryGbSecond),
    reading("storage", "GB month", storedGbHours / HOURS_PER_MONTH, prices.storedGbMonth),
  ];
  if (kind === "predict") {
    all.unshift(reading("requests", "million", requests / 1e6, prices.millionRequests));
    all.splice(1, 0, reading("rows", "million", rows / 1e6, prices.millionRows));
  }
  return all.filter(({ quantity }) => quantity > 0);
}

/** What use of a kind costs. */
export function costOf(prices: Prices, kind: UsageKind, used: Quantities): number {
  return rounded(readMeters(prices, kind, used).reduce((sum, { amount }) => sum + amount, 0));
}

// Internal

const HOURS_PER_MONTH = 720;

function reading(meter: string, unit: string, quantity: number, unitPrice: number): MeterReading {
  return { meter, unit, quantity, unitPrice, amount: quantity * unitPrice };
}

/** To a millionth of a millionth, below which nothing is ever charged and floating point only adds noise. */
function rounded(amount: number): number {
  return Math.round(amount * 1e12) / 1e12;
}
