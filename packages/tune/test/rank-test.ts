// The rank test of Mann and Whitney 1947 with the normal approximation corrected for ties and continuity.

/** How probable it is, if `a` and `b` have one distribution, that a's values are as small against b's as they are. */
export function probabilitySmaller(a: readonly number[], b: readonly number[]): number {
  const { u, ties } = statistic(a, b);
  const [n, m] = [a.length, b.length];
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance <= 0) return 1;
  return normalTail(((n * m) / 2 - u - 0.5) / Math.sqrt(variance));
}

// Internal

// U counts pairs in which a's value is the greater, ties by half; `ties` is the sum of t^3 - t over groups of equals.
function statistic(a: readonly number[], b: readonly number[]): { u: number; ties: number } {
  let u = 0;
  for (const x of a) for (const y of b) u += x > y ? 1 : x === y ? 0.5 : 0;
  const counts = new Map<number, number>();
  for (const x of [...a, ...b]) counts.set(x, (counts.get(x) ?? 0) + 1);
  let ties = 0;
  for (const t of counts.values()) ties += t ** 3 - t;
  return { u, ties };
}

// 1 - Phi(z) by the trapezoidal rule from z upwards, to about one part in a thousand: plenty against a bound.
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const step = 1 / 64;
  let sum = 0.5 * Math.exp(-0.5 * z * z);
  for (let x = z + step; x < z + 12; x += step) sum += Math.exp(-0.5 * x * x);
  return (sum * step) / Math.sqrt(2 * Math.PI);
}
