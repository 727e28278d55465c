// Products of all pairs of centred columns over the rows, by all threads and in one pass over the data where it can be:
// columns are centred on the mean of their first rows, and what their own mean differs from it by is taken off at the end.
import type { KernelRuntime } from "@massif/kernels";

/** Columns are copied to the kernels in pieces that stay in the last-level cache; shorter ones copy slowly. */
const PIECE_BYTES = 2 ** 21;
const MIN_PIECE = 4096;
const MAX_PIECE = 65_536;
/** Units of work per piece. */
const CHUNKS = 4;

/** Means of the columns and Σ (x_i − m_i)(x_j − m_j) for all pairs, row-major; a missing value counts as the mean. */
export interface CentredProducts {
  readonly means: Float64Array;
  readonly products: Float64Array;
}

interface Rows {
  readonly runtime: KernelRuntime;
  readonly rows: number;
}

interface Centring extends Rows {
  readonly center: boolean;
  /** Called when there may be an infinite value, which the sums show without a look of their own; throws if there is. */
  readonly refuse?: () => void;
}

/** Means and products of the columns; with `center` false all means are 0. */
export function centredProducts(
  columns: readonly Float64Array[],
  { center, refuse, ...where }: Centring,
): CentredProducts {
  const size = columns.length;
  if (size === 0) return { means: new Float64Array(), products: new Float64Array() };
  if (!center) {
    const means = new Float64Array(size);
    const { products, sums } = productsAround(columns, means, where);
    if (!sums.every(Number.isFinite)) refuse?.();
    return { means, products };
  }
  const first = Float64Array.from(columns, (values) => meanOf(values.subarray(0, MIN_PIECE)));
  if (!first.every(Number.isFinite)) refuse?.();
  const { products, sums, missing } = productsAround(columns, first, where);
  if (!sums.every(Number.isFinite)) refuse?.();
  const moves = sums.map((sum, j) => (missing[j] === where.rows ? 0 : sum / (where.rows - missing[j])));
  const means = first.map((value, j) => value + moves[j]);
  // Where the first rows are not like the rest, the difference of two large sums would lose digits.
  const isFar = moves.some((move, j) => where.rows * move * move > 0.5 * products[j * size + j]);
  if (isFar || missing.some((count) => count > 0)) {
    return { means, products: productsAround(columns, means, where).products };
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) products[i * size + j] -= where.rows * moves[i] * moves[j];
  }
  return { means, products };
}

// Internal

interface Around {
  readonly products: Float64Array;
  /** Per column what is left when the middle is taken off, summed, and how many values are missing. */
  readonly sums: Float64Array;
  readonly missing: Float64Array;
}

function productsAround(columns: readonly Float64Array[], middles: Float64Array, { runtime, rows }: Rows): Around {
  const size = columns.length;
  const width = Math.ceil(size / 4) * 4;
  const fitting = Math.floor(PIECE_BYTES / 8 / size);
  const piece = Math.min(rows, Math.max(MIN_PIECE, Math.min(MAX_PIECE, fitting)));
  // Even, so that every column begins where a vector may.
  const height = piece + (piece % 2);
  const grain = 2 * Math.ceil(piece / CHUNKS / 2);
  const products = new Float64Array(size * size);
  const found = new Float64Array(2 * size);
  runtime.scope((memory) => {
    const staged = memory.alloc(width * height * 8);
    const partials = memory.alloc(CHUNKS * width * width * 8);
    const [middlesAt, sumsAt] = [memory.alloc(size * 8), memory.alloc(size * 16)];
    runtime.f64(middlesAt, size).set(middles);
    runtime.f64(sumsAt, 2 * size).fill(0);
    runtime.f64(staged, width * height).fill(0);
    for (let begin = 0; begin < rows; begin += piece) {
      const count = Math.min(piece, rows - begin);
      // The places of the columns depend on the full height, also for the last, shorter piece.
      const view = runtime.f64(staged, width * height);
      columns.forEach((values, j) => {
        view.set(values.subarray(begin, begin + count), j * height);
        if (count < height) view.fill(middles[j], j * height + count, (j + 1) * height);
      });
      runtime.parallel("centreColumns", [staged, height, middlesAt, sumsAt], size, 1);
      runtime.parallel("gramPass", [staged, height, width, partials, grain], count, grain);
      addLower(runtime.f64(partials, Math.ceil(count / grain) * width * width), products, { width, size });
    }
    found.set(runtime.f64(sumsAt, 2 * size));
  });
  const [sums, missing] = [new Float64Array(size), new Float64Array(size)];
  for (let j = 0; j < size; j++) [sums[j], missing[j]] = [found[2 * j], found[2 * j + 1]];
  return { products, sums, missing };
}

/** The mean of what is not missing; 0 of nothing. */
function meanOf(values: Float64Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i];
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** Adds the lower halves of the partials, in order, to both halves of the total. */
function addLower(partials: Float64Array, total: Float64Array, { width, size }: { width: number; size: number }): void {
  for (let at = 0; at < partials.length; at += width * width) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        const value = partials[at + i * width + j];
        total[i * size + j] += value;
        if (j < i) total[j * size + i] += value;
      }
    }
  }
}
