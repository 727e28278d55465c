// How rows of a class lie about their mean: what discriminant analysis learns from.

/** Means of the classes (classes × columns, row-major), and the products of the columns' deviations from them. */
export interface ClassSpread {
  readonly means: Float64Array;
  /** Per class columns × columns, the sum over its rows; symmetric. */
  readonly products: readonly Float64Array[];
}

/** What to read: the columns, each row's class, and how much classes and rows count. */
export interface ClassRows {
  readonly columns: readonly Float64Array[];
  readonly codes: Int32Array;
  /** Rows of each class, or their weight. */
  readonly counts: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** Means, then deviations from them: two passes, so that a large mean takes no digits from the spread. */
export function spreadByClass({ columns, codes, counts, weights }: ClassRows): ClassSpread {
  const [k, d] = [counts.length, columns.length];
  const means = new Float64Array(k * d);
  columns.forEach((values, j) => {
    for (let i = 0; i < values.length; i++) means[codes[i] * d + j] += (weights?.[i] ?? 1) * values[i];
  });
  for (let at = 0; at < means.length; at++) means[at] /= counts[Math.floor(at / d)] || 1;
  const products = Array.from({ length: k }, () => new Float64Array(d * d));
  const row = new Float64Array(d);
  for (let i = 0; i < codes.length; i++) {
    const own = products[codes[i]];
    const weight = weights?.[i] ?? 1;
    for (let j = 0; j < d; j++) row[j] = columns[j][i] - means[codes[i] * d + j];
    for (let a = 0; a < d; a++) {
      const scaled = weight * row[a];
      for (let b = 0; b <= a; b++) own[a * d + b] += scaled * row[b];
    }
  }
  for (const own of products) {
    for (let a = 0; a < d; a++) for (let b = 0; b < a; b++) own[b * d + a] = own[a * d + b];
  }
  return { means, products };
}
