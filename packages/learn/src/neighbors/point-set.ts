// The points that neighbours are looked for among: row-major float64, and what a search in float32 needs of them.

export interface PointSet {
  readonly count: number;
  readonly features: number;
  /** count x features, row-major. */
  readonly values: Float64Array;
}

/** The rows of these columns as points. */
export function pointsOf(columns: readonly Float64Array[], count: number): PointSet {
  const features = columns.length;
  const values = new Float64Array(count * features);
  for (let j = 0; j < features; j++) {
    const column = columns[j];
    for (let i = 0; i < count; i++) values[i * features + j] = column[i];
  }
  return { count, features, values };
}

/** Each feature's mean: subtracting it leaves distances alone, and float32 with as many digits as possible. */
export function centre({ count, features, values }: PointSet): Float64Array {
  const sums = new Float64Array(features);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < features; j++) sums[j] += values[i * features + j];
  }
  return sums.map((sum) => sum / count);
}
