// The residual during a descent over chosen columns, in two forms that kernels sweep: its products with the columns, moved
// by the products of all pairs of them, or the residual itself, moved by copies of the columns.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { copyF64, zerosF64 } from "../matrix/dense-rows.ts";
import type { Sweeping, WorkingResidual } from "./squared-rows.ts";

interface Swept extends Sweeping {
  /** Sums of squares of all columns. */
  readonly squares: Float64Array;
}

/** What both forms keep in kernel memory. */
abstract class Sweeper implements WorkingResidual {
  protected readonly runtime: KernelRuntime;
  protected readonly size: number;
  readonly #coefficients: Pointer;
  readonly #squares: Pointer;
  readonly #places: Pointer;
  readonly #penalties: readonly [number, number];

  constructor(runtime: KernelRuntime, memory: Allocations, { chosen, coefficients, squares, l1, l2 }: Swept) {
    this.runtime = runtime;
    this.size = chosen.length;
    this.#coefficients = copyF64(
      runtime,
      memory,
      Float64Array.from(chosen, (j) => coefficients[j]),
    );
    this.#squares = copyF64(
      runtime,
      memory,
      Float64Array.from(chosen, (j) => squares[j]),
    );
    this.#places = memory.alloc(chosen.length * 4);
    this.#penalties = [l1, l2];
  }

  get coefficients(): Float64Array {
    return this.runtime.f64(this.#coefficients, this.size).slice();
  }

  abstract get correlations(): Float64Array;

  sweep(places: Uint32Array): number {
    this.runtime.u32(this.#places, places.length).set(places);
    const rest = [this.#coefficients, this.#squares, ...this.#penalties, this.#places, places.length];
    return this.runtime.call(...this.kernel, ...rest);
  }

  /** The kernel and its first arguments. */
  protected abstract get kernel(): readonly [string, ...number[]];
}

/** X'R, moved by one column of X'X at a time. */
export class ProductResidual extends Sweeper {
  readonly #products: Pointer;
  readonly #correlations: Pointer;

  constructor(runtime: KernelRuntime, memory: Allocations, problem: Swept & { readonly products: Float64Array }) {
    super(runtime, memory, problem);
    const { correlations } = problem.figures;
    this.#products = copyF64(runtime, memory, problem.products);
    this.#correlations = copyF64(
      runtime,
      memory,
      Float64Array.from(problem.chosen, (j) => correlations[j]),
    );
  }

  get correlations(): Float64Array {
    return this.runtime.f64(this.#correlations, this.size).slice();
  }

  protected get kernel(): readonly [string, ...number[]] {
    return ["sweepProducts", this.#products, this.size, this.#correlations];
  }
}

interface ChosenRows extends Swept {
  readonly columns: readonly Float64Array[];
  readonly middles: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly residual: Float64Array;
}

/** R itself and the centred columns; rows with weights are all times their weights' roots. */
export class RowResidual extends Sweeper {
  readonly #columns: Pointer;
  readonly #step: number;
  readonly #rows: number;
  readonly #residual: Pointer;
  readonly #memory: Allocations;

  constructor(runtime: KernelRuntime, memory: Allocations, problem: ChosenRows) {
    super(runtime, memory, problem);
    const { columns, middles, weights, residual } = problem;
    const roots = weights?.map(Math.sqrt);
    this.#memory = memory;
    this.#rows = residual.length;
    // Even, so that every column begins where a vector may.
    this.#step = residual.length + (residual.length % 2);
    this.#columns = memory.alloc(columns.length * this.#step * 8);
    this.#residual = memory.alloc(this.#step * 8);
    const all = runtime.f64(this.#columns, columns.length * this.#step);
    for (let k = 0; k < columns.length; k++)
      lay(all, k * this.#step, { values: columns[k], middle: middles[k], roots });
    lay(runtime.f64(this.#residual, this.#step), 0, { values: residual, middle: 0, roots });
  }

  get correlations(): Float64Array {
    const out = zerosF64(this.runtime, this.#memory, this.size);
    const middles = zerosF64(this.runtime, this.#memory, this.size);
    const args = [this.#columns, this.#step, this.#rows, middles, this.#residual, out];
    this.runtime.parallel("columnProducts", args, this.size, 16);
    const found = this.runtime.f64(out, this.size).slice();
    this.#memory.free(middles);
    this.#memory.free(out);
    return found;
  }

  protected get kernel(): readonly [string, ...number[]] {
    return ["sweepRows", this.#columns, this.#step, this.#rows, this.#residual];
  }
}

// Internal

interface Laid {
  readonly values: Float64Array;
  readonly middle: number;
  readonly roots: Float64Array | undefined;
}

function lay(out: Float64Array, at: number, { values, middle, roots }: Laid): void {
  if (roots === undefined) for (let i = 0; i < values.length; i++) out[at + i] = values[i] - middle;
  else for (let i = 0; i < values.length; i++) out[at + i] = (values[i] - middle) * roots[i];
}
