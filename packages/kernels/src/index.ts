// The fast half of Massif: kernels over shared memory, and the slow references they are tested against.
export { createRuntime, defaultRuntime, setDefaultRuntime } from "./create-runtime.ts";
export { KernelError, KernelMemoryError } from "./errors.ts";
export {
  BOOST_CONTEXT,
  BOOST_SCRATCH_BYTES,
  LEAF_CHUNK_WORDS,
  LEAF_KEYS,
  LEVEL_JOB,
  ROW_CHUNK_WORDS,
  SPLIT_RECORD_BYTES,
} from "./records/boost-records.ts";
export { CLUSTER_CONTEXT, CLUSTER_SCRATCH } from "./records/cluster-records.ts";
export { RecordLayout } from "./records/record-layout.ts";
export {
  STACK_ENTRY_BYTES,
  SWEEP_BYTES,
  TREE_CONTEXT,
  TREE_CRITERIA,
  TREE_SLOT,
  TREE_SLOT_STRIDE,
} from "./records/tree-records.ts";
export type { Allocations, KernelRuntime, KernelVariant, Pointer, RuntimeOptions } from "./runtime.ts";
export type { WasmMemory } from "./webassembly.ts";
