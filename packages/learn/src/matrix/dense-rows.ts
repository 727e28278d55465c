// Columns brought into kernel memory as padded float32 rows, the form in which gradient passes and distances read them.
import type { Allocations, KernelRuntime, Pointer } from "@massif/kernels";
import { ShapeError } from "../base/errors.ts";

/** `rows` x `stride` float32; columns beyond `columns` are 0, but for column `intercept`, which is 1. */
export interface DenseRows {
  readonly pointer: Pointer;
  readonly rows: number;
  readonly columns: number;
  /** Elements from one row to the next: a multiple of 4, one 128-bit vector. */
  readonly stride: number;
  /** The column of ones, or -1. */
  readonly intercept: number;
}

/** Columns are staged in pieces that stay in the last-level cache until they are packed; shorter ones copy slowly. */
const STAGED_BYTES = 2 ** 21;
const MIN_STAGED_ROWS = 128;
const PACK_GRAIN = 1024;

export interface PackOptions {
  readonly columns: readonly Float64Array[];
  readonly rows: number;
  /** Adds a column of ones. */
  readonly intercept: boolean;
  /** Row i becomes row places[i]; without, rows keep their order. */
  readonly places?: Uint32Array;
  /** Called when a value is not a finite float32; throws what is to be thrown. Without, values are not looked at. */
  readonly refuse?: () => never;
}

/** Elements from one row to the next of so many columns. */
export function strideOf(columns: number, intercept: boolean): number {
  return Math.ceil((columns + (intercept ? 1 : 0)) / 4) * 4;
}

const MIB = 2 ** 20;
/** What fits keep of each row besides: its target, its place in an order, its score. */
const BESIDE_BYTES = 24;

/** Packs the columns' rows into memory of `memory`. Throws ShapeError where they have no room: WebAssembly addresses 4 GiB. */
export function packRows(runtime: KernelRuntime, memory: Allocations, options: PackOptions): DenseRows {
  const { columns, rows, intercept, places, refuse } = options;
  const ones = intercept ? columns.length : -1;
  const stride = strideOf(columns.length, intercept);
  requireRoom(runtime, { rows, columns: columns.length, stride });
  const pointer = memory.alloc(rows * stride * 4);
  const piece = Math.min(rows, Math.max(MIN_STAGED_ROWS, Math.floor(STAGED_BYTES / 8 / columns.length)));
  const staged = memory.alloc(columns.length * piece * 8);
  const order = places === undefined ? 0 : memory.alloc(piece * 4);
  const flag = memory.alloc(4);
  runtime.i32(flag, 1)[0] = 0;
  for (let begin = 0; begin < rows; begin += piece) {
    const count = Math.min(piece, rows - begin);
    const view = runtime.f64(staged, columns.length * count);
    for (let j = 0; j < columns.length; j++) view.set(columns[j].subarray(begin, begin + count), j * count);
    if (places !== undefined) runtime.u32(order, count).set(places.subarray(begin, begin + count));
    const out = places === undefined ? pointer + begin * stride * 4 : pointer;
    runtime.parallel("packRows", [staged, count, columns.length, ones, out, stride, order, flag], count, PACK_GRAIN);
  }
  const isBad = runtime.i32(flag, 1)[0] !== 0;
  for (const used of [staged, flag, ...(order === 0 ? [] : [order])]) memory.free(used);
  if (isBad) refuse?.();
  return { pointer, rows, columns: columns.length, stride, intercept: ones };
}

/** Copies numbers into kernel memory as f64. */
export function copyF64(runtime: KernelRuntime, memory: Allocations, values: ArrayLike<number>): Pointer {
  const pointer = memory.alloc(values.length * 8);
  runtime.f64(pointer, values.length).set(values);
  return pointer;
}

/** Copies whole numbers into kernel memory as i32. */
export function copyI32(runtime: KernelRuntime, memory: Allocations, values: ArrayLike<number>): Pointer {
  const pointer = memory.alloc(values.length * 4);
  runtime.i32(pointer, values.length).set(values);
  return pointer;
}

/** f64 zeros in kernel memory. */
export function zerosF64(runtime: KernelRuntime, memory: Allocations, length: number): Pointer {
  const pointer = memory.alloc(length * 8);
  runtime.f64(pointer, length).fill(0);
  return pointer;
}

// Internal

/** Told before anything is reserved: rows, columns, what fits and the cure. */
function requireRoom(
  { memoryLimit, allocatedBytes }: KernelRuntime,
  { rows, columns, stride }: { rows: number; columns: number; stride: number },
): void {
  const room = Math.max(0, memoryLimit - allocatedBytes - 2 * STAGED_BYTES);
  const perRow = stride * 4 + BESIDE_BYTES;
  // What is small beside the staged pieces has room, or the allocator says that it has not.
  if (rows * perRow <= room || rows * perRow <= STAGED_BYTES) return;
  throw new ShapeError(
    `${rows} rows of ${columns} columns take ${Math.ceil((rows * perRow) / MIB)} MiB of kernel memory, of which ` +
      `${Math.floor(room / MIB)} MiB are left of ${Math.floor(memoryLimit / MIB)}: about ${Math.floor(room / perRow)} rows ` +
      "fit; take a sample of the rows or fewer columns, or an estimator that learns from chunks of them " +
      "(GradientDescentRegressor, GradientDescentClassifier, MiniBatchKMeans, gradient boosting)",
  );
}
