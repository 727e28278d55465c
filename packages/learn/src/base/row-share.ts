// Which of all rows a rank holds, and what ranks must know of one another's rows to learn what one process would.
// Blocks travel by broadcast, which moves bits as they are: missing values and signs of zero stay what they were.
import type { Communicator } from "./communicator.ts";
import { ShapeError } from "./errors.ts";
import type { Column, Table, Target } from "./table.ts";

/** The rows of rank r come before those of rank r + 1. */
export interface RowShare {
  readonly communicator: Communicator;
  /** Rows of each rank. */
  readonly counts: Float64Array;
  /** How many rows the ranks before this one hold. */
  readonly first: number;
  readonly rows: number;
  readonly total: number;
}

/** Tells all ranks of one another's rows. Throws ShapeError, on every rank, when one has none and none may be `idle`. */
export async function shareRows(
  communicator: Communicator,
  rows: number,
  { idle: mayBeIdle = false }: { idle?: boolean } = {},
): Promise<RowShare> {
  const counts = new Float64Array(communicator.size);
  counts[communicator.rank] = rows;
  await communicator.allReduce(counts);
  const idle = counts.indexOf(0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (idle >= 0 && !mayBeIdle) {
    const cure = `train on at most ${Math.max(1, Math.min(total, idle))} ranks`;
    throw new ShapeError(`rank ${idle} of ${counts.length} has no rows to learn from; ${cure}`);
  }
  const first = counts.subarray(0, communicator.rank).reduce((sum, count) => sum + count, 0);
  return { communicator, counts, first, rows, total };
}

/** All ranks' values, in row order, `width` per row. */
export async function gatherValues({ communicator, counts }: RowShare, own: Float64Array, width = 1) {
  const blocks = Array.from(counts, (count) => count * width);
  return await gatherBlocks(communicator, own, blocks);
}

/** The share of `wanted` rows (numbers among all rows, rising) that each rank holds, and this rank's own among its rows. */
export function pickRows(
  { communicator, counts, first, rows, total }: RowShare,
  wanted: Uint32Array,
): { own: Uint32Array; picked: RowShare } {
  const blocks = new Float64Array(counts.length);
  let rank = 0;
  let end = counts[0];
  for (const row of wanted) {
    while (row >= end && row < total) end += counts[++rank];
    blocks[rank]++;
  }
  const own = wanted.filter((row) => row >= first && row < first + rows).map((row) => row - first);
  const before = blocks.subarray(0, communicator.rank).reduce((sum, count) => sum + count, 0);
  return { own, picked: { communicator, counts: blocks, first: before, rows: own.length, total: wanted.length } };
}

/** The values of some rows (numbers among all rows, rising) of each column, on every rank. */
export async function gatherRows(
  share: RowShare,
  columns: readonly Float64Array[],
  wanted: Uint32Array,
): Promise<Float64Array[]> {
  const { own, picked } = pickRows(share, wanted);
  const gathered: Float64Array[] = [];
  for (const values of columns) {
    gathered.push(
      await gatherValues(
        picked,
        Float64Array.from(own, (row) => values[row]),
      ),
    );
  }
  return gathered;
}

/** All ranks' rows as one table. */
export async function gatherTable(share: RowShare, { columns }: Table): Promise<Table> {
  const gathered: Column[] = [];
  for (const column of columns) gathered.push(await gatherColumn(share, column));
  return { rows: share.total, columns: gathered };
}

/** All ranks' targets as one. */
export async function gatherTarget(share: RowShare, target: Target): Promise<Target> {
  if (target.kind === "number") return { ...target, values: await gatherValues(share, target.values) };
  return { ...target, codes: Int32Array.from(await gatherValues(share, Float64Array.from(target.codes))) };
}

/**
 * The sum over all ranks' numbers, with the same bits however the rows are shared out. Each number is cut into two parts
 * on grids so coarse that their sums are exact (pre-rounding: Demmel & Nguyen 2015, Parallel Reproducible Summation);
 * what lies below both grids is less than 2^-60 of the largest number.
 */
export async function exactSum(
  { communicator, total }: Pick<RowShare, "communicator" | "total">,
  values: Iterable<number>,
): Promise<number> {
  const numbers = Float64Array.from(values);
  const largest = Float64Array.of(numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  await communicator.allReduce(largest, "max");
  if (!(largest[0] > 0) || !Number.isFinite(largest[0])) return largest[0];
  const bits = Math.ceil(Math.log2(total)) + 1;
  const high = 2 ** (Math.floor(Math.log2(largest[0])) + 1 + bits - 52);
  const low = high * 2 ** (bits - 52);
  const sums = new Float64Array(2);
  for (const value of numbers) {
    const coarse = onGrid(value, high);
    sums[0] += coarse;
    sums[1] += onGrid(value - coarse, low);
  }
  await communicator.allReduce(sums);
  return sums[0] + sums[1];
}

// Internal

/** Rounds to a multiple of `step`, a power of two, by way of numbers whose last digit it is. */
function onGrid(value: number, step: number): number {
  const shift = 1.5 * 2 ** 52 * step;
  return value + shift - shift;
}

async function gatherBlocks(
  communicator: Communicator,
  own: Float64Array,
  blocks: readonly number[],
): Promise<Float64Array> {
  const all = new Float64Array(blocks.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [rank, count] of blocks.entries()) {
    const block = all.subarray(at, at + count);
    at += count;
    if (rank === communicator.rank) block.set(own);
    if (count > 0) await communicator.broadcast(block, rank);
  }
  return all;
}

async function gatherColumn(share: RowShare, column: Column): Promise<Column> {
  if (column.kind === "category") {
    return { ...column, codes: Int32Array.from(await gatherValues(share, Float64Array.from(column.codes))) };
  }
  if (column.kind === "text") return { ...column, values: await gatherTexts(share.communicator, column.values) };
  return { ...column, values: await gatherValues(share, column.values) };
}

/** Texts travel as the bytes of their JSON, eight to a number. */
async function gatherTexts(
  communicator: Communicator,
  values: readonly (string | null)[],
): Promise<readonly (string | null)[]> {
  const bytes = new TextEncoder().encode(JSON.stringify(values));
  const lengths = new Float64Array(communicator.size);
  lengths[communicator.rank] = bytes.length;
  await communicator.allReduce(lengths);
  const all: (string | null)[] = [];
  for (const [rank, length] of lengths.entries()) {
    const packed = new Float64Array(Math.ceil(length / 8));
    const view = new Uint8Array(packed.buffer, 0, length);
    if (rank === communicator.rank) view.set(bytes);
    await communicator.broadcast(packed, rank);
    for (const text of JSON.parse(new TextDecoder().decode(view)) as (string | null)[]) all.push(text);
  }
  return all;
}
