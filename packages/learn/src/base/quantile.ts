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
