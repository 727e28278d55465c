// Where a non-negative factorisation begins: at the non-negative parts of the singular vectors (NNDSVD; Boutsidis &
// Gallopoulos 2008), which needs no chance.

import { columnProducts, type Rows } from "../matrix/filled-rows.ts";
import { symmetricEigen } from "../matrix/symmetric-eigen.ts";

/** Two factors: rows × count, and count × size. */
export interface Factors {
  readonly weights: Float64Array;
  readonly parts: Float64Array;
}

/** Entries below are zeros; that of scikit-learn. */
const LEAST = 1e-6;
/** Singular values below this share of the largest are rounding. */
const DEPENDENT = 1e-7;

/** Both factors; zeros, from which coordinate descent moves slowly, are the data's mean instead (NNDSVDa). */
export function nonnegativeStart({ values, rows, size }: Rows, count: number): Factors {
  const weights = new Float64Array(rows * count);
  const parts = new Float64Array(count * size);
  const { values: squares, vectors } = symmetricEigen(columnProducts({ values, rows, size }), size);
  const left = new Float64Array(rows);
  for (let k = 0; k < count; k++) {
    const singular = Math.sqrt(Math.max(0, squares[k]));
    if (!(singular > DEPENDENT * Math.sqrt(squares[0]))) break;
    const right = vectors.subarray(k * size, (k + 1) * size);
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += values[i * size + j] * right[j];
      left[i] = sum / singular;
    }
    const { u, v, factor } = k === 0 ? wholePart(left, right) : largerPart(left, right);
    const scale = Math.sqrt(singular * factor);
    for (let i = 0; i < rows; i++) weights[i * count + k] = scale * u(left[i]);
    for (let j = 0; j < size; j++) parts[k * size + j] = scale * v(right[j]);
  }
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i];
  mean /= Math.max(1, values.length);
  for (const factor of [weights, parts]) {
    for (let i = 0; i < factor.length; i++) if (factor[i] < LEAST) factor[i] = mean;
  }
  return { weights, parts };
}

// Internal

type Part = (value: number) => number;

const ABOVE: Part = (value) => Math.max(0, value);
const BELOW: Part = (value) => Math.max(0, -value);

/** The first pair has no two signs, as the data are not negative (Perron & Frobenius). */
function wholePart(left: Float64Array, right: Float64Array) {
  const factor = left.length * right.length === 0 ? 0 : 1;
  return { u: Math.abs, v: Math.abs, factor };
}

/** The parts of one sign whose product is larger, of unit length, and that product. */
function largerPart(left: Float64Array, right: Float64Array) {
  const lengths = (part: Part) => [lengthOf(left, part), lengthOf(right, part)] as const;
  const [above, below] = [lengths(ABOVE), lengths(BELOW)];
  const isAbove = above[0] * above[1] > below[0] * below[1];
  const [a, b] = isAbove ? above : below;
  const part = isAbove ? ABOVE : BELOW;
  return { u: unit(part, a), v: unit(part, b), factor: a * b };
}

function unit(part: Part, length: number): Part {
  return (value) => (length === 0 ? 0 : part(value) / length);
}

function lengthOf(vector: Float64Array, part: Part): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += part(vector[i]) ** 2;
  return Math.sqrt(sum);
}
