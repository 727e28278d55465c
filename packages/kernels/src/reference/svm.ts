// The RBF kernel and an epoch of dual coordinate descent by their definitions: the slow references of `svm.ts`.

/** e^(-gamma |a - b|^2). */
export function rbf(a: readonly number[], b: readonly number[], gamma: number): number {
  return Math.exp(-gamma * a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0));
}

/** The weights after one epoch over the rows in order, without shrinking (Hsieh et al. 2008). */
export function dualEpoch(
  rows: readonly (readonly number[])[],
  signs: readonly number[],
  { upper, shift }: { upper: number; shift: number },
): { weights: number[]; alpha: number[] } {
  const weights = rows[0].map(() => 0);
  const alpha = rows.map((row, i) => {
    const score = row.reduce((sum, value, j) => sum + value * weights[j], 0);
    const square = row.reduce((sum, value) => sum + value * value, 0) || 1;
    const step = Math.min(Math.max(-(signs[i] * score - 1) / (square + shift), 0), upper);
    row.forEach((value, j) => {
      weights[j] += step * signs[i] * value;
    });
    return step;
  });
  return { weights, alpha };
}
