// How common classes are among the rows, and what that makes of a prior.

/** Weight of the rows by class, and ln of each class's share; −∞ for a class without a row. */
export function classShares(
  codes: Int32Array,
  classes: number,
  weights?: Float64Array,
): { counts: Float64Array; logShares: Float64Array } {
  const counts = new Float64Array(classes);
  for (let i = 0; i < codes.length; i++) counts[codes[i]] += weights?.[i] ?? 1;
  return { counts, logShares: sharesOf(counts) };
}

/** ln of each class's share of the rows; all alike before the first row. */
export function sharesOf(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? -Math.log(counts.length) : Math.log(count / total)));
}

/** The logarithms of shares, or of equal ones; a class that was never seen stays impossible, whatever the prior. */
export function priorsOf(logShares: Float64Array, fitPrior: boolean): Float64Array {
  if (fitPrior) return logShares;
  return logShares.map((share) => (Number.isFinite(share) ? -Math.log(logShares.length) : share));
}
