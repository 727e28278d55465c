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

/**
 * How far apart clusters are against how wide, by variances and their degrees of freedom (Caliński & Harabasz 1974); NaN
 * of a single cluster or as many as rows.
 */
export function calinskiHarabasz(columns: readonly Float64Array[], codes: Int32Array): number {
  const { group, sizes, means } = groupMeans(columns, codes);
  const [rows, clusters] = [codes.length, sizes.length];
  if (clusters < 2 || clusters === rows) return Number.NaN;
  let [between, within] = [0, 0];
  columns.forEach((values, j) => {
    let mean = 0;
    for (let k = 0; k < clusters; k++) mean += (sizes[k] / rows) * means[j][k];
    for (let k = 0; k < clusters; k++) between += sizes[k] * (means[j][k] - mean) ** 2;
    for (let i = 0; i < rows; i++) within += (values[i] - means[j][group[i]]) ** 2;
  });
  return within === 0 ? 1 : (between * (rows - clusters)) / (within * (clusters - 1));
}

/**
 * Mean over the clusters of how wide two clusters are against the distance of their means, for the worst other cluster
 * (Davies & Bouldin 1979); 0 is best, NaN of a single cluster or as many as rows.
 */
export function daviesBouldin(columns: readonly Float64Array[], codes: Int32Array): number {
  const { group, sizes, means } = groupMeans(columns, codes);
  const clusters = sizes.length;
  if (clusters < 2 || clusters === codes.length) return Number.NaN;
  const widths = new Float64Array(clusters);
  for (let i = 0; i < codes.length; i++) {
    let square = 0;
    for (let j = 0; j < columns.length; j++) square += (columns[j][i] - means[j][group[i]]) ** 2;
    widths[group[i]] += Math.sqrt(square) / sizes[group[i]];
  }
  let total = 0;
  for (let a = 0; a < clusters; a++) {
    let worst = 0;
    for (let b = 0; b < clusters; b++) {
      const apart = Math.sqrt(means.reduce((sum, own) => sum + (own[a] - own[b]) ** 2, 0));
      if (a !== b && apart > 0) worst = Math.max(worst, (widths[a] + widths[b]) / apart);
    }
    total += worst;
  }
  return total / clusters;
}

// Internal

/** Groups numbered as they appear, their sizes, and per column their means. */
function groupMeans(columns: readonly Float64Array[], codes: Int32Array) {
  const numbers = new Map<number, number>();
  const group = codes.map((code) => {
    if (!numbers.has(code)) numbers.set(code, numbers.size);
    return numbers.get(code) as number;
  });
  const sizes = new Float64Array(numbers.size);
  for (const k of group) sizes[k] += 1;
  const means = columns.map((values) => {
    const own = new Float64Array(sizes.length);
    for (let i = 0; i < group.length; i++) own[group[i]] += values[i];
    return own.map((sum, k) => sum / sizes[k]);
  });
  return { group, sizes, means };
}

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
