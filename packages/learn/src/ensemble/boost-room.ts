// Whether a boosting fit's rows have room in kernel memory, told before anything is reserved: WebAssembly addresses 4 GiB.
import type { KernelRuntime } from "@massif/kernels";
import { ShapeError } from "../base/errors.ts";

/** What decides how much memory a fit takes. */
export interface BoostSize {
  readonly rows: number;
  readonly features: number;
  /** Features lie in so many groups of 8 bytes per row. */
  readonly groups: number;
  /** Trees per round. */
  readonly outputs: number;
  readonly weighted: boolean;
}

const MIB = 2 ** 20;

/**
 * Whether there is room for further copies of the rows, which only spare time. Throws ShapeError naming rows, columns, what
 * fits and the cure where there is none for the rows themselves.
 */
export function roomForCopies(
  { memoryLimit, allocatedBytes }: KernelRuntime,
  size: BoostSize,
  copies: number,
): boolean {
  const { rows, features, groups, outputs, weighted } = size;
  const room = memoryLimit - allocatedBytes;
  // Codes, gradients, index and its work space, targets, scores, and either what softmax adds or the column being coded.
  const perRow = groups * 8 + 8 + 4 + 4 + 8 + outputs * 8 + 8 + (weighted ? 8 : 0);
  if (rows * perRow > room) {
    const fits = Math.max(0, Math.floor(room / perRow));
    throw new ShapeError(
      `boosting ${rows} rows of ${features} columns takes ${Math.ceil((rows * perRow) / MIB)} MiB of kernel memory, of which ` +
        `${Math.floor(room / MIB)} MiB are left of ${Math.floor(memoryLimit / MIB)}: about ${fits} rows fit; take a sample of the ` +
        "rows or fewer columns, train on parts of the rows one after the other, or share the rows among ranks",
    );
  }
  return rows * (perRow + copies * (groups * 8 + 12)) <= room;
}
