// A first-fit allocator over one growing memory. All bookkeeping is on the JavaScript side: kernels cannot corrupt it,
// and only the thread that owns the runtime allocates. Not made for many thousands of small blocks.
import { KernelMemoryError } from "./errors.ts";
import type { Allocations, Pointer } from "./runtime.ts";
import type { WasmMemory } from "./webassembly.ts";

const ALIGNMENT = 16; // one v128
const PAGE = 65_536;
/** Grown at least this much at once: each growth makes every thread refresh its idea of the memory. */
const MIN_GROWTH_PAGES = 64; // 4 MiB

interface Block {
  offset: number;
  size: number;
}

export class Allocator implements Allocations {
  readonly #memory: WasmMemory;
  /** Sorted by offset, never adjacent to one another. */
  readonly #free: Block[] = [];
  readonly #live = new Map<Pointer, number>();
  #end: number;
  #allocated = 0;

  /** Hands out memory from byte `base` on. */
  constructor(memory: WasmMemory, base: number) {
    this.#memory = memory;
    this.#end = memory.buffer.byteLength;
    const first = Math.max(align(base), ALIGNMENT);
    if (first < this.#end) this.#free.push({ offset: first, size: this.#end - first });
  }

  get allocatedBytes(): number {
    return this.#allocated;
  }

  alloc(bytes: number): Pointer {
    if (!Number.isSafeInteger(bytes) || bytes < 0) {
      throw new RangeError(`bytes to allocate must be a whole number >= 0, got ${bytes}`);
    }
    const size = Math.max(align(bytes), ALIGNMENT);
    let index = this.#free.findIndex((block) => block.size >= size);
    if (index < 0) {
      this.#grow(size);
      index = this.#free.length - 1;
    }
    const block = this.#free[index];
    const pointer = block.offset;
    if (block.size === size) {
      this.#free.splice(index, 1);
    } else {
      block.offset += size;
      block.size -= size;
    }
    this.#live.set(pointer, size);
    this.#allocated += size;
    return pointer;
  }

  free(pointer: Pointer): void {
    const size = this.#live.get(pointer);
    if (size === undefined) throw new RangeError(`nothing is allocated at ${pointer}: freed twice, or never allocated`);
    this.#live.delete(pointer);
    this.#allocated -= size;
    this.#release(pointer, size);
  }

  // Internal

  #release(offset: number, size: number): void {
    const free = this.#free;
    let index = free.findIndex((block) => block.offset > offset);
    if (index < 0) index = free.length;
    free.splice(index, 0, { offset, size });
    this.#mergeWithNext(index);
    if (index > 0) this.#mergeWithNext(index - 1);
  }

  #mergeWithNext(index: number): void {
    const block = this.#free[index];
    const next = this.#free[index + 1];
    if (next === undefined || block.offset + block.size !== next.offset) return;
    block.size += next.size;
    this.#free.splice(index + 1, 1);
  }

  /** Makes the last free block at least `size` bytes long. */
  #grow(size: number): void {
    const last = this.#free.at(-1);
    const atEnd = last !== undefined && last.offset + last.size === this.#end ? last.size : 0;
    const needed = Math.ceil((size - atEnd) / PAGE);
    // An eighth more than there is, so that many small allocations grow the memory a logarithmic number of times.
    const wanted = Math.max(needed, MIN_GROWTH_PAGES, Math.ceil(this.#end / PAGE / 8));
    const grown = this.#tryGrow(wanted) ?? this.#tryGrow(needed);
    if (grown === undefined) {
      const used = Math.round(this.#allocated / 2 ** 20);
      throw new KernelMemoryError(
        size,
        `cannot reserve ${size} bytes: ${used} MiB are in use, and WebAssembly memory ends at 4 GiB or at what the ` +
          "machine gives; use fewer rows or columns",
      );
    }
    this.#release(this.#end, grown * PAGE);
    this.#end += grown * PAGE;
  }

  #tryGrow(pages: number): number | undefined {
    try {
      this.#memory.grow(pages);
      return pages;
    } catch {
      return undefined;
    }
  }
}

/** Records what one `scope` reserves, so that it can be given back together. */
export class ScopedAllocations implements Allocations {
  readonly #parent: Allocations;
  readonly #pointers = new Set<Pointer>();

  constructor(parent: Allocations) {
    this.#parent = parent;
  }

  alloc(bytes: number): Pointer {
    const pointer = this.#parent.alloc(bytes);
    this.#pointers.add(pointer);
    return pointer;
  }

  free(pointer: Pointer): void {
    this.#parent.free(pointer);
    this.#pointers.delete(pointer);
  }

  freeAll(): void {
    for (const pointer of this.#pointers) this.#parent.free(pointer);
    this.#pointers.clear();
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
