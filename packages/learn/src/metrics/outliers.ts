// Figures of anomaly scores, which have no right answers: how many rows are outliers, how the scores lie, and whether the
// rows called outliers do lie apart.
import { quantile, sortedPresent } from "../base/quantile.ts";
import { Random } from "../base/random.ts";

/** Rows that the separation compares with one another at most; wide tables are compared on fewer. */
const SEPARATION_ROWS = 2000;
/** Products that the comparison may cost: about a second. */
const SEPARATION_COST = 4e8;
/** So many nearest rows say how far a row is from others; a single one would be fooled by a pair of outliers. */
const NEAREST = 5;

/** The figures of `scores`; the separation needs the `columns` that were scored, and is NaN without. */
export function outlierFigures(
  scores: Float64Array,
  columns: readonly Float64Array[],
): Record<"separation" | "outlierShare" | "scoreMedian" | "scoreP90" | "scoreP99" | "scoreMax", number> {
  const sorted = sortedPresent(scores);
  return {
    separation: columns.length === 0 ? Number.NaN : separation(columns, scores),
    outlierShare: scores.reduce((count, score) => count + (score > 0 ? 1 : 0), 0) / scores.length,
    scoreMedian: quantile(sorted, 0.5),
    scoreP90: quantile(sorted, 0.9),
    scoreP99: quantile(sorted, 0.99),
    scoreMax: quantile(sorted, 1),
  };
}

/**
 * Mean distance of the rows with a score above 0 to the five rows nearest to them, over that of all other rows; columns
 * count in units of their deviation. 1 says that outliers lie like any row. NaN when all rows are of one kind or there are
 * fewer than six. More than `limit` rows are sampled, the same ones each time.
 */
export function separation(
  columns: readonly Float64Array[],
  scores: Float64Array,
  { limit = SEPARATION_ROWS }: { readonly limit?: number } = {},
): number {
  const affordable = Math.floor(Math.sqrt(SEPARATION_COST / (columns.length + 1)));
  const rows = new Random(1).permutation(scores.length).subarray(0, Math.min(limit, affordable)).sort();
  if (rows.length <= NEAREST) return Number.NaN;
  const points = columns.map((values) => standardised(Float64Array.from(rows, (row) => values[row])));
  const squares = new Float64Array(rows.length);
  const sums = [0, 0];
  const counts = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const kind = scores[rows[i]] > 0 ? 1 : 0;
    sums[kind] += nearness(points, i, squares);
    counts[kind] += 1;
  }
  return sums[1] / counts[1] / (sums[0] / counts[0]);
}

// Internal

/** In units of the column's deviation; a constant column is 0. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** Mean distance of point `i` to the nearest others. */
function nearness(points: readonly Float64Array[], i: number, squares: Float64Array): number {
  squares.fill(0);
  for (const values of points) {
    const own = values[i];
    for (let j = 0; j < squares.length; j++) squares[j] += (values[j] - own) ** 2;
  }
  squares[i] = Number.POSITIVE_INFINITY;
  const least = new Float64Array(NEAREST).fill(Number.POSITIVE_INFINITY);
  for (let j = 0; j < squares.length; j++) {
    let value = squares[j];
    for (let k = 0; k < NEAREST && value < least[NEAREST - 1]; k++) {
      if (value < least[k]) [least[k], value] = [value, least[k]];
    }
  }
  return least.reduce((sum, square) => sum + Math.sqrt(square), 0) / NEAREST;
}
