// Ridge regressions of each column on all others in turn, over rows whose gaps are filled meanwhile.
import { solveSymmetric } from "../matrix/cholesky.ts";

/** Rows with gaps, column by column; gaps are filled with a first guess, and better ones as rounds go by. */
interface GappedColumns {
  readonly columns: readonly Float64Array[];
  /** Per column the rows that lack it, rising. */
  readonly missing: readonly Uint32Array[];
}

/**
 * One regression of each column in `order` on all others (rows that have it, penalty `alpha` on squared coefficients):
 * columns × (columns + 1) numbers, per column its coefficients (its own is 0) and then the intercept. Gaps are filled
 * anew on the way.
 *
 * Sums over the rows that have a column are those over all rows less those over the few that lack it, so that a round
 * costs one pass of products and not one per column.
 */
export function regressInTurn(
  { columns, missing }: GappedColumns,
  order: readonly number[],
  alpha: number,
): Float64Array {
  const width = columns.length;
  const rows = columns[0]?.length ?? 0;
  const made = new Float64Array(width * (width + 1));
  const shift = Float64Array.from(columns, (values) => values.reduce((sum, value) => sum + value, 0) / rows);
  const sums = new Sums(columns, shift);
  for (const target of order) {
    const { gram, totals, count } = sums.without(missing[target]);
    const weights = ridge({ gram, totals, count, target, alpha });
    let intercept = shift[target] + totals[target] / count;
    for (let j = 0; j < width; j++) intercept -= weights[j] * (shift[j] + totals[j] / count);
    made.set(weights, target * (width + 1));
    made[target * (width + 1) + width] = intercept;
    if (missing[target].length === 0) continue;
    for (const row of missing[target]) {
      let sum = intercept;
      for (let j = 0; j < width; j++) sum += weights[j] * columns[j][row];
      columns[target][row] = sum;
    }
    sums.renew(target);
  }
  return made;
}

// Internal

interface Normal {
  /** Products of columns less `shift`, width × width. */
  readonly gram: Float64Array;
  readonly totals: Float64Array;
  readonly count: number;
}

/** Sums and products of columns about fixed values near their means, over all rows. */
class Sums {
  readonly #columns: readonly Float64Array[];
  readonly #shift: Float64Array;
  readonly #gram: Float64Array;
  readonly #totals: Float64Array;

  constructor(columns: readonly Float64Array[], shift: Float64Array) {
    this.#columns = columns;
    this.#shift = shift;
    this.#gram = new Float64Array(columns.length ** 2);
    this.#totals = new Float64Array(columns.length);
    for (let j = 0; j < columns.length; j++) this.renew(j);
  }

  /** Takes over new values of column j. */
  renew(j: number): void {
    const width = this.#columns.length;
    const own = this.#columns[j];
    this.#totals[j] = own.reduce((sum, value) => sum + (value - this.#shift[j]), 0);
    for (let k = 0; k < width; k++) {
      const product = productOf(own, this.#columns[k], this.#shift[j], this.#shift[k]);
      this.#gram[j * width + k] = product;
      this.#gram[k * width + j] = product;
    }
  }

  /** The sums over the rows that are not in `left`: by difference, or where most are, from those that stay. */
  without(left: Uint32Array): Normal {
    const rows = this.#columns[0].length;
    const count = rows - left.length;
    if (left.length === 0) return { gram: this.#gram, totals: this.#totals, count };
    if (2 * left.length <= rows) {
      const part = this.#over(left);
      const less = (whole: Float64Array, by: Float64Array) => whole.map((value, i) => value - by[i]);
      return { gram: less(this.#gram, part.gram), totals: less(this.#totals, part.totals), count };
    }
    const isLeft = new Uint8Array(rows);
    for (const row of left) isLeft[row] = 1;
    return {
      ...this.#over(Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => isLeft[row] === 0)),
      count,
    };
  }

  #over(chosen: Uint32Array): { gram: Float64Array; totals: Float64Array } {
    const width = this.#columns.length;
    const gram = new Float64Array(width * width);
    const totals = new Float64Array(width);
    const row = new Float64Array(width);
    for (const at of chosen) {
      for (let j = 0; j < width; j++) row[j] = this.#columns[j][at] - this.#shift[j];
      for (let j = 0; j < width; j++) {
        totals[j] += row[j];
        for (let k = 0; k <= j; k++) gram[j * width + k] += row[j] * row[k];
      }
    }
    for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) gram[k * width + j] = gram[j * width + k];
    return { gram, totals };
  }
}

function productOf(a: Float64Array, b: Float64Array, shiftA: number, shiftB: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - shiftA) * (b[i] - shiftB);
  return sum;
}

/** Coefficients of all columns but the target, whose own is 0, about their means. */
function ridge({ gram, totals, count, target, alpha }: Normal & { target: number; alpha: number }): Float64Array {
  const width = totals.length;
  const others = Array.from({ length: width }, (_, j) => j).filter((j) => j !== target);
  const order = others.length;
  const centred = (j: number, k: number) => gram[j * width + k] - (totals[j] * totals[k]) / count;
  const matrix = new Float64Array(order * order);
  const right = new Float64Array(order);
  others.forEach((j, a) => {
    for (let b = 0; b <= a; b++) matrix[a * order + b] = centred(j, others[b]) + (a === b ? alpha : 0);
    right[a] = centred(j, target);
  });
  const solved = solveSymmetric(matrix, right, order);
  const weights = new Float64Array(width);
  others.forEach((j, a) => {
    weights[j] = solved[a];
  });
  return weights;
}
