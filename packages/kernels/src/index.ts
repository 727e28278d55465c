// The fast half of Massif: kernels over shared memory, and the slow references they are tested against.
export { createRuntime, defaultRuntime } from "./create-runtime.ts";
export { KernelError, KernelMemoryError } from "./errors.ts";
export type { Allocations, KernelRuntime, KernelVariant, Pointer, RuntimeOptions } from "./runtime.ts";
export type { WasmMemory } from "./webassembly.ts";
