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

/** c = 1: the squared hinge of rows by weights, its gradient, and its curvature along a vector. */
export function squaredHinge(
  rows: readonly (readonly number[])[],
  signs: readonly number[],
  { weights, vector }: { weights: readonly number[]; vector: readonly number[] },
): { loss: number; gradient: number[]; curvature: number[] } {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, j) => sum + value * b[j], 0);
  const slacks = rows.map((row, i) => (signs[i] === 0 ? 0 : Math.max(0, 1 - signs[i] * dot(row, weights))));
  const total = (factor: (i: number) => number) =>
    weights.map((_, j) => rows.reduce((sum, row, i) => sum + (slacks[i] > 0 ? factor(i) * row[j] : 0), 0));
  return {
    loss: slacks.reduce((sum, slack) => sum + slack * slack, 0),
    gradient: total((i) => -2 * slacks[i] * signs[i]),
    curvature: total((i) => 2 * dot(rows[i], vector)),
  };
}
