// One pass of Lloyd's algorithm by its definition: the slow reference of `clusterPass`.

/** Sums and counts of the rows nearest to each centre, the first of equally near ones. */
export function lloydSums(rows: readonly (readonly number[])[], centres: readonly (readonly number[])[]) {
  const sums = centres.map((centre) => centre.map(() => 0));
  const counts = centres.map(() => 0);
  for (const row of rows) {
    const squares = centres.map((centre) => centre.reduce((sum, value, j) => sum + (value - row[j]) ** 2, 0));
    const nearest = squares.indexOf(Math.min(...squares));
    counts[nearest] += 1;
    row.forEach((value, j) => {
      sums[nearest][j] += value;
    });
  }
  return { sums, counts };
}
