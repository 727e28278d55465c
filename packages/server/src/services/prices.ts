// What things cost, as data. Amounts are in units of `currency`; the defaults are in the order of what clouds ask for
// the bare resources, and are the operator's to change.

/** A price table. */
export interface Prices {
  readonly currency: string;
  /** Per second of CPU time of predictions, measured. */
  readonly predictCpuSecond: number;
  /** Per second of CPU time of trainings and imports, measured. */
  readonly trainCpuSecond: number;
  /** Per gigabyte (10^9 bytes) of peak memory and second of CPU time. */
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

/** What one predict request costs. */
export function predictCost(
  prices: Prices,
  { requests, rows, cpuSeconds }: { requests: number; rows: number; cpuSeconds: number },
): number {
  const counted = (requests * prices.millionRequests + rows * prices.millionRows) / 1e6;
  return rounded(counted + cpuSeconds * prices.predictCpuSecond);
}

/** What a training, an import or a query costs. */
export function taskCost(
  prices: Prices,
  { cpuSeconds, memoryMbSeconds }: { cpuSeconds: number; memoryMbSeconds: number },
): number {
  return rounded(cpuSeconds * prices.trainCpuSecond + (memoryMbSeconds / 1e3) * prices.memoryGbSecond);
}

// Internal

/** To a millionth of a millionth, below which nothing is ever charged and floating point only adds noise. */
function rounded(amount: number): number {
  return Math.round(amount * 1e12) / 1e12;
}
