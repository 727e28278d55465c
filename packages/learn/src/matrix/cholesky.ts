// Solving symmetric positive semi-definite systems, the normal equations of least squares.

/** A pivot this small relative to its (unit) diagonal means the column is a combination of earlier ones. */
const DEPENDENT = 1e-11;

/**
 * Solves A w = b for a symmetric A (order x order, row-major, lower triangle read) by Cholesky's factorisation after
 * scaling A to a unit diagonal. Columns that depend on earlier ones get weight 0, as do columns of zeros.
 */
export function solveSymmetric(a: Float64Array, b: Float64Array, order: number): Float64Array {
  const w = b.slice();
  symmetricSolver(a, order)(w);
  return w;
}

/** `solveSymmetric` for many right sides: factorises once and gives back a function that turns b into w, in place. */
export function symmetricSolver(a: Float64Array, order: number): (w: Float64Array) => void {
  const scale = Float64Array.from({ length: order }, (_, i) =>
    a[i * order + i] > 0 ? 1 / Math.sqrt(a[i * order + i]) : 0,
  );
  const l = factorise(a, scale, order);
  return (w) => {
    for (let i = 0; i < order; i++) {
      let sum = w[i] * scale[i];
      for (let k = 0; k < i; k++) sum -= l[i * order + k] * w[k];
      w[i] = l[i * order + i] === 0 ? 0 : sum / l[i * order + i];
    }
    for (let i = order - 1; i >= 0; i--) {
      if (l[i * order + i] === 0) continue;
      let sum = w[i];
      for (let k = i + 1; k < order; k++) sum -= l[k * order + i] * w[k];
      w[i] = sum / l[i * order + i];
    }
    for (let i = 0; i < order; i++) w[i] *= scale[i];
  };
}

// Internal

/** The lower factor of the scaled matrix; a dependent column's row and column of it are 0. */
function factorise(a: Float64Array, scale: Float64Array, order: number): Float64Array {
  const l = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * order + j] * scale[i] * scale[j];
      for (let k = 0; k < j; k++) sum -= l[i * order + k] * l[j * order + k];
      if (j < i) l[i * order + j] = l[j * order + j] === 0 ? 0 : sum / l[j * order + j];
      else l[i * order + i] = sum > DEPENDENT ? Math.sqrt(sum) : 0;
    }
    if (l[i * order + i] === 0) l.fill(0, i * order, i * order + i);
  }
  return l;
}
