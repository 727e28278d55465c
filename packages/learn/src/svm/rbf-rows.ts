// Rows of the RBF kernel's matrix in kernel memory, the ones used last kept as long as there is room.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { packRows } from "../matrix/dense-rows.ts";

const PANEL_GRAIN = 64;

interface RbfOptions {
  readonly columns: readonly Float64Array[];
  readonly rows: number;
  readonly gamma: number;
  /** Bytes that kept rows may take. */
  readonly cacheBytes: number;
  readonly refuse: () => never;
}

export class RbfRows {
  readonly #runtime: KernelRuntime;
  readonly #head: readonly number[];
  readonly #gamma: number;
  readonly #panels: number;
  readonly #slots: Pointer;
  readonly #places: number;
  /** Slot by row, in order of last use. */
  readonly #kept = new Map<number, number>();

  constructor(runtime: KernelRuntime, memory: Allocations, { columns, rows, gamma, cacheBytes, refuse }: RbfOptions) {
    this.#runtime = runtime;
    this.#gamma = gamma;
    this.#panels = Math.ceil(rows / 8);
    const features = columns.length;
    const x = packRows(runtime, memory, { columns, rows, intercept: false, refuse });
    const panels = memory.alloc(this.#panels * 8 * features * 4);
    const halves = memory.alloc(this.#panels * 8 * 4);
    runtime.parallel("packPanels", [x.pointer, x.stride, features, rows, panels, halves], this.#panels * 8, 4096);
    memory.free(x.pointer);
    this.#head = [panels, halves, features];
    const bytes = this.#panels * 32;
    this.#places = Math.max(2, Math.min(rows, Math.floor(cacheBytes / bytes)));
    this.#slots = memory.alloc(this.#places * bytes);
  }

  /** Where e^(-gamma |row - t|^2) of all t are, as f32; valid until two further rows have been asked for. */
  row(row: number): Pointer {
    const known = this.#kept.get(row);
    const slot = known ?? this.#freeSlot();
    this.#kept.delete(row);
    this.#kept.set(row, slot);
    const pointer = this.#slots + slot * this.#panels * 32;
    if (known === undefined) {
      this.#runtime.parallel("rbfRow", [...this.#head, row, this.#gamma, pointer], this.#panels, PANEL_GRAIN);
    }
    return pointer;
  }

  /** The entry of row `t` in the kernel row at `pointer`. */
  entry(pointer: Pointer, t: number): number {
    return this.#runtime.f32(pointer + 4 * t, 1)[0];
  }

  #freeSlot(): number {
    if (this.#kept.size < this.#places) return this.#kept.size;
    const [oldest] = this.#kept;
    this.#kept.delete(oldest[0]);
    return oldest[1];
  }
}
