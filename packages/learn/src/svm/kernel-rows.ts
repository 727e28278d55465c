// Rows of a kernel's matrix in kernel memory, the ones used last kept as long as there is room.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { packRows } from "../matrix/dense-rows.ts";
import { type KernelFunction, kernelArguments } from "./kernel-function.ts";

const PANEL_GRAIN = 64;
/** Rows that are kept whatever they take: fewer make steps too small. */
const LEAST_PLACES = 16;

interface RowsOptions {
  readonly columns: readonly Float64Array[];
  readonly rows: number;
  readonly kernel: KernelFunction;
  /** Bytes that kept rows may take. */
  readonly cacheBytes: number;
  readonly refuse: () => never;
}

export class KernelRows {
  readonly runtime: KernelRuntime;
  readonly rows: number;
  /** How many rows can be asked for at once. */
  readonly places: number;
  readonly #head: readonly number[];
  readonly #panels: number;
  readonly #slots: Pointer;
  readonly #which: Pointer;
  readonly #outs: Pointer;
  /** Slot by row, in order of last use. */
  readonly #kept = new Map<number, number>();

  constructor(runtime: KernelRuntime, memory: Allocations, { columns, rows, kernel, cacheBytes, refuse }: RowsOptions) {
    this.runtime = runtime;
    this.rows = rows;
    this.#panels = Math.ceil(rows / 8);
    const features = columns.length;
    const x = packRows(runtime, memory, { columns, rows, intercept: false, refuse });
    const panels = memory.alloc(this.#panels * 8 * features * 4);
    const halves = memory.alloc(this.#panels * 8 * 4);
    runtime.parallel("packPanels", [x.pointer, x.stride, features, rows, panels, halves], this.#panels * 8, 4096);
    this.#head = [panels, halves, features, x.pointer, x.stride, ...kernelArguments(kernel)];
    const bytes = this.#panels * 32;
    this.places = Math.min(rows, Math.max(LEAST_PLACES, Math.floor(cacheBytes / bytes)));
    this.#slots = memory.alloc(this.places * bytes);
    this.#which = memory.alloc(this.places * 4);
    this.#outs = memory.alloc(this.places * 4);
  }

  /** Where the kernels of each of `wanted` with all rows are, as f32; valid until the next call. At most `places`. */
  at(wanted: ArrayLike<number>): Uint32Array {
    const bytes = this.#panels * 32;
    const absent: number[] = [];
    // Those that are there first become the ones used last, so that none of them makes room.
    for (let i = 0; i < wanted.length; i++) {
      const slot = this.#kept.get(wanted[i]);
      if (slot === undefined) absent.push(wanted[i]);
      else {
        this.#kept.delete(wanted[i]);
        this.#kept.set(wanted[i], slot);
      }
    }
    const slots = absent.map((row) => {
      const slot = this.#freeSlot();
      this.#kept.set(row, slot);
      return this.#slots + slot * bytes;
    });
    if (absent.length > 0) {
      this.runtime.u32(this.#which, absent.length).set(absent);
      this.runtime.u32(this.#outs, absent.length).set(slots);
      const args = [...this.#head, this.#which, this.#outs, absent.length];
      this.runtime.parallel("kernelRows", args, this.#panels, PANEL_GRAIN);
    }
    const places = new Uint32Array(wanted.length);
    for (let i = 0; i < places.length; i++) places[i] = this.#slots + (this.#kept.get(wanted[i]) as number) * bytes;
    return places;
  }

  #freeSlot(): number {
    if (this.#kept.size < this.places) return this.#kept.size;
    const [oldest] = this.#kept;
    this.#kept.delete(oldest[0]);
    return oldest[1];
  }
}
