// The rows of number columns as one stretch of memory, with something in the place of what is missing.

/** The columns row-major; a missing value is its column's mean, or 0 where the column has none. */
export function denseRows(columns: readonly Float64Array[], rows: number): Float64Array {
  const size = columns.length;
  const values = new Float64Array(rows * size);
  for (let j = 0; j < size; j++) {
    const column = columns[j];
    const middle = meanOf(column);
    for (let i = 0; i < rows; i++) values[i * size + j] = Number.isNaN(column[i]) ? middle : column[i];
  }
  return values;
}

// Internal

function meanOf(values: Float64Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i];
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
