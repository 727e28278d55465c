// Mean and variance, and whether a variance is more than rounding.

/** Of so many numbers. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/** Mean and population variance of the numbers that are not missing, by the corrected two-pass algorithm. */
export function moments(values: Float64Array): Moments {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (!Number.isNaN(value)) {
      sum += value;
      count += 1;
    }
  }
  if (count === 0) return { mean: 0, variance: 0, count };
  const rough = sum / count;
  let squares = 0;
  let rest = 0;
  for (const value of values) {
    if (!Number.isNaN(value)) {
      const delta = value - rough;
      squares += delta * delta;
      rest += delta;
    }
  }
  return { mean: rough + rest / count, variance: (squares - (rest * rest) / count) / count, count };
}

/**
 * True when the variance is within the rounding error of its own computation, so that dividing by its root would blow
 * up noise: the bound n·ε·σ² + (n·μ·ε)² of Chan, Golub & LeVeque, as scikit-learn uses it.
 */
export function isConstant({ mean, variance, count }: Moments): boolean {
  return !(variance > count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2);
}
