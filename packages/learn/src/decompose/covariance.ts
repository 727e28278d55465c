// Products of all pairs of columns over the rows, by all threads.
import type { KernelRuntime } from "@massif/kernels";

/** Rows that are copied to the kernels at a time. */
const PIECE = 65_536;
const GRAIN = 8192;

/** Σ (x_i − m_i)(x_j − m_j) for all pairs of columns, row-major; a missing value counts as its column's m. */
export function centredProducts(
  columns: readonly Float64Array[],
  means: Float64Array,
  { runtime, rows }: { readonly runtime: KernelRuntime; readonly rows: number },
): Float64Array {
  const width = Math.ceil(columns.length / 4) * 4;
  const total = new Float64Array(columns.length * columns.length);
  const piece = Math.min(rows, PIECE);
  const chunks = Math.ceil(piece / GRAIN);
  runtime.scope((memory) => {
    const staged = memory.alloc(width * piece * 8);
    const partials = memory.alloc(chunks * width * width * 8);
    for (let begin = 0; begin < rows; begin += piece) {
      const count = Math.min(piece, rows - begin);
      const view = runtime.f64(staged, width * count).fill(0);
      columns.forEach((values, j) => {
        for (let i = 0; i < count; i++) {
          const value = values[begin + i] - means[j];
          view[j * count + i] = Number.isNaN(value) ? 0 : value;
        }
      });
      runtime.parallel("gramPass", [staged, count, width, partials, GRAIN], count, GRAIN);
      const sums = runtime.f64(partials, Math.ceil(count / GRAIN) * width * width);
      addLower(sums, total, { width, size: columns.length });
    }
  });
  return total;
}

// Internal

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
