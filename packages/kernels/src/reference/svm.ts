// The RBF kernel and epochs of dual coordinate descent by their definitions: the slow references of `svm.ts`.

/** e^(-gamma |a - b|^2). */
export function rbf(a: readonly number[], b: readonly number[], gamma: number): number {
  return Math.exp(-gamma * a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0));
}

/** The weights after one epoch over the rows in order, without shrinking (Hsieh et al. 2008). */
export function dualEpoch(
  rows: readonly (readonly number[])[],
  signs: readonly number[],
  { counts, upper, shift }: DualBox,
): { weights: number[]; alpha: number[] } {
  const weights = rows[0].map(() => 0);
  const alpha = rows.map((row, i) => {
    const score = row.reduce((sum, value, j) => sum + value * weights[j], 0);
    const square = row.reduce((sum, value) => sum + value * value, 0) || 1;
    const most = counts[i] * upper;
    const step = Math.min(Math.max(-(signs[i] * score - 1) / (square + shift / counts[i]), 0), most);
    row.forEach((value, j) => {
      weights[j] += step * signs[i] * value;
    });
    return step;
  });
  return { weights, alpha };
}

/** The weights after one epoch for errors outside a tube, without shrinking: each beta minimises the dual alone. */
export function tubeEpoch(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  { counts, upper, shift, epsilon }: DualBox & { epsilon: number },
): { weights: number[]; beta: number[] } {
  const weights = rows[0].map(() => 0);
  const beta = rows.map((row, i) => {
    const error = row.reduce((sum, value, j) => sum + value * weights[j], 0) - targets[i];
    const curvature = (row.reduce((sum, value) => sum + value * value, 0) || 1) + shift / counts[i];
    // Of (curvature / 2) b² + error b + epsilon |b|, the minimum from 0 on is a soft threshold.
    const step = (-Math.sign(error) * Math.max(Math.abs(error) - epsilon, 0)) / curvature;
    const most = counts[i] * upper;
    const own = Math.min(Math.max(step, -most), most);
    row.forEach((value, j) => {
      weights[j] += own * value;
    });
    return own;
  });
  return { weights, beta };
}

/** c = 1: the squared hinge of rows by weights, its gradient, and its curvature along a vector. */
export function squaredHinge(
  rows: readonly (readonly number[])[],
  signs: readonly number[],
  place: MarginPlace,
): SquaredMargin {
  const slacks = rows.map((row, i) => (signs[i] === 0 ? 0 : Math.max(0, 1 - signs[i] * dot(row, place.weights))));
  return squaredMargin(rows, slacks, { ...place, slopeOf: (i) => -signs[i] });
}

/** The same of squared errors outside a tube of `epsilon` around the targets. */
export function squaredTube(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  { epsilon, ...place }: MarginPlace & { epsilon: number },
): SquaredMargin {
  const errors = rows.map((row, i) => dot(row, place.weights) - targets[i]);
  const slacks = errors.map((error) => Math.max(0, Math.abs(error) - epsilon));
  return squaredMargin(rows, slacks, { ...place, slopeOf: (i) => Math.sign(errors[i]) });
}

// Internal

interface DualBox {
  readonly counts: readonly number[];
  readonly upper: number;
  readonly shift: number;
}

interface MarginPlace {
  readonly weights: readonly number[];
  readonly vector: readonly number[];
  readonly counts: readonly number[];
}

interface SquaredMargin {
  readonly loss: number;
  readonly gradient: number[];
  readonly curvature: number[];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j], 0);
}

function squaredMargin(
  rows: readonly (readonly number[])[],
  slacks: readonly number[],
  { vector, counts, slopeOf }: MarginPlace & { slopeOf(i: number): number },
): SquaredMargin {
  const total = (factor: (i: number) => number) =>
    vector.map((_, j) => rows.reduce((sum, row, i) => sum + (slacks[i] > 0 ? counts[i] * factor(i) * row[j] : 0), 0));
  return {
    loss: slacks.reduce((sum, slack, i) => sum + counts[i] * slack * slack, 0),
    gradient: total((i) => 2 * slacks[i] * slopeOf(i)),
    curvature: total((i) => 2 * dot(rows[i], vector)),
  };
}
