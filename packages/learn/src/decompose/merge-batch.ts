// Merging a batch of rows into a truncated singular value decomposition of centred rows (Ross, Lim, Lin & Yang 2008): the
// old components at their lengths, the centred batch and one row for the move of the mean are decomposed together.

import { columnProducts, mirrored, type Rows } from "../matrix/filled-rows.ts";
import { symmetricEigen } from "../matrix/symmetric-eigen.ts";
import { orient } from "./projection.ts";

/** What is known of earlier rows. */
export interface Seen {
  readonly rows: number;
  readonly means: Float64Array;
  /** Per column the squares about its mean, summed. */
  readonly spread: Float64Array;
  /** Components × columns, each as long as its singular value. */
  readonly scaled: Float64Array;
}

/** What is known with the batch. */
export interface Merged {
  readonly means: Float64Array;
  readonly spread: Float64Array;
  /** Components × columns, of unit length; of zeros where the rows have no further direction. */
  readonly directions: Float64Array;
  /** Their singular values, squared. */
  readonly squares: Float64Array;
}

/** A square this small beside the largest is rounding. */
const DEPENDENT = 1e-14;

/** Merges a batch, whose values are overwritten, and keeps `count` components. */
export function mergeBatch(seen: Seen | undefined, { values, rows, size }: Rows, count: number): Merged {
  const means = new Float64Array(size);
  for (let i = 0; i < values.length; i++) means[i % size] += values[i];
  for (let j = 0; j < size; j++) means[j] /= Math.max(1, rows);
  const spread = new Float64Array(size);
  for (let i = 0; i < values.length; i++) {
    values[i] -= means[i % size];
    spread[i % size] += values[i] * values[i];
  }
  if (seen === undefined) return { means, spread, ...decomposed({ values, rows, size }, count) };
  const all = seen.rows + rows;
  const kept = size === 0 ? 0 : seen.scaled.length / size;
  const stacked = new Float64Array((kept + rows + 1) * size);
  stacked.set(seen.scaled);
  stacked.set(values, seen.scaled.length);
  const correction = Math.sqrt((seen.rows * rows) / all);
  const last = stacked.subarray((kept + rows) * size);
  for (let j = 0; j < size; j++) {
    last[j] = correction * (seen.means[j] - means[j]);
    spread[j] += seen.spread[j] + last[j] * last[j];
    means[j] = seen.means[j] + (means[j] - seen.means[j]) * (rows / all);
  }
  return { means, spread, ...decomposed({ values: stacked, rows: kept + rows + 1, size }, count) };
}

// Internal

/** Right singular vectors, by whichever matrix of products is smaller: of pairs of columns, or of pairs of rows. */
function decomposed({ values, rows, size }: Rows, count: number): Pick<Merged, "directions" | "squares"> {
  const directions = new Float64Array(count * size);
  const isTall = rows >= size;
  const products = isTall ? columnProducts({ values, rows, size }) : rowProducts({ values, rows, size });
  const { values: found, vectors } = symmetricEigen(products, isTall ? size : rows);
  const squares = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    if (!(found[k] > DEPENDENT * found[0])) break;
    squares[k] = found[k];
    const direction = directions.subarray(k * size, (k + 1) * size);
    if (isTall) direction.set(vectors.subarray(k * size, (k + 1) * size));
    else {
      for (let i = 0; i < rows; i++) {
        const weight = vectors[k * rows + i] / Math.sqrt(found[k]);
        for (let j = 0; j < size; j++) direction[j] += weight * values[i * size + j];
      }
    }
    orient(direction);
  }
  return { directions, squares };
}

/** XX'. */
function rowProducts({ values, rows, size }: Rows): Float64Array {
  const products = new Float64Array(rows * rows);
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += values[a * size + j] * values[b * size + j];
      products[a * rows + b] = sum;
    }
  }
  return mirrored(products, rows);
}
