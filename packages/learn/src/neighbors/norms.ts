// Lengths of differences that a box of a KD-tree bounds from below. Each is compared by a rank that rises with it and is
// cheaper to have: the sum before its root is taken.

/** Of equal order to a distance: what points are ranked by. */
export interface Norm {
  /** The rank from `query` to the point at `offset` of `values`, or as soon as it is beyond `limit` any that is. */
  rank(query: Float64Array, values: Float64Array, offset: number, limit: number): number;
  /** What a difference in one feature adds to the rank. */
  part(difference: number): number;
  /** The rank to a box whose distance in one feature grows: `bound` holds `before` of it, and will hold `after`. */
  grown(bound: number, before: number, after: number): number;
  distanceOf(rank: number): number;
  rankOf(distance: number): number;
}

const swapped = (bound: number, before: number, after: number) => bound - before + after;
const same = (value: number) => value;

/** The root of the sum of squares. */
export const EUCLIDEAN: Norm = {
  rank(query, values, offset, limit) {
    let sum = 0;
    for (let j = 0; j < query.length && !(sum > limit); j++) {
      const difference = query[j] - values[offset + j];
      sum += difference * difference;
    }
    return sum;
  },
  part: (difference) => difference * difference,
  grown: swapped,
  distanceOf: Math.sqrt,
  rankOf: (distance) => distance * distance,
};

/** The sum. */
export const MANHATTAN: Norm = {
  rank(query, values, offset, limit) {
    let sum = 0;
    for (let j = 0; j < query.length && !(sum > limit); j++) sum += Math.abs(query[j] - values[offset + j]);
    return sum;
  },
  part: Math.abs,
  grown: swapped,
  distanceOf: same,
  rankOf: same,
};

/** The largest. */
export const CHEBYSHEV: Norm = {
  rank(query, values, offset, limit) {
    let most = 0;
    for (let j = 0; j < query.length && !(most > limit); j++) {
      const size = Math.abs(query[j] - values[offset + j]);
      if (size > most) most = size;
    }
    return most;
  },
  part: Math.abs,
  // Distances to a box only grow on the way down, so the earlier one of this feature is no larger than what is left.
  grown: (bound, _before, after) => Math.max(bound, after),
  distanceOf: same,
  rankOf: same,
};

/** The p-th root of the sum of p-th powers. */
export function minkowski(p: number): Norm {
  if (p === 1) return MANHATTAN;
  if (p === 2) return EUCLIDEAN;
  return {
    rank(query, values, offset, limit) {
      let sum = 0;
      for (let j = 0; j < query.length && !(sum > limit); j++) sum += Math.abs(query[j] - values[offset + j]) ** p;
      return sum;
    },
    part: (difference) => Math.abs(difference) ** p,
    grown: swapped,
    distanceOf: (rank) => rank ** (1 / p),
    rankOf: (distance) => distance ** p,
  };
}
