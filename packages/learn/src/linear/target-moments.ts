// What a sparse fit needs of every column before it looks at any of them twice: mean, square and product with the target,
// in one pass over the data.
import type { KernelRuntime } from "@massif/kernels";
import { type ColumnSums, columnSums } from "../matrix/column-passes.ts";
import { columnMean } from "./gram.ts";

/** Rows of a linear problem. */
export interface LinearRows {
  readonly columns: readonly Float64Array[];
  readonly target: Float64Array;
  /** Whether means are taken off the columns and the target. */
  readonly fitIntercept: boolean;
  /** How much each row counts; absent: all alike. */
  readonly weights?: Float64Array;
}

export interface Moments {
  /** Means of the columns and of the target, or 0 where none are taken off. */
  readonly means: Float64Array;
  readonly targetMean: number;
  /** Sums of squares of each column and of the target, and products of each column with the target, less the means. */
  readonly squares: Float64Array;
  readonly targetSquare: number;
  readonly pulls: Float64Array;
}

/** Rows that tell a first idea of a mean. */
const FIRST_ROWS = 64;

/** The moments of all columns; a value that is not finite makes its column's square so. */
export function momentsOf(runtime: KernelRuntime, { columns, target, fitIntercept, weights }: LinearRows): Moments {
  const targetMean = fitIntercept ? columnMean(target, weights) : 0;
  const weighed = new Float64Array(target.length);
  let [total, rest, targetSquare] = [0, 0, 0];
  for (let i = 0; i < target.length; i++) {
    const [value, weight] = [target[i] - targetMean, weights === undefined ? 1 : weights[i]];
    weighed[i] = weight * value;
    total += weight;
    rest += weighed[i];
    targetSquare += weighed[i] * value;
  }
  const middles = new Float64Array(columns.length);
  if (fitIntercept) for (let j = 0; j < columns.length; j++) middles[j] = meanOf(columns[j]);
  const found = columnSums(runtime, { columns, middles }, { target: weighed, weights });
  const move = (j: number) => (fitIntercept ? found.sums[j] / total : 0);
  const far = [...columns.keys()].filter((j) => total * move(j) ** 2 > 0.5 * found.squares[j]);
  if (far.length > 0) {
    // The first rows are not like the rest: the difference of two large sums would lose digits.
    for (const j of far) middles[j] += move(j);
    const some = { columns: far.map((j) => columns[j]), middles: Float64Array.from(far, (j) => middles[j]) };
    const again = columnSums(runtime, some, { target: weighed, weights });
    for (const name of ["sums", "squares", "products"] as const satisfies readonly (keyof ColumnSums)[]) {
      far.forEach((j, k) => {
        found[name][j] = again[name][k];
      });
    }
  }
  return {
    targetMean,
    targetSquare,
    means: middles.map((middle, j) => middle + move(j)),
    squares: found.squares.map((square, j) => square - total * move(j) ** 2),
    pulls: found.products.map((product, j) => product - move(j) * rest),
  };
}

// Internal

function meanOf(values: Float64Array): number {
  const count = Math.min(FIRST_ROWS, values.length);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i];
  return sum / count;
}
