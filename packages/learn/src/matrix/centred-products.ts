// Products of all pairs of centred columns over the rows, by all threads and in one pass over the data where it can be:
// columns are centred on the mean of their first rows, and what their own mean differs from it by is taken off at the end.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";

/** Columns are copied to the kernels in pieces that stay in a cache; shorter ones copy slowly, longer ones cost memory. */
const PIECE_BYTES = 2 ** 20;
const MIN_PIECE = 256;
/** A piece is centred and multiplied in so many parts, so that fresh memory, which is slow to get, is for one only. */
const PARTS = 4;
/** Rows that tell a first idea of the means. */
const FIRST_ROWS = 4096;

/** Means of the columns and Σ (x_i − m_i)(x_j − m_j) for all pairs, row-major; a missing value counts as the mean. */
export interface CentredProducts {
  readonly means: Float64Array;
  readonly products: Float64Array;
}

interface Rows {
  readonly runtime: KernelRuntime;
  readonly rows: number;
  /** How much each row counts; absent: all alike. */
  readonly weights?: Float64Array;
}

interface Centring extends Omit<Rows, "weights"> {
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
  const first = Float64Array.from(columns, (values) => meanOf(values.subarray(0, FIRST_ROWS)));
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

/** Products of pairs of columns, row-major, and what was seen on the way. */
export interface Around {
  readonly products: Float64Array;
  /** Per column what is left when the middle is taken off, summed, and how many values are missing. */
  readonly sums: Float64Array;
  readonly missing: Float64Array;
}

/** Σ w (x_i − m_i)(x_j − m_j) of all pairs, the middles `m` as given and `w` the rows' weights; missing values add 0. */
export function productsAround(columns: readonly Float64Array[], middles: ArrayLike<number>, rows: Rows): Around {
  const size = columns.length;
  return rows.runtime.scope((memory) => {
    const staging = new Staging(memory, { ...rows, size, middles });
    for (let begin = 0; begin < rows.rows; begin += staging.piece) staging.add(columns, begin);
    return staging.read();
  });
}

// Internal

interface Stage extends Rows {
  readonly size: number;
  readonly middles: ArrayLike<number>;
}

/** Kernel memory for one piece of the rows after another, and the sums over them. */
class Staging {
  /** Rows of a piece. */
  readonly piece: number;
  /** Rows of a part; even, because panels hold rows in pairs. */
  readonly #part: number;
  readonly #stage: Stage;
  readonly #width: number;
  readonly #roots: Float64Array | undefined;
  readonly #at: Readonly<Record<"staged" | "panels" | "products" | "middles" | "sums" | "roots", Pointer>>;

  constructor(memory: Allocations, stage: Stage) {
    const { runtime, rows, size, middles, weights } = stage;
    const wanted = Math.max(MIN_PIECE, Math.floor(PIECE_BYTES / 8 / size));
    this.#part = 2 * Math.ceil(Math.min(rows, wanted) / PARTS / 2);
    this.piece = PARTS * this.#part;
    this.#stage = stage;
    this.#width = Math.ceil(size / 4) * 4;
    this.#roots = weights?.map(Math.sqrt);
    this.#at = {
      staged: memory.alloc(size * this.piece * 8),
      panels: memory.alloc(this.#width * this.#part * 8),
      products: memory.alloc(this.#width * this.#width * 8),
      middles: memory.alloc(size * 8),
      sums: memory.alloc(size * 16),
      roots: weights === undefined ? 0 : memory.alloc(this.piece * 8),
    };
    runtime.f64(this.#at.middles, size).set(middles);
    runtime.f64(this.#at.sums, 2 * size).fill(0);
    runtime.f64(this.#at.products, this.#width * this.#width).fill(0);
  }

  /** Adds the rows of the piece that begins at `begin`. */
  add(columns: readonly Float64Array[], begin: number): void {
    const { runtime, rows, size } = this.#stage;
    const { staged, panels, products, middles, sums, roots } = this.#at;
    const [count, step] = [Math.min(this.piece, rows - begin), this.piece];
    const view = runtime.f64(staged, size * step);
    for (let j = 0; j < size; j++) view.set(columns[j].subarray(begin, begin + count), j * step);
    if (this.#roots !== undefined) runtime.f64(roots, count).set(this.#roots.subarray(begin, begin + count));
    const [width, blocks] = [this.#width, this.#width / 4];
    for (let from = 0; from < count; from += this.#part) {
      const part = Math.min(this.#part, count - from);
      const by = this.#roots === undefined ? 0 : roots + from * 8;
      const layout = [staged + from * 8, step, part, size, middles, by, panels, this.#part, sums];
      runtime.parallel("centrePanels", layout, blocks, 1);
      runtime.parallel("gramPanels", [panels, this.#part, part, width, products], blocks, 1);
    }
  }

  read(): Around {
    const { runtime, size } = this.#stage;
    const width = this.#width;
    const lower = runtime.f64(this.#at.products, width * width);
    const products = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        products[i * size + j] = lower[i * width + j];
        products[j * size + i] = lower[i * width + j];
      }
    }
    const found = runtime.f64(this.#at.sums, 2 * size);
    const [sums, missing] = [new Float64Array(size), new Float64Array(size)];
    for (let j = 0; j < size; j++) [sums[j], missing[j]] = [found[2 * j], found[2 * j + 1]];
    return { products, sums, missing };
  }
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
