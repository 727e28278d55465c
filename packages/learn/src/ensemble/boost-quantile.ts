// Quantiles of what is left over in leaves, for losses whose best leaf value is one (Friedman 2001): exact, found byte by
// byte from counts, so that any number of ranks finds the same ones.
import { type Allocations, LEAF_KEYS, type Pointer } from "@massif/kernels";
import type { Communicator } from "../base/communicator.ts";
import type { BoostMemory } from "./boost-memory.ts";
import { cutRows, placeLeafChunks, type RowPiece } from "./boost-rows.ts";

/** Shares of all weight that differ by less are the same; sums of weights are rounded. */
const ROUNDING = 1e-12;
const LOWER = 8;
const UPPER = 16;

/** Whose quantiles, and which. */
export interface QuantileTask {
  readonly targets: Pointer;
  readonly scores: Pointer;
  /** Between 0 and 1. */
  readonly quantile: number;
}

/**
 * The quantile of target - score in each leaf: the mean of the least number with at least this share of the weight at or
 * below it and the least with more than it, which the median of an even number of rows is. 0 for a leaf without rows.
 */
export async function leafQuantiles(
  placed: BoostMemory,
  leaves: readonly RowPiece[],
  { targets, scores, quantile }: QuantileTask,
  communicator?: Communicator,
): Promise<Float64Array> {
  const { runtime, context, trainRows, weights } = placed;
  return await runtime.scope(async (memory) => {
    const keys = memory.alloc(Math.max(8, trainRows * 8));
    const keyWeights = weights === 0 ? 0 : memory.alloc(trainRows * 8);
    const chunks = leaves.flatMap((leaf) => cutRows(leaf).map((piece) => ({ ...piece, value: 0 })));
    const pieces = placeLeafChunks(runtime, memory, chunks);
    runtime.parallel("boostKeys", [context, pieces, targets, scores, weights, keys, keyWeights], chunks.length, 4);
    const records = placeLeaves(placed, memory, leaves);
    const counts = memory.alloc(leaves.length * COUNTS * 8);
    const searches = leaves.map((): Search => ({ total: 0, below: [0, 0] }));
    for (let shift = 56; shift >= 0; shift -= 8) {
      runtime.parallel("boostCountKeys", [records, keys, keyWeights, shift, counts], leaves.length, 1);
      const view = runtime.f64(counts, leaves.length * COUNTS);
      if (communicator !== undefined && communicator.size > 1) await communicator.allReduce(view);
      for (const [i, search] of searches.entries()) {
        const [lower, upper] = nextBytes(search, view.subarray(i * COUNTS, (i + 1) * COUNTS), quantile);
        const record = runtime.u8(records + i * LEAF_KEYS.bytes, LEAF_KEYS.bytes);
        record[LOWER + shift / 8] = lower;
        record[UPPER + shift / 8] = upper;
      }
    }
    return Float64Array.from(searches, ({ total }, i) => {
      const record = records + i * LEAF_KEYS.bytes;
      if (total === 0) return 0;
      const [low, high] = [numberAt(placed, record + LOWER), numberAt(placed, record + UPPER)];
      return low === high ? low : low / 2 + high / 2;
    });
  });
}

// Internal

/** Counts of a byte's values, for the lower number and for the upper. */
const COUNTS = 512;

interface Search {
  total: number;
  /** Weight of the keys below those that begin with the bytes found. */
  readonly below: [number, number];
}

function placeLeaves({ runtime }: BoostMemory, memory: Allocations, leaves: readonly RowPiece[]): Pointer {
  const pointer = memory.alloc(leaves.length * LEAF_KEYS.bytes);
  for (const [i, { begin, end }] of leaves.entries()) {
    LEAF_KEYS.write(runtime, pointer + i * LEAF_KEYS.bytes, { begin, end, lower: 0, upper: 0 });
  }
  return pointer;
}

/** The next byte of the lower number and of the upper one. */
function nextBytes(search: Search, counts: Float64Array, quantile: number): readonly [number, number] {
  const half = COUNTS / 2;
  // The first byte's counts are those of all keys.
  if (search.total === 0) search.total = counts.subarray(0, half).reduce((sum, count) => sum + count, 0);
  const wanted = quantile * search.total;
  const slack = ROUNDING * search.total;
  const lower = findByte(search, 0, counts.subarray(0, half), (below) => below >= wanted - slack);
  const upper = findByte(search, 1, counts.subarray(half), (below) => below > wanted + slack);
  return [lower, upper];
}

/** The first byte with which enough lies at or below; the last that occurs when rounding leaves too little. */
function findByte({ below }: Search, side: 0 | 1, counts: Float64Array, enough: (below: number) => boolean): number {
  let found = 0;
  let before = below[side];
  let sum = below[side];
  for (let byte = 0; byte < counts.length; byte++) {
    if (counts[byte] === 0) continue;
    found = byte;
    before = sum;
    sum += counts[byte];
    if (enough(sum)) break;
  }
  below[side] = before;
  return found;
}

/** The number whose key lies at `at`; the order of keys is undone. */
function numberAt({ runtime }: BoostMemory, at: Pointer): number {
  const bytes = runtime.u8(at, 8).slice();
  if (bytes[7] & 0x80) bytes[7] ^= 0x80;
  else for (let i = 0; i < 8; i++) bytes[i] ^= 0xff;
  return new DataView(bytes.buffer).getFloat64(0, true);
}
