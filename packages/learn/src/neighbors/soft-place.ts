// Where a new row belongs among neighbours that have places: at their mean, weighted as UMAP weighs neighbours, by
// exp(−d/σ) with σ such that the weights are those of log2(k) whole neighbours (McInnes, Healy & Melville 2018, §3.1).

const TOLERANCE = 1e-5;
const ROUNDS = 64;

/** Writes the place to `out`; one of no distance to a neighbour has just its place, or the mean of those that it meets. */
export function placeAmong(
  { numbers, distances }: { readonly numbers: Int32Array; readonly distances: Float64Array },
  places: Float64Array,
  out: Float64Array,
): void {
  out.fill(0);
  const size = out.length;
  const isMet = distances[0] === 0;
  const width = isMet ? 1 : widthOf(distances);
  let sum = 0;
  for (let i = 0; i < distances.length; i++) {
    // Less the nearest distance, which all weights share as a factor: so not all of them vanish.
    const weight = isMet ? (distances[i] === 0 ? 1 : 0) : Math.exp(-(distances[i] - distances[0]) / width);
    if (weight === 0) continue;
    sum += weight;
    for (let k = 0; k < size; k++) out[k] += weight * places[numbers[i] * size + k];
  }
  for (let k = 0; k < size; k++) out[k] /= sum;
}

// Internal

/** σ, by halving an interval; positive. */
function widthOf(distances: Float64Array): number {
  const wanted = Math.log2(Math.max(2, distances.length));
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let width = distances[0];
  for (let round = 0; round < ROUNDS; round++) {
    let sum = 0;
    for (let i = 0; i < distances.length; i++) sum += Math.exp(-distances[i] / width);
    if (Math.abs(sum - wanted) < TOLERANCE) break;
    if (sum > wanted) high = width;
    else low = width;
    width = high === Number.POSITIVE_INFINITY ? width * 2 : (low + high) / 2;
  }
  return width;
}
