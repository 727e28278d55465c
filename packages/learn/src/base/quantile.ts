// Quantiles of numbers.

/** The numbers that are not missing, ascending. */
export function sortedPresent(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/**
 * The quantile `share` (0 to 1) of ascending numbers, between neighbours in proportion: definition 7 of Hyndman & Fan
 * (1996), as NumPy's default. NaN of none.
 */
export function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (high - low) * (place - below);
}

/**
 * `quantile` of numbers in any order, each of which is there as often as its weight says; weights above 0 whose mean is
 * below 1 are brought to that. NaN of none.
 */
export function weightedQuantile(values: Float64Array, weights: Float64Array, share: number): number {
  const order = Uint32Array.from(values.keys()).filter((i) => weights[i] > 0);
  order.sort((i, j) => values[i] - values[j]);
  const total = order.reduce((sum, i) => sum + weights[i], 0);
  const scale = Math.max(1, order.length / total);
  const place = share * (scale * total - 1);
  const ends = new Float64Array(order.length);
  let sum = 0;
  for (let k = 0; k < order.length; k++) {
    sum += weights[order[k]];
    ends[k] = scale * sum;
  }
  const at = (position: number) => {
    const found = ends.findIndex((end) => end > position);
    return values[order[found < 0 ? order.length - 1 : found]];
  };
  const below = Math.floor(place);
  const low = at(below);
  return low + (at(below + 1) - low) * (place - below);
}
