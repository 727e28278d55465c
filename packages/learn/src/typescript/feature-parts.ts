// The transformers that make new features as functions of an exported module, as source.
import { CENTRE, SIDES, TAILS } from "../base/normal-quantile.ts";
import { ROW_PASSES, ROW_TOLERANCE } from "../decompose/nmf.ts";

/** One function per kind of step. */
export const FEATURE_PARTS = {
  products: {
    source: `/** Each product is an earlier one times a column; \`before\` counts from the first output, and that far is none. */
function products({ from, to, last, before, bias }: { from: Uint32Array; to: Uint32Array; last: Uint32Array; before: Uint32Array; bias: number }): void {
  if (bias === 1) frame[to[0]!] = 1;
  for (let k = 0; k < last.length; k++) {
    const value = frame[from[last[k]!]!]!;
    frame[to[k + bias]!] = before[k] === 4294967295 ? value : frame[to[before[k]!]!]! * value;
  }
}`,
  },
  power: {
    source: `function power({ from, to, powers, offset, scale, boxCox }: { from: Uint32Array; to: Uint32Array; powers: Float64Array; offset: Float64Array; scale: Float64Array; boxCox: boolean }): void {
  for (let i = 0; i < from.length; i++) frame[to[i]!] = (raise(boxCox, frame[from[i]!]!, powers[i]!) - offset[i]!) / scale[i]!;
}

function raise(boxCox: boolean, value: number, power: number): number {
  if (boxCox) return value > 0 ? bend(Math.log(value), power) : Number.NaN;
  return value >= 0 ? bend(Math.log1p(value), power) : -bend(Math.log1p(-value), 2 - power);
}

function bend(log: number, power: number): number {
  return power === 0 ? log : Math.expm1(power * log) / power;
}`,
  },
  uniformPlaces: {
    source: `function uniformPlaces({ from, to, quantiles }: { from: Uint32Array; to: Uint32Array; quantiles: readonly Float64Array[] }): void {
  for (let i = 0; i < from.length; i++) frame[to[i]!] = placeAmong(quantiles[i]!, frame[from[i]!]!);
}`,
    needs: ["placeAmong"],
  },
  normalPlaces: {
    source: `function normalPlaces({ from, to, quantiles }: { from: Uint32Array; to: Uint32Array; quantiles: readonly Float64Array[] }): void {
  for (let i = 0; i < from.length; i++) frame[to[i]!] = normalPlace(quantiles[i]!, frame[from[i]!]!);
}

const EDGE = 1e-7;
const LARGEST = normalQuantile(1 - EDGE);

function normalPlace(quantiles: Float64Array, value: number): number {
  const last = quantiles.length - 1;
  if (Number.isNaN(value) || last < 0) return Number.NaN;
  if (value - EDGE < quantiles[0]!) return -LARGEST;
  if (value + EDGE > quantiles[last]!) return LARGEST;
  return Math.min(Math.max(normalQuantile(placeAmong(quantiles, value)), -LARGEST), LARGEST);
}

/** Algorithm AS 241 (Wichura 1988). */
function normalQuantile(share: number): number {
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(${JSON.stringify(CENTRE)}, 0.180625 - q * q);
  const tail = q < 0 ? share : 1 - share;
  if (!(tail > 0)) return tail === 0 ? Math.sign(q) * Number.POSITIVE_INFINITY : Number.NaN;
  const r = Math.sqrt(-Math.log(tail));
  const value =
    r <= 5 ? ratio(${JSON.stringify(SIDES)}, r - 1.6) : ratio(${JSON.stringify(TAILS)}, r - 5);
  return q < 0 ? -value : value;
}

function ratio([above, below]: readonly [readonly number[], readonly number[]], r: number): number {
  let numerator = 0;
  let denominator = 0;
  for (let i = above.length - 1; i >= 0; i--) {
    numerator = numerator * r + above[i]!;
    denominator = denominator * r + below[i]!;
  }
  return numerator / denominator;
}`,
    needs: ["placeAmong"],
  },
  placeAmong: {
    source: `function placeAmong(quantiles: Float64Array, value: number): number {
  const last = quantiles.length - 1;
  if (Number.isNaN(value) || last < 0) return Number.NaN;
  if (value <= quantiles[0]!) return 0;
  if (value >= quantiles[last]!) return 1;
  const above = firstWhere(quantiles, (own) => own > value);
  const first = firstWhere(quantiles, (own) => own >= value);
  if (first < above) return (first + above - 1) / 2 / last;
  const low = quantiles[above - 1]!;
  const high = quantiles[above]!;
  return (above - 1 + (value - low) / (high - low)) / last;
}

function firstWhere(rising: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(rising[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}`,
  },
  normalize: {
    source: `function normalize({ from, to, norm }: { from: Uint32Array; to: Uint32Array; norm: string }): void {
  let size = 0;
  for (let i = 0; i < from.length; i++) {
    const value = Math.abs(frame[from[i]!]!);
    if (Number.isNaN(value)) continue;
    if (norm === "l2") size += value * value;
    else if (norm === "l1") size += value;
    else if (value > size) size = value;
  }
  const scale = norm === "l2" ? Math.sqrt(size) : size;
  for (let i = 0; i < from.length; i++) frame[to[i]!] = scale > 0 ? frame[from[i]!]! / scale : frame[from[i]!]!;
}`,
  },
  binarize: {
    source: `function binarize({ from, to, threshold }: { from: Uint32Array; to: Uint32Array; threshold: number }): void {
  for (let i = 0; i < from.length; i++) {
    const value = frame[from[i]!]!;
    frame[to[i]!] = value > threshold ? 1 : Number.isNaN(value) ? value : 0;
  }
}`,
  },
  cycle: {
    source: `function cycle({ from, to, period }: { from: Uint32Array; to: Uint32Array; period: number }): void {
  for (let i = 0; i < from.length; i++) {
    const value = frame[from[i]!]!;
    frame[to[2 * i]!] = Math.sin((2 * Math.PI * value) / period);
    frame[to[2 * i + 1]!] = Math.cos((2 * Math.PI * value) / period);
  }
}`,
  },
  lookUp: {
    source: `/** \`tables\`: per column \`width\` numbers for each code, those of a missing value last. */
function lookUp({ from, to, tables, width }: { from: Uint32Array; to: Uint32Array; tables: readonly Float64Array[]; width: number }): void {
  for (let i = 0; i < from.length; i++) {
    const own = tables[i]!;
    const code = frame[from[i]!]!;
    const at = Number.isNaN(code) ? own.length - width : code * width;
    for (let k = 0; k < width; k++) frame[to[i * width + k]!] = own[at + k]!;
  }
}`,
  },
  flag: {
    source: `function flag({ from, to, kept, flagged }: { from: Uint32Array; to: Uint32Array; kept: number; flagged: Uint32Array }): void {
  for (let i = 0; i < kept; i++) frame[to[i]!] = frame[from[i]!]!;
  for (let k = 0; k < flagged.length; k++) frame[to[kept + k]!] = Number.isNaN(frame[from[flagged[k]!]!]!) ? 1 : 0;
}`,
  },
  splines: {
    source: `/** B-splines by the recurrence of Cox and de Boor. */
function splines({ from, to, places, knots, degree, width, curves }: { from: Uint32Array; to: Uint32Array; places: readonly Float64Array[]; knots: number; degree: number; width: number; curves: Float64Array }): void {
  for (let i = 0; i < from.length; i++) {
    const own = places[i]!;
    const value = frame[from[i]!]!;
    const base = i * width;
    for (let k = 0; k < width; k++) frame[to[base + k]!] = Number.isNaN(value) ? value : 0;
    if (Number.isNaN(value)) continue;
    const x = Math.min(Math.max(value, own[degree]!), own[degree + knots - 1]!);
    let span = degree + knots - 2;
    while (span > degree && (own[span]! > x || own[span] === own[span + 1])) span -= 1;
    curves[0] = 1;
    for (let j = 1; j <= degree; j++) {
      let carried = 0;
      for (let r = 0; r < j; r++) {
        const right = own[span + r + 1]! - x;
        const left = x - own[span + 1 - (j - r)]!;
        const wide = right + left;
        const part = wide === 0 ? 0 : curves[r]! / wide;
        curves[r] = carried + right * part;
        carried = left * part;
      }
      curves[j] = carried;
    }
    for (let k = 0; k <= degree && span - degree + k < width; k++) frame[to[base + span - degree + k]!] = curves[k]!;
  }
}`,
  },
  regressGaps: {
    source: `/** Fills gaps by the regression of each column on all others, coefficients and then intercept, round after round. */
function regressGaps({ from, to, means, order, regressions }: { from: Uint32Array; to: Uint32Array; means: Float64Array; order: Uint32Array; regressions: Float64Array }): void {
  const width = from.length;
  for (let j = 0; j < width; j++) {
    const value = frame[from[j]!]!;
    frame[to[j]!] = Number.isNaN(value) ? means[j]! : value;
  }
  for (let begin = 0; begin < regressions.length; begin += width * (width + 1)) {
    for (let k = 0; k < order.length; k++) {
      const target = order[k]!;
      if (!Number.isNaN(frame[from[target]!]!)) continue;
      const at = begin + target * (width + 1);
      let sum = regressions[at + width]!;
      for (let j = 0; j < width; j++) sum += regressions[at + j]! * frame[to[j]!]!;
      frame[to[target]!] = sum;
    }
  }
}`,
  },
  hash: {
    source: `/** \`places\` and \`signs\`: per column those of each category. */
function hash({ from, to, places, signs }: { from: Uint32Array; to: Uint32Array; places: readonly Uint32Array[]; signs: readonly Float64Array[] }): void {
  for (let k = 0; k < to.length; k++) frame[to[k]!] = 0;
  for (let i = 0; i < from.length; i++) {
    const code = frame[from[i]!]!;
    if (Number.isNaN(code)) continue;
    const at = to[places[i]![code]!]!;
    frame[at] = frame[at]! + signs[i]![code]!;
  }
}`,
  },
  partShares: {
    source: `/** How much of each part a row has: non-negative least squares by coordinate descent. */
function partShares({ from, to, parts, gram, straight, shares, products }: { from: Uint32Array; to: Uint32Array; parts: Float64Array; gram: Float64Array; straight: number; shares: Float64Array; products: Float64Array }): void {
  for (let k = 0; k < products.length; k++) {
    let sum = 0;
    for (let j = 0; j < from.length; j++) sum += frame[from[j]!]! * parts[k * from.length + j]!;
    products[k] = sum - straight;
  }
  shares.fill(products.some(Number.isNaN) ? Number.NaN : 0);
  const first = descend(shares, gram, products);
  for (let pass = 1; pass < ${ROW_PASSES}; pass++) {
    if (!(descend(shares, gram, products) > ${ROW_TOLERANCE} * first)) break;
  }
  for (let k = 0; k < to.length; k++) frame[to[k]!] = shares[k]!;
}

function descend(shares: Float64Array, gram: Float64Array, products: Float64Array): number {
  let violation = 0;
  const count = shares.length;
  for (let t = 0; t < count; t++) {
    let gradient = -products[t]!;
    for (let r = 0; r < count; r++) gradient += gram[t * count + r]! * shares[r]!;
    const value = shares[t]!;
    violation += Math.abs(value === 0 ? Math.min(0, gradient) : gradient);
    const curvature = gram[t * count + t]!;
    if (curvature !== 0) shares[t] = Math.max(value - gradient / curvature, 0);
  }
  return violation;
}`,
  },
  fillByRows: {
    source: `/** Fills gaps by the most similar remembered rows, over the values that both have. */
function fillByRows({ from, to, rows, means, byDistance, distances, nearest }: { from: Uint32Array; to: Uint32Array; rows: Float64Array; means: Float64Array; byDistance: boolean; distances: Float64Array; nearest: Uint32Array }): void {
  const width = from.length;
  let isMeasured = false;
  for (let j = 0; j < width; j++) {
    frame[to[j]!] = frame[from[j]!]!;
    if (!Number.isNaN(frame[from[j]!]!)) continue;
    if (!isMeasured) measureRows(from, rows, distances);
    isMeasured = true;
    const found = nearestWith(j, { rows, width, distances, nearest });
    const isSame = byDistance && distances[nearest[0]!] === 0;
    let sum = 0;
    let total = 0;
    for (let k = 0; k < found; k++) {
      const distance = distances[nearest[k]!]!;
      const weight = !byDistance ? 1 : isSame ? (distance === 0 ? 1 : 0) : 1 / Math.sqrt(distance);
      sum += weight * rows[nearest[k]! * width + j]!;
      total += weight;
    }
    frame[to[j]!] = found === 0 ? means[j]! : sum / total;
  }
}

function measureRows(from: Uint32Array, rows: Float64Array, distances: Float64Array): void {
  for (let r = 0, at = 0; r < distances.length; r++) {
    let sum = 0;
    let shared = 0;
    for (let j = 0; j < from.length; j++, at++) {
      const difference = frame[from[j]!]! - rows[at]!;
      if (Number.isNaN(difference)) continue;
      sum += difference * difference;
      shared += 1;
    }
    distances[r] = shared === 0 ? Number.NaN : (sum * from.length) / shared;
  }
}

function nearestWith(j: number, { rows, width, distances, nearest }: { rows: Float64Array; width: number; distances: Float64Array; nearest: Uint32Array }): number {
  let found = 0;
  for (let r = 0; r < distances.length; r++) {
    const distance = distances[r]!;
    if (Number.isNaN(distance) || Number.isNaN(rows[r * width + j]!)) continue;
    if (found === nearest.length && !(distance < distances[nearest[found - 1]!]!)) continue;
    let at = found < nearest.length ? found++ : found - 1;
    for (; at > 0 && distances[nearest[at - 1]!]! > distance; at--) nearest[at] = nearest[at - 1]!;
    nearest[at] = r;
  }
  return found;
}`,
  },
} as const;
