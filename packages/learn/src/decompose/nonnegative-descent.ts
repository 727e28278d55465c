// Coordinate descent on non-negative least squares (Cichocki & Phan 2009): one factor is held, each entry of the other is
// set where the loss is least in it, or to 0.
import type { Rows } from "../matrix/filled-rows.ts";
import type { Factors } from "./nonnegative-start.ts";

/** What is added to the loss per entry: its value so often, and half its square so often. */
export interface Penalty {
  readonly straight: number;
  readonly square: number;
}

/** Products of all pairs of `count` vectors of `size`, row-major, with the penalty's squares on the diagonal. */
export function gramOf(vectors: Float64Array, count: number, { square }: Penalty): Float64Array {
  const size = count === 0 ? 0 : vectors.length / count;
  const gram = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += vectors[a * size + j] * vectors[b * size + j];
      gram[a * count + b] = sum;
      gram[b * count + a] = sum;
    }
    gram[a * count + a] += square;
  }
  return gram;
}

/**
 * One pass over the `count` entries of `w` from `at` on, which shall minimise ½ w'Gw − b'w over w ≥ 0, with `b` from
 * `start` on. Gives back how far the gradient was from that of a minimum, summed over the entries.
 */
export function descend(
  { w, at }: { w: Float64Array; at: number },
  { gram, b, start }: { gram: Float64Array; b: Float64Array; start: number },
  count: number,
): number {
  let violation = 0;
  for (let t = 0; t < count; t++) {
    let gradient = -b[start + t];
    for (let r = 0; r < count; r++) gradient += gram[t * count + r] * w[at + r];
    const value = w[at + t];
    violation += Math.abs(value === 0 ? Math.min(0, gradient) : gradient);
    const curvature = gram[t * count + t];
    if (curvature !== 0) w[at + t] = Math.max(value - gradient / curvature, 0);
  }
  return violation;
}

/** The factors' sides in turn, so that each is a list of entries per row or per column. */
export class AlternatingDescent {
  readonly #data: Rows;
  readonly #count: number;
  readonly #penalties: { readonly weights: Penalty; readonly parts: Penalty };
  readonly #weights: Float64Array;
  /** size × count: the parts, turned. */
  readonly #turned: Float64Array;

  constructor(
    data: Rows,
    { weights, parts }: Factors,
    { count, penalties }: { count: number; penalties: { readonly weights: Penalty; readonly parts: Penalty } },
  ) {
    this.#data = data;
    this.#count = count;
    this.#penalties = penalties;
    this.#weights = weights;
    this.#turned = turned(parts, count, data.size);
  }

  /** Updates both factors once; gives back how far both gradients were from those of a minimum. */
  step(): number {
    const { rows, size } = this.#data;
    const parts = turned(this.#turned, size, this.#count);
    const weights = this.#penalties.weights;
    const first = this.#sweep(this.#weights, {
      gram: gramOf(parts, this.#count, weights),
      products: this.#rowProducts(parts, weights.straight),
      entries: rows,
    });
    const columns = turned(this.#weights, rows, this.#count);
    const second = this.#sweep(this.#turned, {
      gram: gramOf(columns, this.#count, this.#penalties.parts),
      products: this.#columnProducts(this.#penalties.parts.straight),
      entries: size,
    });
    return first + second;
  }

  /** The factors as they are now. */
  get factors(): Factors {
    return { weights: this.#weights, parts: turned(this.#turned, this.#data.size, this.#count) };
  }

  // Internal

  #sweep(
    w: Float64Array,
    { gram, products, entries }: { gram: Float64Array; products: Float64Array; entries: number },
  ): number {
    let violation = 0;
    for (let i = 0; i < entries; i++) {
      const at = i * this.#count;
      violation += descend({ w, at }, { gram, b: products, start: at }, this.#count);
    }
    return violation;
  }

  /** X H', less the penalty. */
  #rowProducts(parts: Float64Array, straight: number): Float64Array {
    const { values, rows, size } = this.#data;
    const products = new Float64Array(rows * this.#count);
    for (let i = 0; i < rows; i++) {
      const row = values.subarray(i * size, (i + 1) * size);
      for (let k = 0; k < this.#count; k++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += row[j] * parts[k * size + j];
        products[i * this.#count + k] = sum - straight;
      }
    }
    return products;
  }

  /** X' W, less the penalty. */
  #columnProducts(straight: number): Float64Array {
    const { values, rows, size } = this.#data;
    const count = this.#count;
    const sums = new Float64Array(count * size).fill(-straight);
    for (let i = 0; i < rows; i++) {
      const row = values.subarray(i * size, (i + 1) * size);
      for (let k = 0; k < count; k++) {
        const weight = this.#weights[i * count + k];
        if (weight === 0) continue;
        const at = k * size;
        for (let j = 0; j < size; j++) sums[at + j] += weight * row[j];
      }
    }
    return turned(sums, count, size);
  }
}

// Internal

/** The transpose of a matrix of `rows` × `columns`. */
function turned(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = matrix[i * columns + j];
  return out;
}
