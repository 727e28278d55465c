// First centres: greedy k-means++ (Arthur & Vassilvitskii 2007, with the several candidates per centre that their
// section 4 proposes) on a sample of the rows.
import type { Random } from "../base/random.ts";

/** Points of a sample, row-major. */
export interface Points {
  readonly values: Float64Array;
  readonly count: number;
  readonly features: number;
  /** Absent: all count alike. */
  readonly weights?: Float64Array;
}

/**
 * `clusters` of the points, spread over them; equal random streams choose equal points. A point of weight 2 is drawn as
 * two equal points side by side would be.
 */
export function choosePlusPlus(points: Points, clusters: number, random: Random): Float64Array {
  const { values, count, features } = points;
  const weights = points.weights ?? new Float64Array(count).fill(1);
  const candidates = 2 + Math.floor(Math.log(clusters));
  const centres = new Float64Array(clusters * features);
  const point = (i: number) => values.subarray(i * features, (i + 1) * features);
  centres.set(point(draw(weights, weights, random)));
  let nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let squares = new Float64Array(count);
  weighSquares(points, weights, centres.subarray(0, features), nearest, nearest);
  for (let k = 1; k < clusters; k++) {
    let [least, best] = [Number.POSITIVE_INFINITY, new Float64Array(count)];
    for (let c = 0; c < candidates; c++) {
      const chosen = draw(nearest, weights, random);
      const sum = weighSquares(points, weights, point(chosen), nearest, squares);
      if (sum >= least) continue;
      least = sum;
      centres.set(point(chosen), k * features);
      [best, squares] = [squares, best];
    }
    nearest = best;
  }
  return centres;
}

// Internal

/** Each point's weight times its squared distance to `centre`, or to what is `nearest` to it; gives back their sum. */
function weighSquares(
  { values, count }: Points,
  weights: Float64Array,
  centre: Float64Array,
  nearest: Float64Array,
  out: Float64Array,
): number {
  const features = centre.length;
  const whole = features - (features % 4);
  let total = 0;
  for (let i = 0, at = 0; i < count; i++, at += features) {
    // In four strands, as an addition waits for the one before it.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let j = 0; j < whole; j += 4) {
      const first = values[at + j] - centre[j];
      const second = values[at + j + 1] - centre[j + 1];
      const third = values[at + j + 2] - centre[j + 2];
      const fourth = values[at + j + 3] - centre[j + 3];
      a += first * first;
      b += second * second;
      c += third * third;
      d += fourth * fourth;
    }
    for (let j = whole; j < features; j++) a += (values[at + j] - centre[j]) * (values[at + j] - centre[j]);
    const square = weights[i] * (a + b + (c + d));
    const least = Math.min(square, nearest[i]);
    out[i] = least;
    total += least;
  }
  return total;
}

/** A place drawn in proportion to its share; when all shares are 0, in proportion to its weight. */
function draw(shares: Float64Array, weights: Float64Array, random: Random): number {
  let total = 0;
  for (let i = 0; i < shares.length; i++) total += shares[i];
  const of = total > 0 ? shares : weights;
  if (total === 0) for (let i = 0; i < weights.length; i++) total += weights[i];
  let left = random.uniform() * total;
  let last = 0;
  for (let i = 0; i < of.length; i++) {
    if (of[i] === 0) continue;
    left -= of[i];
    last = i;
    if (left < 0) break;
  }
  return last;
}
