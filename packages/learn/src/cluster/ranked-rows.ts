// What ranks must know of one another's rows before they cluster them together: how many there are, where their middle
// is, and a common sample. All of it depends on the order of the rows over the ranks, not on where a rank ends.
import type { Communicator } from "../base/communicator.ts";
import { Random } from "../base/random.ts";
import type { Points } from "./plus-plus.ts";

/** The rows of all ranks, seen from one. */
export interface RankedRows {
  readonly rows: number;
  /** Number of this rank's first row among all. */
  readonly first: number;
  readonly mean: Float64Array;
  /** Population variance by column. */
  readonly variance: Float64Array;
}

/** Counts the rows of all ranks and takes the columns' moments. */
export async function rankRows(columns: readonly Float64Array[], communicator: Communicator): Promise<RankedRows> {
  const { rank, size } = communicator;
  const counts = new Float64Array(size);
  counts[rank] = columns[0].length;
  await communicator.allReduce(counts);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const first = counts.subarray(0, rank).reduce((sum, count) => sum + count, 0);
  const mean = Float64Array.from(columns, sumOf);
  await communicator.allReduce(mean);
  for (let j = 0; j < mean.length; j++) mean[j] /= rows;
  const variance = Float64Array.from(columns, (values, j) => squaresAround(values, mean[j]));
  await communicator.allReduce(variance);
  for (let j = 0; j < variance.length; j++) variance[j] /= rows;
  return { rows, first, mean, variance };
}

/** At most `limit` rows of all ranks, on every rank the same ones in the same order. */
export async function commonSample(
  columns: readonly Float64Array[],
  { rows, first }: RankedRows,
  { communicator, limit, seed }: { communicator: Communicator; limit: number; seed: number },
): Promise<Points> {
  const count = Math.min(rows, limit);
  const chosen = chooseRows(rows, count, new Random(seed));
  const features = columns.length;
  const values = new Float64Array(count * features);
  chosen.forEach((row, i) => {
    const own = row - first;
    if (own < 0 || own >= columns[0].length) return;
    for (let j = 0; j < features; j++) values[i * features + j] = columns[j][own];
  });
  await communicator.allReduce(values);
  return { values, count, features };
}

// Internal

/** In order: the values of a rank follow those of the ranks before it. */
function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

function squaresAround(values: Float64Array, mean: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** 2;
  return sum;
}

/** `count` of 0..rows-1, each once, rising (Floyd's method, Bentley 1987). */
function chooseRows(rows: number, count: number, random: Random): Float64Array {
  const chosen = new Set<number>();
  for (let i = rows - count; i < rows; i++) {
    const row = Math.floor(random.uniform() * (i + 1));
    chosen.add(chosen.has(row) ? i : row);
  }
  return Float64Array.from(chosen).sort();
}
