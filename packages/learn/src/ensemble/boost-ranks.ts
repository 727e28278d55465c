// Boosting whose rows several processes hold. Histograms are added up where they lie in kernel memory; their sums are exact,
// so that any number of ranks grows the same trees, bit for bit, as one does.
import type { Pointer } from "@massif/kernels";
import type { Communicator } from "../base/communicator.ts";
import { Random } from "../base/random.ts";
import { exactSum, type RowShare } from "../base/row-share.ts";
import type { BoostMemory } from "./boost-memory.ts";

/** What a fit on ranks knows of the others. Rows of this rank lie as `places` says, those that train first. */
export interface BoostRanks {
  readonly communicator: Communicator;
  /** Rows of all ranks that train, and that validate. */
  readonly trainRows: number;
  readonly heldRows: number;
  /** Where each of this rank's training rows stands among all that train; rising. */
  readonly places: Uint32Array;
}

/** Gradients hardly ever grow to twice what they are at the start; beyond 8 times only the last bits would differ. */
const GROWTH = 8;

/** How this rank's rows are shared out and laid: `order` is that of its rows in memory, those that validate last. */
export function layRanks(
  { communicator, first, rows, total }: RowShare,
  { heldShare, seed }: { heldShare: number | null; seed: number },
): { ranks: BoostRanks; order: Uint32Array | undefined } {
  if (heldShare === null || total < 2) {
    const places = Uint32Array.from({ length: rows }, (_, i) => first + i);
    return { ranks: { communicator, trainRows: total, heldRows: 0, places }, order: undefined };
  }
  const heldRows = Math.min(total - 1, Math.max(1, Math.round(total * heldShare)));
  const trainRows = total - heldRows;
  // One process lays all rows in this order; here each rank takes its own out of it.
  const all = new Random(seed).permutation(total);
  const places: number[] = [];
  const order: number[] = [];
  for (const [place, row] of all.entries()) {
    if (row < first || row >= first + rows) continue;
    if (place < trainRows) places.push(place);
    order.push(row - first);
  }
  const ranks = { communicator, trainRows, heldRows, places: Uint32Array.from(places) };
  return { ranks, order: Uint32Array.from(order) };
}

/** The mean of all ranks' numbers, and how far they are from it at most. */
export async function momentsTogether(
  { communicator, trainRows, places }: BoostRanks,
  values: Float64Array,
): Promise<{ mean: number; reach: number }> {
  const own = values.subarray(0, places.length);
  const mean = (await exactSum({ communicator, total: trainRows }, own)) / trainRows;
  const reach = Float64Array.of(own.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0));
  await communicator.allReduce(reach, "max");
  return { mean, reach: reach[0] };
}

/** Builds the histograms of the context's jobs from all ranks' rows, then searches them. */
export class SharedLevels {
  readonly #memory: BoostMemory;
  readonly #communicator: Communicator;
  /** What rounds gradients to the grid on which sums are exact. */
  readonly #shift: number;

  /** `largestGradient`: at the start of the fit, over all ranks. */
  constructor(memory: BoostMemory, { communicator, trainRows, heldRows }: BoostRanks, largestGradient: number) {
    this.#memory = memory;
    this.#communicator = communicator;
    this.#shift = 1.5 * 2 ** Math.ceil(Math.log2(GROWTH * largestGradient * (trainRows + heldRows)));
  }

  async search(histograms: readonly Pointer[]): Promise<void> {
    const { runtime, context, groups, histogramBytes } = this.#memory;
    runtime.parallel("boostBuild", [context, this.#shift], groups, 1);
    if (this.#communicator.size > 1) {
      for (const at of histograms) await this.#communicator.allReduce(runtime.f64(at, histogramBytes / 8));
    }
    runtime.parallel("boostSearch", [context], groups, 1);
  }

  /** Sums of all ranks' counts. */
  async total(counts: readonly number[]): Promise<readonly number[]> {
    if (this.#communicator.size === 1) return counts;
    const sums = Float64Array.from(counts);
    await this.#communicator.allReduce(sums);
    return [...sums];
  }
}
