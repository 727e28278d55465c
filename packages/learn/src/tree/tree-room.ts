// Whether a tree, and how many trees at the same time, have room in kernel memory, told before anything is reserved:
// WebAssembly addresses 4 GiB.
import type { KernelRuntime } from "@massif/kernels";
import { ShapeError } from "../base/errors.ts";

/** Bytes of kernel memory that growing trees takes. */
export interface TreesSize {
  readonly rows: number;
  readonly features: number;
  /** What all trees share: codes and targets of the rows. */
  readonly shared: number;
  /** The work space of one tree. */
  readonly slot: number;
}

const MIB = 2 ** 20;
/** Left free for the small things that are placed besides. */
const SPARE = MIB / 4;

/**
 * How many of `wanted` trees can grow at the same time. Throws ShapeError naming rows, columns, what fits and the cure where
 * there is no room for one.
 */
export function roomForTrees({ memoryLimit, allocatedBytes }: KernelRuntime, size: TreesSize, wanted: number): number {
  const { rows, features, shared, slot } = size;
  const room = memoryLimit - allocatedBytes - SPARE;
  const fits = Math.floor((room - shared) / slot);
  if (fits >= 1) return Math.min(fits, wanted);
  const needed = shared + slot;
  const fewer = Math.max(0, Math.floor((rows * room) / needed));
  throw new ShapeError(
    `a tree of ${rows} rows and ${features} columns takes ${Math.ceil(needed / MIB)} MiB of kernel memory, of which ` +
      `${Math.max(0, Math.floor(room / MIB))} MiB are left of ${Math.floor(memoryLimit / MIB)}: about ${fewer} rows fit; ` +
      "take a sample of the rows or fewer columns, or set a larger `minSamplesLeaf` or a smaller `maxDepth`",
  );
}
