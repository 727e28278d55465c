// How long a batch takes: a·rows + b by least squares over the last batches, and how much longer the slowest of them
// took than that. Answers undefined until it has seen enough to say anything.

const KEPT = 50;
const LEAST = 3;

/** Learns from batches what the next one will take; milliseconds throughout. */
export class LatencyModel {
  readonly #batches: { rows: number; millis: number }[] = [];
  #line: { a: number; b: number; excess: number } | undefined;

  /** Notes a batch that was answered. */
  add(rows: number, millis: number): void {
    this.#batches.push({ rows, millis });
    if (this.#batches.length > KEPT) this.#batches.shift();
    this.#line = undefined;
  }

  /** What a batch of `rows` rows will take, on average. */
  expected(rows: number): number | undefined {
    const line = this.#fit();
    return line === undefined ? undefined : line.a * rows + line.b;
  }

  /** What nearly every batch of `rows` rows will take at most: the average and the worst excess of the last batches. */
  atMost(rows: number): number | undefined {
    const line = this.#fit();
    return line === undefined ? undefined : line.a * rows + line.b + line.excess;
  }

  // Internal

  #fit(): { a: number; b: number; excess: number } | undefined {
    if (this.#batches.length < LEAST) return undefined;
    this.#line ??= fitted(this.#batches);
    return this.#line;
  }
}

// Internal

function fitted(batches: readonly { rows: number; millis: number }[]): { a: number; b: number; excess: number } {
  const n = batches.length;
  const meanRows = batches.reduce((sum, { rows }) => sum + rows, 0) / n;
  const meanMillis = batches.reduce((sum, { millis }) => sum + millis, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (const { rows, millis } of batches) {
    covariance += (rows - meanRows) * (millis - meanMillis);
    variance += (rows - meanRows) ** 2;
  }
  // Batches of one size say nothing about the slope, and more rows never take less: then b alone is learned, or a.
  let a = variance === 0 ? 0 : Math.max(0, covariance / variance);
  let b = meanMillis - a * meanRows;
  if (b < 0) {
    b = 0;
    a =
      batches.reduce((sum, { rows, millis }) => sum + rows * millis, 0) /
      batches.reduce((sum, { rows }) => sum + rows ** 2, 0);
  }
  const excess = batches.reduce((most, { rows, millis }) => Math.max(most, millis - a * rows - b), 0);
  return { a, b, excess };
}
