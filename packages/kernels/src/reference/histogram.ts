// Slow references of binning, gradient histograms and split search: one loop per definition, every candidate tried. They
// are the oracle of the property tests and are never run by an estimator.

/** 1 + the number of cuts below x; 0 for NaN. */
export function binReference(x: number, cuts: readonly number[]): number {
  return Number.isNaN(x) ? 0 : 1 + cuts.filter((cut) => cut < x).length;
}

/** Sums of (gradient, hessian) per code. */
export function histogramReference(
  codes: readonly number[],
  pairs: readonly (readonly [number, number])[],
  codeCount: number,
): { gradient: number; hessian: number; rows: number }[] {
  const sums = Array.from({ length: codeCount }, () => ({ gradient: 0, hessian: 0, rows: 0 }));
  for (const [i, code] of codes.entries()) {
    sums[code].gradient += pairs[i][0];
    sums[code].hessian += pairs[i][1];
    sums[code].rows += 1;
  }
  return sums;
}

export interface GainLimits {
  readonly l2: number;
  readonly minChildWeight: number;
  readonly minSamplesLeaf: number;
}

/** Gain of sending the codes in `left` to the left; -Infinity when a side is too light or has too few rows. */
export function gainReference(
  histogram: readonly { gradient: number; hessian: number; rows: number }[],
  left: ReadonlySet<number>,
  { l2, minChildWeight, minSamplesLeaf }: GainLimits,
): number {
  const sides = [0, 1].map(() => ({ gradient: 0, hessian: 0, rows: 0 }));
  for (const [code, sum] of histogram.entries()) {
    const side = sides[left.has(code) ? 0 : 1];
    side.gradient += sum.gradient;
    side.hessian += sum.hessian;
    side.rows += sum.rows;
  }
  if (sides.some(({ hessian, rows }) => hessian < minChildWeight || rows < minSamplesLeaf)) return -Infinity;
  const score = (g: number, h: number): number => (g === 0 ? 0 : (g * g) / (h + l2));
  const total = score(sides[0].gradient + sides[1].gradient, sides[0].hessian + sides[1].hessian);
  return score(sides[0].gradient, sides[0].hessian) + score(sides[1].gradient, sides[1].hessian) - total;
}

/** Every left side a number feature may have: codes 1..k with or without the missing ones (code 0). */
export function numberSides(codeCount: number): ReadonlySet<number>[] {
  const sides: Set<number>[] = [];
  for (let k = 1; k < codeCount; k++) {
    const upTo = Array.from({ length: k }, (_, i) => i + 1);
    sides.push(new Set(upTo), new Set([0, ...upTo]));
  }
  return sides;
}

/** Every subset of the codes: what a category feature may send left. Exponential. */
export function categorySides(codeCount: number): ReadonlySet<number>[] {
  return Array.from(
    { length: 2 ** codeCount },
    (_, mask) => new Set(Array.from({ length: codeCount }, (_, code) => code).filter((code) => (mask >> code) & 1)),
  );
}
