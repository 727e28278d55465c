// Where a number column is cut into bins: between all distinct values when they are few, else so that bins hold about
// equally many rows and a value that is very frequent has a bin to itself.
import { Random } from "../base/random.ts";

/** Rows looked at to place cuts; more move a quantile by less than a tenth of a bin. */
const SAMPLE_ROWS = 200_000;

/** At most `maxBins` - 1 ascending cuts; bin k holds cuts[k - 1] < x <= cuts[k]. NaN is left out. */
export function findCuts(values: Float64Array, maxBins: number, seed: number): Float64Array {
  const sorted = sortedSample(values, seed);
  const { distinct, counts } = countDistinct(sorted);
  if (distinct.length <= maxBins) return Float64Array.from(distinct.slice(1), (high, i) => middle(distinct[i], high));
  return quantileCuts(distinct, counts, sorted.length, maxBins);
}

// Internal

function sortedSample(values: Float64Array, seed: number): Float64Array {
  const n = values.length;
  let sample = values;
  if (n > SAMPLE_ROWS) {
    // One row from each of SAMPLE_ROWS equal stretches: no stretch of a sorted file goes unseen.
    const random = new Random(seed);
    const width = n / SAMPLE_ROWS;
    sample = Float64Array.from({ length: SAMPLE_ROWS }, (_, i) => values[Math.floor((i + random.uniform()) * width)]);
  }
  const sorted = Float64Array.from(sample).sort();
  let end = sorted.length; // NaN sorts last
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
  return sorted.subarray(0, end);
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

function quantileCuts(distinct: Float64Array, counts: Uint32Array, total: number, maxBins: number): Float64Array {
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
