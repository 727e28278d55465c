// Where a number column is cut into bins: between all distinct values when they are few, else so that bins hold about
// equally many rows and a value that is very frequent has a bin to itself.
import type { KernelRuntime } from "@massif/kernels";
import { Random } from "../base/random.ts";

/** Rows looked at to place cuts; more move a quantile by less than a tenth of a bin. */
const SAMPLE_ROWS = 200_000;
/** Bytes that sorting needs per column besides the numbers and as many keys; as in the kernel. */
const COUNT_BYTES = 8192;

/** How columns are cut. */
export interface CutOptions {
  readonly maxBins: number;
  readonly seed: number;
  /** What each row counts; absent: all count alike. */
  readonly weights?: Float64Array;
}

/** Cuts of several columns of equal length, each at most `maxBins` - 1 and ascending. NaN is left out. */
export function findColumnCuts(
  runtime: KernelRuntime,
  columns: readonly Float64Array[],
  { maxBins, seed, weights }: CutOptions,
): Float64Array[] {
  const rows = sampleRows(columns[0]?.length ?? 0, seed);
  const count = rows?.length ?? columns[0]?.length ?? 0;
  const cuts: Float64Array[] = [];
  // As many columns at a time as keep the threads busy: sorting needs two numbers per value.
  const batch = Math.min(columns.length, runtime.threads * 2);
  runtime.scope((memory) => {
    const sorted = memory.alloc(Math.max(8, batch * count * 8));
    const work = memory.alloc(Math.max(8, batch * (count * 8 + COUNT_BYTES)));
    for (let first = 0; first < columns.length; first += batch) {
      const part = columns.slice(first, first + batch);
      for (const [k, values] of part.entries()) {
        const view = runtime.f64(sorted + k * count * 8, count);
        if (rows === undefined) view.set(values);
        else for (let i = 0; i < count; i++) view[i] = values[rows[i]];
      }
      runtime.parallel("sortColumns", [sorted, count, work], part.length, 1);
      for (const [k, values] of part.entries()) {
        const weigh = weights && ((distinct: Float64Array) => weighDistinct(distinct, { values, rows, weights }));
        cuts.push(findCuts(runtime.f64(sorted + k * count * 8, count), maxBins, weigh));
      }
    }
  });
  return cuts;
}

/**
 * Cuts of ascending numbers; bin k holds cuts[k - 1] < x <= cuts[k]. NaN, at the end, is left out. `weigh` tells what each
 * distinct number counts; absent: as often as it is there.
 */
export function findCuts(
  sorted: Float64Array,
  maxBins: number,
  weigh?: (distinct: Float64Array) => Float64Array,
): Float64Array {
  let end = sorted.length;
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
  const { distinct, counts } = countDistinct(sorted.subarray(0, end));
  if (distinct.length <= maxBins) return Float64Array.from(distinct.slice(1), (high, i) => middle(distinct[i], high));
  if (weigh === undefined) return quantileCuts(distinct, counts, end, maxBins);
  const weights = weigh(distinct);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return quantileCuts(distinct, weights, total, maxBins);
}

// Internal

/** One row from each of SAMPLE_ROWS equal stretches: no stretch of a sorted file goes unseen. Undefined: all rows. */
export function sampleRows(rows: number, seed: number): Uint32Array | undefined {
  if (rows <= SAMPLE_ROWS) return undefined;
  const random = new Random(seed);
  const width = rows / SAMPLE_ROWS;
  return Uint32Array.from({ length: SAMPLE_ROWS }, (_, i) => Math.min(rows - 1, (i + random.uniform()) * width));
}

function countDistinct(sorted: Float64Array): { distinct: Float64Array; counts: Uint32Array } {
  const distinct = new Float64Array(sorted.length);
  const counts = new Uint32Array(sorted.length);
  let used = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (used === 0 || sorted[i] !== distinct[used - 1]) distinct[used++] = sorted[i];
    counts[used - 1]++;
  }
  return { distinct: distinct.slice(0, used), counts: counts.slice(0, used) };
}

/** The weights of the rows that have each of the distinct numbers. */
function weighDistinct(
  distinct: Float64Array,
  { values, rows, weights }: { values: Float64Array; rows: Uint32Array | undefined; weights: Float64Array },
): Float64Array {
  const sums = new Float64Array(distinct.length);
  const count = rows?.length ?? values.length;
  for (let i = 0; i < count; i++) {
    const row = rows?.[i] ?? i;
    if (Number.isNaN(values[row])) continue;
    let low = 0;
    for (let high = distinct.length - 1; low < high; ) {
      const half = (low + high) >>> 1;
      if (distinct[half] < values[row]) low = half + 1;
      else high = half;
    }
    sums[low] += weights[row];
  }
  return sums;
}

function quantileCuts(
  distinct: Float64Array,
  counts: Uint32Array | Float64Array,
  total: number,
  maxBins: number,
): Float64Array {
  const cuts = new Float64Array(maxBins - 1);
  let used = 0;
  let left = total;
  let inBin = 0;
  for (let i = 0; i + 1 < distinct.length && used < maxBins - 1; i++) {
    inBin += counts[i];
    const mean = left / (maxBins - used);
    if (inBin < mean && (counts[i + 1] < mean || inBin < mean / 2)) continue;
    cuts[used++] = middle(distinct[i], distinct[i + 1]);
    left -= inBin;
    inBin = 0;
  }
  return cuts.slice(0, used);
}

/** A number m with low <= m < high. */
function middle(low: number, high: number): number {
  const gap = high - low;
  const m = Number.isFinite(gap) ? low + gap / 2 : low / 2 + high / 2;
  return m < high ? m : low;
}
