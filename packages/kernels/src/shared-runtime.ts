// The runtime over one shared memory: this thread allocates and calls kernels, pool members help with chunks.
import { Allocator, ScopedAllocations } from "./allocator.ts";
import { KernelError } from "./errors.ts";
import type { KernelHost } from "./host.ts";
import { BOARD_BYTES, type Job, JobBoard } from "./job-board.ts";
import { KernelInstance } from "./kernel-instance.ts";
import type { Allocations, KernelRuntime, KernelVariant, Pointer, RuntimeOptions } from "./runtime.ts";
import { type WasmFunction, type WasmMemory, type WasmModule, wasm } from "./webassembly.ts";

const PAGE = 65_536;
const INITIAL_PAGES = 16; // 1 MiB
/** Tried in turn: the most wasm32 can address (virtual, not touched), then less for hosts that limit address space. */
const MAXIMUM_PAGES = [65_536, 16_384, 4_096];
/** Work done on one thread before the pool is started: starting a thread costs 30-40 ms of a processor. */
const START_AFTER_MS = 5;

export class SharedRuntime implements KernelRuntime {
  readonly threads: number;
  readonly variant: KernelVariant;
  readonly memoryLimit: number;
  readonly #host: KernelHost;
  readonly #module: WasmModule;
  readonly #instance: KernelInstance;
  readonly #allocator: Allocator;
  readonly #boardOffset: number;
  readonly #board: JobBoard;
  #memory: WasmMemory | undefined;
  #members = 0;
  #poolStarted = false;
  #serialMs = 0;

  constructor(host: KernelHost, { threads = host.cores, variant = "simd", memoryBytes }: RuntimeOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1) {
      throw new RangeError(`\`threads\` of the kernel runtime must be a whole number >= 1, got ${threads}`);
    }
    if (memoryBytes !== undefined && !(memoryBytes >= INITIAL_PAGES * PAGE && memoryBytes <= MAXIMUM_PAGES[0] * PAGE)) {
      throw new RangeError(`\`memoryBytes\` of the kernel runtime must be between 1 MiB and 4 GiB, got ${memoryBytes}`);
    }
    this.threads = threads;
    this.variant = variant;
    this.#host = host;
    this.#module = host.loadModule(variant);
    const { memory, pages } = createMemory(memoryBytes);
    this.#memory = memory;
    this.memoryLimit = pages * PAGE;
    this.#instance = new KernelInstance(this.#module, this.#memory);
    const base = this.#instance.function("heapBase")() >>> 0;
    this.#boardOffset = Math.ceil(base / 64) * 64;
    this.#board = new JobBoard(this.#memory, this.#boardOffset);
    this.#allocator = new Allocator(this.#memory, this.#boardOffset + BOARD_BYTES);
  }

  get memory(): WasmMemory {
    if (this.#memory === undefined) throw new Error("this kernel runtime is closed");
    return this.#memory;
  }

  get closed(): boolean {
    return this.#memory === undefined;
  }

  get allocatedBytes(): number {
    return this.#allocator.allocatedBytes;
  }

  /** Chunks that other threads than the caller's have run. */
  get memberChunks(): number {
    return this.#board.memberChunks;
  }

  alloc(bytes: number): Pointer {
    return this.#allocator.alloc(bytes);
  }

  free(pointer: Pointer): void {
    this.#allocator.free(pointer);
  }

  scope<T>(body: (memory: Allocations) => T): T {
    const memory = new ScopedAllocations(this.#allocator);
    let result: T;
    try {
      result = body(memory);
    } catch (error) {
      memory.freeAll();
      throw error;
    }
    if (isPromise(result)) return result.finally(() => memory.freeAll()) as T;
    memory.freeAll();
    return result;
  }

  f32(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  f64(pointer: Pointer, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, pointer, length);
  }

  i32(pointer: Pointer, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }

  u32(pointer: Pointer, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, length);
  }

  u16(pointer: Pointer, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, pointer, length);
  }

  u8(pointer: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  call(kernel: string, ...args: number[]): number {
    const run = this.#instance.function(kernel);
    try {
      return run.apply(null, args);
    } catch (cause) {
      throw failed(kernel, cause);
    }
  }

  parallel(kernel: string, args: readonly number[], count: number, grain: number): void {
    if (!Number.isInteger(grain) || grain < 1)
      throw new RangeError(`\`grain\` must be a whole number >= 1, got ${grain}`);
    const run = this.#instance.function(kernel);
    try {
      const first = count > grain && this.#poolReady() ? 0 : this.#runAlone(run, { args, count, grain });
      if (first * grain >= count) return;
      this.#board.execute({ kernel: this.#instance.indexOf(kernel), args, count, grain, first }, run);
    } catch (cause) {
      throw failed(kernel, cause);
    }
  }

  close(): void {
    if (this.#memory === undefined) return;
    this.#board.dismiss();
    this.#memory = undefined;
  }

  // Internal

  /** Runs chunks on this thread, until it has become worth it to start others; gives the number of chunks run. */
  #runAlone(run: WasmFunction, { args, count, grain }: Omit<Job, "kernel" | "first">): number {
    const started = performance.now();
    const before = this.#serialMs;
    const call = [...args, 0, 0];
    let chunk = 0;
    for (let begin = 0; begin < count; begin += grain) {
      call[args.length] = begin;
      call[args.length + 1] = Math.min(count, begin + grain);
      run.apply(null, call);
      chunk++;
      if (count <= grain) break;
      this.#serialMs = before + performance.now() - started;
      if (this.#poolReady()) break;
    }
    return chunk;
  }

  /** Whether other threads can help; starts them once there has been enough work to be worth it. */
  #poolReady(): boolean {
    if (this.threads === 1) return false;
    if (this.#poolStarted) return this.#members > 0;
    if (this.#serialMs < START_AFTER_MS) return false;
    this.#poolStarted = true;
    const init = { module: this.#module, memory: this.memory, board: this.#boardOffset };
    while (this.#members < this.threads - 1 && this.#host.startMember(init)) this.#members++;
    return this.#members > 0;
  }
}

function createMemory(bytes = MAXIMUM_PAGES[0] * PAGE): { memory: WasmMemory; pages: number } {
  let reason: unknown;
  const most = Math.floor(bytes / PAGE);
  for (const maximum of [most, ...MAXIMUM_PAGES.filter((pages) => pages < most)]) {
    try {
      return { memory: new wasm.Memory({ initial: INITIAL_PAGES, maximum, shared: true }), pages: maximum };
    } catch (error) {
      reason = error;
    }
  }
  throw new Error("cannot reserve address space for WebAssembly memory; raise the process's limit (ulimit -v)", {
    cause: reason,
  });
}

function failed(kernel: string, cause: unknown): KernelError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new KernelError(kernel, `kernel \`${kernel}\` failed: ${detail}`, { cause });
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
