// Sums over whole columns by kernels and all threads. Columns are copied to the kernels in tiles that stay in a cache: to
// keep all of them there would take fresh memory, which costs more time than the sums.
import type { KernelRuntime, Pointer } from "@massif/kernels";

/** Of each column so many rows lie in a tile, which has so many bytes. */
const TILE_ROWS = 8192;
const TILE_BYTES = 2 ** 19;
/** Columns of a unit of work. */
const GRAIN = 4;
const SUMS = 3;

/** Sums over the rows of columns less a middle of each; every result has one entry per column. */
export interface ColumnSums {
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  readonly products: Float64Array;
}

interface Columns {
  readonly columns: readonly Float64Array[];
  /** What is taken off each column. */
  readonly middles: Float64Array;
}

/** Sums of the columns and their squares, each row times its weight, and their products with `target`. */
export function columnSums(
  runtime: KernelRuntime,
  { columns, middles }: Columns,
  { target, weights }: { target: Float64Array; weights?: Float64Array },
): ColumnSums {
  const rows = weights === undefined ? [target] : [target, weights];
  const found = pass(runtime, { columns, middles, rows }, SUMS, (tile, [targetAt, weightsAt = 0], out) => {
    const args = [tile.pointer, tile.step, tile.rows, tile.middles, targetAt, weightsAt, out];
    runtime.parallel("columnMoments", args, tile.columns, GRAIN);
  });
  const [sums, squares, products] = Array.from({ length: SUMS }, () => new Float64Array(columns.length));
  for (let j = 0; j < columns.length; j++) {
    sums[j] = found[SUMS * j];
    squares[j] = found[SUMS * j + 1];
    products[j] = found[SUMS * j + 2];
  }
  return { sums, squares, products };
}

/** The columns' products with `target`. */
export function columnProducts(
  runtime: KernelRuntime,
  { columns, middles }: Columns,
  target: Float64Array,
): Float64Array {
  return pass(runtime, { columns, middles, rows: [target] }, 1, (tile, [targetAt], out) => {
    const args = [tile.pointer, tile.step, tile.rows, tile.middles, targetAt, out];
    runtime.parallel("columnProducts", args, tile.columns, GRAIN);
  });
}

// Internal

/** Some rows of some columns, in kernel memory. */
interface Tile {
  readonly pointer: Pointer;
  /** From one column to the next. */
  readonly step: number;
  readonly rows: number;
  readonly columns: number;
  /** Of these columns. */
  readonly middles: Pointer;
}

interface Pass extends Columns {
  /** Numbers per row that the pass reads beside the columns. */
  readonly rows: readonly Float64Array[];
}

/** Adds up `width` numbers per column; `add` gets each tile, its rows' numbers and where its columns' sums are. */
function pass(
  runtime: KernelRuntime,
  { columns, middles, rows }: Pass,
  width: number,
  add: (tile: Tile, rows: readonly Pointer[], out: Pointer) => void,
): Float64Array {
  const size = columns.length;
  const length = rows[0].length;
  // Even, so that every column begins where a vector may.
  const step = Math.min(TILE_ROWS, length + (length % 2));
  const perTile = Math.max(GRAIN, Math.floor(TILE_BYTES / 8 / step));
  return runtime.scope((memory) => {
    const pointer = memory.alloc(Math.min(size, perTile) * step * 8);
    const rowsAt = rows.map(() => memory.alloc(step * 8));
    const [middlesAt, out] = [memory.alloc(size * 8), memory.alloc(size * width * 8)];
    runtime.f64(middlesAt, size).set(middles);
    runtime.f64(out, size * width).fill(0);
    for (let begin = 0; begin < length; begin += step) {
      const count = Math.min(step, length - begin);
      for (const [k, values] of rows.entries()) {
        runtime.f64(rowsAt[k], count).set(values.subarray(begin, begin + count));
      }
      for (let first = 0; first < size; first += perTile) {
        const held = Math.min(perTile, size - first);
        const view = runtime.f64(pointer, held * step);
        for (let j = 0; j < held; j++) view.set(part(columns[first + j], begin, count), j * step);
        const tile = { pointer, step, rows: count, columns: held, middles: middlesAt + first * 8 };
        add(tile, rowsAt, out + first * width * 8);
      }
    }
    return runtime.f64(out, size * width).slice();
  });
}

/** A view costs as much as copying a short column. */
function part(values: Float64Array, begin: number, count: number): Float64Array {
  return count === values.length ? values : values.subarray(begin, begin + count);
}
