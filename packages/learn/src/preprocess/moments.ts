// Mean and variance, and whether a variance is more than rounding.

/** Of so many numbers. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/** Mean and population variance of the numbers that are not missing, by the corrected two-pass algorithm. */
export function moments(values: Float64Array): Moments {
  const all = sumOf(values);
  // Without a missing value there is nothing to ask of each.
  const isComplete = !Number.isNaN(all);
  const { sum, count } = isComplete ? { sum: all, count: values.length } : presentSum(values);
  if (count === 0) return { mean: 0, variance: 0, count };
  const rough = sum / count;
  const { squares, rest } = isComplete ? deviations(values, rough) : presentDeviations(values, rough);
  return { mean: rough + rest / count, variance: (squares - (rest * rest) / count) / count, count };
}

/**
 * True when the variance is within the rounding error of its own computation, so that dividing by its root would blow
 * up noise: the bound n·ε·σ² + (n·μ·ε)² of Chan, Golub & LeVeque, as scikit-learn uses it.
 */
export function isConstant({ mean, variance, count }: Moments): boolean {
  return !(variance > count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2);
}

// Internal

/** In four strands, as an addition waits for the one before it. */
function sumOf(values: Float64Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i];
    b += values[i + 1];
    c += values[i + 2];
    d += values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i];
  return a + b + (c + d);
}

/** Sums of the deviations from `middle`, even and odd values apart, and of their squares. */
function deviations(values: Float64Array, middle: number): { squares: number; rest: number } {
  let squaresEven = 0;
  let squaresOdd = 0;
  let restEven = 0;
  let restOdd = 0;
  const whole = values.length - (values.length % 2);
  for (let i = 0; i < whole; i += 2) {
    const even = values[i] - middle;
    const odd = values[i + 1] - middle;
    squaresEven += even * even;
    squaresOdd += odd * odd;
    restEven += even;
    restOdd += odd;
  }
  if (whole < values.length) {
    const even = values[whole] - middle;
    squaresEven += even * even;
    restEven += even;
  }
  return { squares: squaresEven + squaresOdd, rest: restEven + restOdd };
}

function presentSum(values: Float64Array): { sum: number; count: number } {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i];
    count += 1;
  }
  return { sum, count };
}

function presentDeviations(values: Float64Array, middle: number): { squares: number; rest: number } {
  let squares = 0;
  let rest = 0;
  for (let i = 0; i < values.length; i++) {
    const delta = values[i] - middle;
    if (Number.isNaN(delta)) continue;
    squares += delta * delta;
    rest += delta;
  }
  return { squares, rest };
}
