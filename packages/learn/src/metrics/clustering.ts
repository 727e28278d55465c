// Figures of a clustering, which has no right answers: how tight the clusters are and how far apart.
import { Random } from "../base/random.ts";

/** Rows that the silhouette compares with one another at most; wide tables are compared on fewer. */
const SILHOUETTE_ROWS = 2000;
/** Products that the comparison may cost: about a second. */
const SILHOUETTE_COST = 4e8;

/** Sum over the rows of the squared distance to the nearest cluster; `distances` are rows × clusters, row-major. */
export function inertia(distances: Float64Array, clusters: number): number {
  let sum = 0;
  for (let base = 0; base < distances.length; base += clusters) {
    let least = distances[base];
    for (let k = 1; k < clusters; k++) if (distances[base + k] < least) least = distances[base + k];
    sum += least * least;
  }
  return sum;
}

/**
 * Mean silhouette of the rows (Rousseeuw 1987): (b − a) / max(a, b) with the mean distance a to the row's own cluster and
 * b to the nearest other; 0 for a row alone in its cluster; NaN when all rows are in one. More than `limit` rows are
 * sampled, the same ones each time.
 */
export function silhouette(
  columns: readonly Float64Array[],
  codes: Int32Array,
  { limit = SILHOUETTE_ROWS }: { readonly limit?: number } = {},
): number {
  const rows = sampleRows(codes.length, Math.min(limit, Math.floor(Math.sqrt(SILHOUETTE_COST / (columns.length + 1)))));
  const points = columns.map((values) => Float64Array.from(rows, (row) => values[row]));
  const names = [...new Set(Array.from(rows, (row) => codes[row]))];
  if (names.length < 2) return Number.NaN;
  const group = Int32Array.from(rows, (row) => names.indexOf(codes[row]));
  const sizes = new Float64Array(names.length);
  for (const k of group) sizes[k] += 1;
  const squares = new Float64Array(rows.length);
  const sums = new Float64Array(names.length);
  let total = 0;
  for (let i = 0; i < rows.length; i++) {
    squaresFrom(points, i, squares);
    sums.fill(0);
    for (let j = 0; j < rows.length; j++) sums[group[j]] += Math.sqrt(squares[j]);
    total += silhouetteOf(sums, sizes, group[i]);
  }
  return total / rows.length;
}

// Internal

function sampleRows(rows: number, limit: number): Uint32Array {
  const order = new Random(1).permutation(rows);
  return order.subarray(0, Math.min(rows, limit)).sort();
}

/** Squared distances from point `i` to all. */
function squaresFrom(points: readonly Float64Array[], i: number, squares: Float64Array): void {
  squares.fill(0);
  for (const values of points) {
    const own = values[i];
    for (let j = 0; j < squares.length; j++) squares[j] += (values[j] - own) ** 2;
  }
}

function silhouetteOf(sums: Float64Array, sizes: Float64Array, own: number): number {
  if (sizes[own] === 1) return 0;
  const inside = sums[own] / (sizes[own] - 1);
  let outside = Number.POSITIVE_INFINITY;
  for (let k = 0; k < sums.length; k++) if (k !== own) outside = Math.min(outside, sums[k] / sizes[k]);
  const larger = Math.max(inside, outside);
  return larger === 0 ? 0 : (outside - inside) / larger;
}
