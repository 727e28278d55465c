// What ranks must know of one another's rows before they cluster them together: how many there are, where their middle
// is, and a common sample. All of it depends on the order of the rows over the ranks, not on where a rank ends.
import type { Communicator } from "../base/communicator.ts";
import { Random } from "../base/random.ts";
import type { Points } from "./plus-plus.ts";

/** The rows of all ranks, seen from one. */
export interface RankedRows {
  readonly rows: number;
  /** Sum of the rows' weights; without weights, their number. */
  readonly weight: number;
  /** Number of this rank's first row among all. */
  readonly first: number;
  readonly mean: Float64Array;
  /** Population variance by column. */
  readonly variance: Float64Array;
  /** Least and greatest value by column. */
  readonly least: Float64Array;
  readonly greatest: Float64Array;
}

/** Counts the rows of all ranks and takes the columns' moments and ranges. Weights are for one process alone. */
export async function rankRows(
  columns: readonly Float64Array[],
  communicator: Communicator,
  weights?: Float64Array,
): Promise<RankedRows> {
  const { rank, size } = communicator;
  const counts = new Float64Array(size);
  counts[rank] = columns[0].length;
  await communicator.allReduce(counts);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const first = counts.subarray(0, rank).reduce((sum, count) => sum + count, 0);
  const weight = weights === undefined ? rows : sumOf(weights);
  const moments = columns.map((values) => firstMoments(values, weights));
  const mean = Float64Array.from(moments, ({ sum }) => sum);
  await communicator.allReduce(mean);
  for (let j = 0; j < mean.length; j++) mean[j] /= weight;
  const variance = Float64Array.from(columns, (values, j) => squaresAround(values, mean[j], weights));
  await communicator.allReduce(variance);
  for (let j = 0; j < variance.length; j++) variance[j] /= weight;
  const ends = Float64Array.from([...moments.map(({ least }) => -least), ...moments.map(({ greatest }) => greatest)]);
  await communicator.allReduce(ends, "max");
  const least = ends.subarray(0, columns.length).map((end) => -end);
  return { rows, weight, first, mean, variance, least, greatest: ends.slice(columns.length) };
}

/** How a sample is drawn. */
export interface SampleOptions {
  readonly communicator: Communicator;
  readonly limit: number;
  readonly seed: number;
  readonly weights?: Float64Array;
}

/** At most `limit` rows of all ranks, on every rank the same ones in the same order. */
export async function commonSample(
  columns: readonly Float64Array[],
  { rows, first }: RankedRows,
  { communicator, limit, seed, weights }: SampleOptions,
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
  return { values, count, features, weights: weights && Float64Array.from(chosen, (row) => weights[row]) };
}

// Internal

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/** Sum and range, in four strands, as an addition waits for the one before it. */
function firstMoments(values: Float64Array, weights: Float64Array | undefined) {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const first = values[i];
    const second = values[i + 1];
    const third = values[i + 2];
    const fourth = values[i + 3];
    a += first;
    b += second;
    c += third;
    d += fourth;
    if (first < least) least = first;
    if (second < least) least = second;
    if (third < least) least = third;
    if (fourth < least) least = fourth;
    if (first > greatest) greatest = first;
    if (second > greatest) greatest = second;
    if (third > greatest) greatest = third;
    if (fourth > greatest) greatest = fourth;
  }
  for (let i = whole; i < values.length; i++) {
    a += values[i];
    if (values[i] < least) least = values[i];
    if (values[i] > greatest) greatest = values[i];
  }
  const sum = weights === undefined ? a + b + (c + d) : weightedSum(values, weights);
  return { sum, least, greatest };
}

function squaresAround(values: Float64Array, mean: number, weights: Float64Array | undefined): number {
  if (weights !== undefined) return weightedSum(values, weights, mean);
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += (values[i] - mean) * (values[i] - mean);
    b += (values[i + 1] - mean) * (values[i + 1] - mean);
    c += (values[i + 2] - mean) * (values[i + 2] - mean);
    d += (values[i + 3] - mean) * (values[i + 3] - mean);
  }
  for (let i = whole; i < values.length; i++) a += (values[i] - mean) * (values[i] - mean);
  return a + b + (c + d);
}

/** Σ w x; with a middle Σ w (x − m)². Added up as without weights, so that weights of 1 change nothing. */
function weightedSum(values: Float64Array, weights: Float64Array, middle?: number): number {
  const strands = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < values.length; i++) {
    const term = middle === undefined ? values[i] : (values[i] - middle) * (values[i] - middle);
    strands[i < whole ? i % 4 : 0] += weights[i] * term;
  }
  return strands[0] + strands[1] + (strands[2] + strands[3]);
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
