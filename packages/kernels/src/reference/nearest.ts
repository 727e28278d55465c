// Nearest neighbours by sorting all distances: the slow reference of the searches.

/** The numbers of the k points nearest to `query`, ascending by distance and then by number. */
export function nearest(points: readonly (readonly number[])[], query: readonly number[], k: number): number[] {
  return points
    .map((point, number) => ({ number, square: point.reduce((sum, value, j) => sum + (value - query[j]) ** 2, 0) }))
    .sort((a, b) => a.square - b.square || a.number - b.number)
    .slice(0, k)
    .map(({ number }) => number);
}
