// The rising step curve nearest to some points, by pooling adjacent violators (Ayer et al. 1955), and the curve through its
// corners that scikit-learn's IsotonicRegression draws: straight between them, level beyond the first and the last.

/** Corners of a curve that never falls: `xs` rising, one of `ys` for each. */
export interface RisingCurve {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

interface Points {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** How much each point counts; all above 0. Absent: all alike. */
  readonly weights?: Float64Array;
}

/** The curve with the least weighted squared error among those that never fall; at least one point. */
export function fitRisingCurve(points: Points): RisingCurve {
  const { xs, ys, weights } = joined(points);
  pool(ys, weights);
  // Points in the midst of a level part change nothing.
  const kept = [...xs.keys()].filter(
    (i) => i === 0 || i === xs.length - 1 || ys[i] !== ys[i - 1] || ys[i] !== ys[i + 1],
  );
  return { xs: Float64Array.from(kept, (i) => xs[i]), ys: Float64Array.from(kept, (i) => ys[i]) };
}

/** The curve's height at `x`. */
export function heightAt({ xs, ys }: RisingCurve, x: number): number {
  const last = xs.length - 1;
  if (!(x > xs[0])) return ys[0];
  if (x >= xs[last]) return ys[last];
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle;
  }
  const share = (x - xs[low]) / (xs[high] - xs[low]);
  return ys[low] + share * (ys[high] - ys[low]);
}

// Internal

/** The points by rising x, those of one x as their mean. */
function joined({ xs, ys, weights }: Points) {
  const order = Uint32Array.from(xs.keys()).sort((i, j) => xs[i] - xs[j] || i - j);
  const all = {
    xs: new Float64Array(xs.length),
    ys: new Float64Array(xs.length),
    weights: new Float64Array(xs.length),
  };
  let count = 0;
  for (const row of order) {
    if (count === 0 || all.xs[count - 1] !== xs[row]) all.xs[count++] = xs[row];
    const weight = weights?.[row] ?? 1;
    all.ys[count - 1] += weight * ys[row];
    all.weights[count - 1] += weight;
  }
  for (let i = 0; i < count; i++) all.ys[i] /= all.weights[i];
  return {
    xs: all.xs.subarray(0, count),
    ys: all.ys.subarray(0, count),
    weights: all.weights.subarray(0, count),
  };
}

/** Puts the mean of each block that would fall in its place. */
function pool(ys: Float64Array, weights: Float64Array): void {
  const starts = new Uint32Array(ys.length);
  const sums = new Float64Array(ys.length);
  const totals = new Float64Array(ys.length);
  let blocks = 0;
  for (let i = 0; i < ys.length; i++) {
    starts[blocks] = i;
    sums[blocks] = weights[i] * ys[i];
    totals[blocks] = weights[i];
    while (blocks > 0 && sums[blocks - 1] / totals[blocks - 1] >= sums[blocks] / totals[blocks]) {
      sums[blocks - 1] += sums[blocks];
      totals[blocks - 1] += totals[blocks];
      blocks--;
    }
    blocks++;
  }
  for (let block = 0; block < blocks; block++) {
    const end = block + 1 < blocks ? starts[block + 1] : ys.length;
    ys.fill(sums[block] / totals[block], starts[block], end);
  }
}
