// Alternating least squares: with the items' vectors fixed, each user's vector is a small ridge regression, and the
// other way round. Explicit: Zhou, Wilkinson, Schreiber & Pan 2008 ("Large-scale parallel collaborative filtering for
// the Netflix prize", the penalty weighted by the number of ratings), with biases as in Koren, Bell & Volinsky 2009.
// Implicit: Hu, Koren & Volinsky 2008 ("Collaborative filtering for implicit feedback datasets"), whose trick of the
// shared Gram matrix makes the zeros cost nothing.
import type { Sparse } from "./ratings.ts";

/** Vectors of users or items, row-major. For explicit feedback the last component is the bias. */
export type Vectors = Float64Array;

/** Sizes and penalty of one problem. */
export interface AlsSizes {
  /** Components of a vector, a bias included. */
  readonly width: number;
  readonly regularization: number;
}

/**
 * Solves every vector of `mine` for the ratings of its row. A vector is [factors, bias]; what it explains is
 * rating - mean - (the other's bias), from [the other's factors, 1].
 */
export function solveExplicit(
  mine: Vectors,
  { others, ratings, mean, width, regularization }: AlsSizes & { others: Vectors; ratings: Sparse; mean: number },
): void {
  const system = new System(width);
  const features = new Float64Array(width);
  const { offsets } = ratings;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const count = offsets[row + 1] - offsets[row];
    const vector = mine.subarray(row * width, (row + 1) * width);
    if (count === 0) {
      vector.fill(0);
      continue;
    }
    system.clear(regularization * count);
    for (let e = offsets[row]; e < offsets[row + 1]; e++) {
      const at = ratings.others[e] * width;
      for (let k = 0; k < width - 1; k++) features[k] = others[at + k];
      features[width - 1] = 1;
      system.add(features, 0, { weight: 1, value: ratings.values[e] - mean - others[at + width - 1] });
    }
    system.solve(vector);
  }
}

/**
 * Solves every vector of `mine` for strengths of preference: what was chosen is wanted to be 1 with the confidence
 * 1 + alpha × strength, everything else 0 with confidence 1.
 */
export function solveImplicit(
  mine: Vectors,
  { others, ratings, alpha, width, regularization }: AlsSizes & { others: Vectors; ratings: Sparse; alpha: number },
): void {
  const gram = gramOf(others, width);
  const system = new System(width);
  const { offsets } = ratings;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const vector = mine.subarray(row * width, (row + 1) * width);
    if (offsets[row] === offsets[row + 1]) {
      vector.fill(0);
      continue;
    }
    system.clear(regularization, gram);
    for (let e = offsets[row]; e < offsets[row + 1]; e++) {
      const extra = alpha * ratings.values[e];
      // The Gram matrix holds each item once already, wanted to be 0.
      system.add(others, ratings.others[e] * width, { weight: extra, value: (1 + extra) / extra });
    }
    system.solve(vector);
  }
}

/** What `solveExplicit` makes smaller, per rating: squared errors and weighted penalties. */
export function explicitLoss(
  users: Vectors,
  { items, ratings, mean, width, regularization }: AlsSizes & { items: Vectors; ratings: Sparse; mean: number },
): number {
  let loss = 0;
  const { offsets, others, values } = ratings;
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let e = offsets[user]; e < offsets[user + 1]; e++) {
      const error = values[e] - mean - explicitScore({ users, items, width }, user, others[e]);
      const penalty = squares(users, user, width) + squares(items, others[e], width);
      loss += error * error + regularization * penalty;
    }
  }
  return loss / Math.max(1, values.length);
}

/** What `solveImplicit` makes smaller, per pair that was chosen: all pairs count, those not chosen by the Gram matrices. */
export function implicitLoss(
  users: Vectors,
  { items, ratings, alpha, width, regularization }: AlsSizes & { items: Vectors; ratings: Sparse; alpha: number },
): number {
  const [mine, theirs] = [gramOf(users, width), gramOf(items, width)];
  let loss = 0;
  for (let k = 0; k < mine.length; k++) loss += mine[k] * theirs[k];
  for (let k = 0; k < width; k++) loss += regularization * (mine[k * width + k] + theirs[k * width + k]);
  const { offsets, others, values } = ratings;
  for (let user = 0; user + 1 < offsets.length; user++) {
    for (let e = offsets[user]; e < offsets[user + 1]; e++) {
      const score = product({ users, items, width }, user, others[e], width);
      loss += (1 + alpha * values[e]) * (1 - score) ** 2 - score * score;
    }
  }
  return loss / Math.max(1, values.length);
}

