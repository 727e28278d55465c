// First centres: greedy k-means++ (Arthur & Vassilvitskii 2007, with the several candidates per centre that their
// section 4 proposes) on a sample of the rows.
import type { Random } from "../base/random.ts";

/** Points of a sample, row-major. */
export interface Points {
  readonly values: Float64Array;
  readonly count: number;
  readonly features: number;
}

/** `clusters` of the points, spread over them; equal random streams choose equal points. */
export function choosePlusPlus({ values, count, features }: Points, clusters: number, random: Random): Float64Array {
  const candidates = 2 + Math.floor(Math.log(clusters));
  const centres = new Float64Array(clusters * features);
  const point = (i: number) => values.subarray(i * features, (i + 1) * features);
  centres.set(point(random.below(count)));
  let nearest = squaresTo(values, count, centres.subarray(0, features));
  for (let k = 1; k < clusters; k++) {
    let best: { sum: number; chosen: number; squares: Float64Array } | undefined;
    for (let c = 0; c < candidates; c++) {
      const chosen = draw(nearest, random);
      const squares = squaresTo(values, count, point(chosen));
      let sum = 0;
      for (let i = 0; i < count; i++) {
        if (nearest[i] < squares[i]) squares[i] = nearest[i];
        sum += squares[i];
      }
      if (best === undefined || sum < best.sum) best = { sum, chosen, squares };
    }
    if (best === undefined) continue;
    centres.set(point(best.chosen), k * features);
    nearest = best.squares;
  }
  return centres;
}

// Internal

function squaresTo(values: Float64Array, count: number, centre: Float64Array): Float64Array {
  const squares = new Float64Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0; j < centre.length; j++, at++) {
      const difference = values[at] - centre[j];
      sum += difference * difference;
    }
    squares[i] = sum;
  }
  return squares;
}

/** A place drawn in proportion to its weight; any place when all weights are 0. */
function draw(weights: Float64Array, random: Random): number {
  let total = 0;
  for (const weight of weights) total += weight;
  if (total === 0) return random.below(weights.length);
  let left = random.uniform() * total;
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}
