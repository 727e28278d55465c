// The seam between estimators and fast loops: one WebAssembly memory owned by JavaScript, an allocator over it and a
// pool of threads that run `kernel(...args, begin, end)` over fixed chunks. It knows nothing of learning.

import type { WasmMemory } from "./webassembly.ts";

/** A byte offset into the runtime's memory; 0 is never a valid allocation. */
export type Pointer = number;

/** Which build of the kernels runs; `relaxed` may round differently between machines. */
export type KernelVariant = "simd" | "relaxed";

export interface RuntimeOptions {
  /** Threads that work on one kernel, the calling one included; default: the machine's cores. */
  readonly threads?: number;
  /** Default `simd`: its bits are the same on every machine. */
  readonly variant?: KernelVariant;
  /** Most bytes of memory, in pages of 64 KiB; default: 4 GiB, or what the machine lets reserve. */
  readonly memoryBytes?: number;
}

/** Reserves memory; what `scope` hands to its body. */
export interface Allocations {
  /** Reserves `bytes` (16-byte aligned, contents undefined). Throws `KernelMemoryError` when the 4 GiB are spent. */
  alloc(bytes: number): Pointer;
  free(pointer: Pointer): void;
}

/** Memory, allocator and threads on which kernels run. */
export interface KernelRuntime extends Allocations {
  readonly threads: number;
  readonly variant: KernelVariant;
  readonly memory: WasmMemory;
  /** Bytes in use by live allocations. */
  readonly allocatedBytes: number;
  /** Bytes that the memory can grow to. */
  readonly memoryLimit: number;
  /**
   * Runs `body` and frees everything it reserved through the `memory` given to it, also when it throws or its promise
   * rejects. What `body` takes from the runtime's own `alloc` is not freed, so that fits that run at the same time on
   * one runtime cannot free each other's memory.
   */
  scope<T>(body: (memory: Allocations) => T): T;
  /** Views over the memory; invalid once the allocation is freed. Lengths in elements. */
  f32(pointer: Pointer, length: number): Float32Array;
  f64(pointer: Pointer, length: number): Float64Array;
  i32(pointer: Pointer, length: number): Int32Array;
  u32(pointer: Pointer, length: number): Uint32Array;
  u16(pointer: Pointer, length: number): Uint16Array;
  u8(pointer: Pointer, length: number): Uint8Array;
  /** Calls an exported kernel on this thread and gives back what it returns. */
  call(kernel: string, ...args: number[]): number;
  /**
   * Runs `kernel(...args, begin, end)` for [0, count) cut into chunks of `grain`, on all threads, and returns when all
   * are done. The cut does not depend on the number of threads, so partial results stored per chunk and reduced in
   * chunk order give the same bits for 1..N threads.
   */
  parallel(kernel: string, args: readonly number[], count: number, grain: number): void;
  /** Whether `close` was called. */
  readonly closed: boolean;
  /** Stops the threads and drops the memory. Idempotent. */
  close(): void;
}