/** Vectors of both sides. */
export interface BothVectors {
  readonly users: Vectors;
  readonly items: Vectors;
  readonly width: number;
}

/** What a user and an item add to the mean; -1 is one that is unknown and adds nothing of its own. */
export function explicitScore(both: BothVectors, user: number, item: number): number {
  const { users, items, width } = both;
  const last = width - 1;
  const biases = (user < 0 ? 0 : users[user * width + last]) + (item < 0 ? 0 : items[item * width + last]);
  return user < 0 || item < 0 ? biases : biases + product(both, user, item, last);
}

/** The product of a user's and an item's vector; 0 where one is unknown. */
export function implicitScore(both: BothVectors, user: number, item: number): number {
  return user < 0 || item < 0 ? 0 : product(both, user, item, both.width);
}

// Internal

function product({ users, items, width }: BothVectors, user: number, item: number, length: number): number {
  const [u, i] = [user * width, item * width];
  let sum = 0;
  for (let k = 0; k < length; k++) sum += users[u + k] * items[i + k];
  return sum;
}

function squares(vectors: Vectors, row: number, width: number): number {
  let sum = 0;
  for (let k = row * width; k < (row + 1) * width; k++) sum += vectors[k] * vectors[k];
  return sum;
}

/** The sum of v vᵀ over all vectors. */
function gramOf(vectors: Vectors, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (let at = 0; at < vectors.length; at += width) {
    for (let r = 0; r < width; r++) {
      const left = vectors[at + r];
      for (let c = 0; c < width; c++) gram[r * width + c] += left * vectors[at + c];
    }
  }
  return gram;
}

/** Normal equations of one vector, solved by Cholesky's decomposition; the penalty keeps them positive definite. */
class System {
  readonly #width: number;
  /** The lower triangle. */
  readonly #matrix: Float64Array;
  readonly #right: Float64Array;

  constructor(width: number) {
    this.#width = width;
    this.#matrix = new Float64Array(width * width);
    this.#right = new Float64Array(width);
  }

  /** Starts anew with `penalty` on the diagonal, added to `base`. */
  clear(penalty: number, base?: Float64Array): void {
    if (base === undefined) this.#matrix.fill(0);
    else this.#matrix.set(base);
    for (let k = 0; k < this.#width; k++) this.#matrix[k * this.#width + k] += penalty;
    this.#right.fill(0);
  }

  /** Adds an observation: `value` is to be explained by the features from `at` on. */
  add(features: Float64Array, at: number, { weight, value }: { weight: number; value: number }): void {
    const width = this.#width;
    for (let r = 0; r < width; r++) {
      const scaled = weight * features[at + r];
      this.#right[r] += scaled * value;
      for (let c = 0; c <= r; c++) this.#matrix[r * width + c] += scaled * features[at + c];
    }
  }

  solve(into: Float64Array): void {
    const [width, m] = [this.#width, this.#matrix];
    for (let r = 0; r < width; r++) {
      for (let c = 0; c <= r; c++) {
        let sum = m[r * width + c];
        for (let k = 0; k < c; k++) sum -= m[r * width + k] * m[c * width + k];
        m[r * width + c] = r === c ? Math.sqrt(sum) : sum / m[c * width + c];
      }
    }
    for (let r = 0; r < width; r++) {
      let sum = this.#right[r];
      for (let k = 0; k < r; k++) sum -= m[r * width + k] * into[k];
      into[r] = sum / m[r * width + r];
    }
    for (let r = width - 1; r >= 0; r--) {
      let sum = into[r];
      for (let k = r + 1; k < width; k++) sum -= m[k * width + r] * into[k];
      into[r] = sum / m[r * width + r];
    }
  }
}
