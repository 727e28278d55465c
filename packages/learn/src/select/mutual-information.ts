// How much a number column tells of the target, whatever the shape of what it tells: mutual information in nats,
// estimated from distances to nearest neighbours. A little noise, drawn by the seed, parts equal values.
import { Random } from "../base/random.ts";
import type { ClassTarget, NumberTarget } from "../base/table.ts";

/** Neighbours that set each row's distance, as in scikit-learn. */
const NEIGHBOURS = 3;

/** Of a column and classes (Ross 2014). Missing values are left out. */
export function classInformation(values: Float64Array, { codes, classes }: ClassTarget, seed: number): number {
  const counts = new Float64Array(classes.length);
  values.forEach((value, row) => {
    if (!Number.isNaN(value)) counts[codes[row]] += 1;
  });
  const rows = rowsWhere(values, (row) => counts[codes[row]] > 1);
  if (rows.length === 0) return 0;
  const own = parted(values, allPresent(values), seed);
  const all = sortedOf(own, rows);
  let [near, among, within] = [0, 0, 0];
  for (let k = 0; k < classes.length; k++) {
    const members = rows.filter((row) => codes[row] === k);
    if (members.length === 0) continue;
    const sorted = sortedOf(own, members);
    const neighbours = Math.min(NEIGHBOURS, sorted.length - 1);
    for (let i = 0; i < sorted.length; i++) {
      near += digamma(neighbours);
      among += digamma(sorted.length);
      within += digamma(countNearer(all, sorted[i], distanceTo(sorted, i, neighbours)));
    }
  }
  return Math.max(0, digamma(rows.length) + (near - among - within) / rows.length);
}

/** Of a column and numbers (Kraskov, Stögbauer & Grassberger 2004, the first estimator). Missing values are left out. */
export function numberInformation(values: Float64Array, target: NumberTarget, seed: number): number {
  const rows = allPresent(values);
  if (rows.length <= NEIGHBOURS) return 0;
  const own = parted(values, rows, seed);
  const other = parted(target.values, rows, seed + 1);
  const order = rows.slice().sort((a, b) => own[a] - own[b]);
  const x = Float64Array.from(order, (row) => own[row]);
  const y = Float64Array.from(order, (row) => other[row]);
  const sortedY = y.slice().sort();
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const radius = planeDistance(x, y, i);
    // Each counts itself, as the estimator's ψ(n + 1) wants.
    sum += digamma(countNearer(x, x[i], radius)) + digamma(countNearer(sortedY, y[i], radius));
  }
  return Math.max(0, digamma(x.length) + digamma(NEIGHBOURS) - sum / x.length);
}

/** ψ, the derivative of ln Γ: its recurrence up to 6, then the asymptotic series. */
export function digamma(x: number): number {
  let value = 0;
  let at = x;
  for (; at < 10; at++) value -= 1 / at;
  const r = 1 / (at * at);
  return value + Math.log(at) - 0.5 / at - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r / 132))));
}

// Internal

function rowsWhere(values: Float64Array, holds: (row: number) => boolean): Uint32Array {
  return allPresent(values).filter(holds);
}

function allPresent(values: Float64Array): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) rows.push(row);
  return Uint32Array.from(rows);
}

/** The values in units of their deviation, with noise of 10⁻¹⁰ that makes equal ones differ. */
function parted(values: Float64Array, rows: Uint32Array, seed: number): Float64Array {
  const random = new Random(seed);
  const count = rows.length;
  let [mean, spread, size] = [0, 0, 0];
  for (const row of rows) mean += values[row] / count;
  for (const row of rows) spread += (values[row] - mean) ** 2 / count;
  const deviation = spread > 0 ? Math.sqrt(spread) : 1;
  for (const row of rows) size += Math.abs(values[row]) / deviation / count;
  const noise = 1e-10 * Math.max(1, size);
  const out = new Float64Array(values.length).fill(Number.NaN);
  for (const row of rows) out[row] = values[row] / deviation + noise * random.normal();
  return out;
}

function sortedOf(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]).sort();
}

/** The distance from place i of rising values to its k-th nearest other. */
function distanceTo(sorted: Float64Array, i: number, k: number): number {
  let [below, above] = [i - 1, i + 1];
  let distance = 0;
  for (let found = 0; found < k; found++) {
    const down = below >= 0 ? sorted[i] - sorted[below] : Number.POSITIVE_INFINITY;
    const up = above < sorted.length ? sorted[above] - sorted[i] : Number.POSITIVE_INFINITY;
    distance = Math.min(down, up);
    if (down <= up) below -= 1;
    else above += 1;
  }
  return distance;
}

/** How many of rising values are nearer to `value` than `radius`; itself at least. */
function countNearer(sorted: Float64Array, value: number, radius: number): number {
  const first = firstWhere(sorted, (each) => value - each < radius);
  const end = firstWhere(sorted, (each) => each - value >= radius);
  return Math.max(1, end - first);
}

function firstWhere(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The distance of point i to its third nearest, by the larger difference of the coordinates: points are looked at by
 * their distance in x until that alone is too far, about √(3 n) of them.
 */
function planeDistance(x: Float64Array, y: Float64Array, i: number): number {
  let [first, second, third] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [below, above] = [i - 1, i + 1];
  for (;;) {
    const down = below >= 0 ? x[i] - x[below] : Number.POSITIVE_INFINITY;
    const up = above < x.length ? x[above] - x[i] : Number.POSITIVE_INFINITY;
    const across = Math.min(down, up);
    if (across >= third || across === Number.POSITIVE_INFINITY) return third;
    const j = down <= up ? below-- : above++;
    const distance = Math.max(across, Math.abs(y[i] - y[j]));
    if (distance < first) [first, second, third] = [distance, first, second];
    else if (distance < second) [second, third] = [distance, second];
    else if (distance < third) third = distance;
  }
}
