// Where rows lie and how they spread: a centre and a covariance matrix, and how far a row is from it by these.

/** Added to variances of columns of unit deviation, so that no direction is without any. */
const LEAST_VARIANCE = 1e-12;

/** A centre and the lower Cholesky factor of a covariance matrix. */
export class Ellipsoid {
  readonly centre: Float64Array;
  /** size × size, row-major. */
  readonly covariance: Float64Array;
  /** The lower Cholesky factor of the covariance matrix, row-major. */
  readonly root: Float64Array;
  readonly #along: Float64Array;

  /** Throws RangeError when the covariance matrix is not symmetric positive semi-definite and finite. */
  constructor(centre: Float64Array, covariance: Float64Array) {
    this.centre = centre;
    this.covariance = covariance;
    this.root = rootOf(covariance, centre.length);
    this.#along = new Float64Array(centre.length);
  }

  /** The logarithm of the determinant of the covariance matrix. */
  get logDeterminant(): number {
    let sum = 0;
    for (let i = 0; i < this.centre.length; i++) sum += 2 * Math.log(this.root[i * (this.centre.length + 1)]);
    return sum;
  }

  /** Mahalanobis' squared distance of the row that begins at `at` of `values`. */
  squareTo(values: Float64Array, at: number): number {
    const [root, along, centre] = [this.root, this.#along, this.centre];
    const size = centre.length;
    let square = 0;
    for (let i = 0; i < size; i++) {
      let left = values[at + i] - centre[i];
      for (let k = 0; k < i; k++) left -= root[i * size + k] * along[k];
      along[i] = left / root[i * size + i];
      square += along[i] * along[i];
    }
    return square;
  }
}

/** The ellipsoid of the chosen rows of `values`, row-major: their mean, and their covariance without Bessel's correction. */
export function ellipsoidOf(values: Float64Array, size: number, chosen: Uint32Array): Ellipsoid {
  const centre = new Float64Array(size);
  for (const row of chosen) for (let j = 0; j < size; j++) centre[j] += values[row * size + j];
  for (let j = 0; j < size; j++) centre[j] /= chosen.length;
  const covariance = new Float64Array(size * size);
  const left = new Float64Array(size);
  for (const row of chosen) {
    for (let j = 0; j < size; j++) left[j] = values[row * size + j] - centre[j];
    for (let a = 0; a < size; a++) for (let b = 0; b <= a; b++) covariance[a * size + b] += left[a] * left[b];
  }
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      covariance[a * size + b] /= chosen.length;
      covariance[b * size + a] = covariance[a * size + b];
    }
  }
  return new Ellipsoid(centre, covariance);
}

// Internal

function rootOf(covariance: Float64Array, size: number): Float64Array {
  const root = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = covariance[i * size + j] + (i === j ? LEAST_VARIANCE : 0);
      for (let k = 0; k < j; k++) sum -= root[i * size + k] * root[j * size + k];
      if (i !== j) root[i * size + j] = sum / root[j * size + j];
      // Rounding may take a pivot below what was added.
      else if (sum > -1e-6 * covariance[i * size + i] - LEAST_VARIANCE) {
        root[i * size + i] = Math.sqrt(Math.max(sum, LEAST_VARIANCE / 2));
      } else throw new RangeError("the covariance matrix is not positive semi-definite");
    }
  }
  if (!root.every(Number.isFinite)) throw new RangeError("the covariance matrix is not finite");
  return root;
}
