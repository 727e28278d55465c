// Searches of remembered rows as functions of an exported module, as source: all of them are looked at.

/** One function per kind of estimator, and the searches that they share. */
export const NEIGHBOR_PARTS = {
  points: {
    source: `/** Remembered rows where \`norm\` measures, and the row that is asked about. */
interface Points {
  readonly from: Uint32Array;
  readonly space: string;
  readonly norm: string;
  readonly power: number;
  readonly values: Float64Array;
  readonly query: Float64Array;
  /** Ranks of what was found, by which distances are in order, and the rows' numbers. */
  readonly ranks: Float64Array;
  readonly numbers: Uint32Array;
}

function placeQuery({ from, space, query }: Points): void {
  for (let j = 0; j < from.length; j++) query[j] = frame[from[j]!]!;
  if (space === "unit") placeUnit(query, from.length);
  else if (space === "globe") placeOnGlobe(query);
}

/** A row of zeros has no direction: it is a unit of its own. */
function placeUnit(query: Float64Array, width: number): void {
  let most = 0;
  for (let j = 0; j < width; j++) most = Math.max(most, Math.abs(query[j]!));
  query[width] = most === 0 ? 1 : 0;
  let sum = 0;
  for (let j = 0; j < width; j++) {
    const share = most === 0 ? 0 : query[j]! / most;
    query[j] = share;
    sum += share * share;
  }
  const length = Math.sqrt(sum);
  if (length > 0) for (let j = 0; j < width; j++) query[j] = query[j]! / length;
}

function placeOnGlobe(query: Float64Array): void {
  const latitude = query[0]! * (Math.PI / 180);
  const longitude = query[1]! * (Math.PI / 180);
  query[0] = Math.cos(latitude) * Math.cos(longitude);
  query[1] = Math.cos(latitude) * Math.sin(longitude);
  query[2] = Math.sin(latitude);
}

function rankOf({ norm, power, values, query }: Points, at: number): number {
  if (norm === "byFour") return squareByFour(query, values, at);
  let sum = 0;
  for (let j = 0; j < query.length; j++) {
    const size = Math.abs(query[j]! - values[at + j]!);
    if (norm === "chebyshev") sum = Math.max(sum, size);
    else sum += norm === "euclidean" ? size * size : norm === "manhattan" ? size : size ** power;
  }
  return sum;
}

function squareByFour(query: Float64Array, values: Float64Array, at: number): number {
  let sum = 0;
  let j = 0;
  for (; j + 4 <= query.length; j += 4) {
    const a = query[j]! - values[at + j]!;
    const b = query[j + 1]! - values[at + j + 1]!;
    const c = query[j + 2]! - values[at + j + 2]!;
    const d = query[j + 3]! - values[at + j + 3]!;
    sum += a * a + b * b + (c * c + d * d);
  }
  for (; j < query.length; j++) sum += (query[j]! - values[at + j]!) * (query[j]! - values[at + j]!);
  return sum;
}`,
  },
  distance: {
    source: `function distanceOf({ space, norm, power }: Points, rank: number): number {
  if (space === "unit") return rank / 2;
  if (space === "globe") return 6371.0088 * 2 * Math.asin(Math.min(1, Math.sqrt(rank) / 2));
  if (norm === "euclidean" || norm === "byFour") return Math.sqrt(rank);
  return norm === "power" ? rank ** (1 / power) : rank;
}`,
  },
  nearest: {
    source: `/** Finds as many rows as there is room for, the nearest first, of equal ones the first. */
function findNearest(points: Points): void {
  placeQuery(points);
  const { values, query, ranks, numbers } = points;
  const last = ranks.length - 1;
  ranks.fill(Number.POSITIVE_INFINITY);
  const count = values.length / query.length;
  for (let i = 0; i < count; i++) {
    const rank = rankOf(points, i * query.length);
    if (i > last && !(rank < ranks[last]!)) continue;
    let at = Math.min(i, last);
    for (; at > 0 && ranks[at - 1]! > rank; at--) {
      ranks[at] = ranks[at - 1]!;
      numbers[at] = numbers[at - 1]!;
    }
    ranks[at] = rank;
    numbers[at] = i;
  }
}`,
    needs: ["points"],
  },
  within: {
    source: `/** Finds the rows up to a rank, and gives their number. */
function findWithin(points: Points, limit: number): number {
  placeQuery(points);
  const { query, ranks, numbers } = points;
  let found = 0;
  for (let i = 0; i < ranks.length; i++) {
    const rank = rankOf(points, i * query.length);
    if (rank > limit) continue;
    ranks[found] = rank;
    numbers[found++] = i;
  }
  return found;
}`,
    needs: ["points"],
  },
  weighFound: {
    source: `/** Makes weights that sum to 1 of the first ranks: all alike, or the inverse distances. */
function weighFound(points: Points, found: number, byDistance: boolean): void {
  const { ranks } = points;
  if (!byDistance) {
    ranks.fill(1 / found, 0, found);
    return;
  }
  let isExact = false;
  for (let i = 0; i < found; i++) {
    ranks[i] = distanceOf(points, ranks[i]!);
    if (ranks[i] === 0) isExact = true;
  }
  let sum = 0;
  for (let i = 0; i < found; i++) {
    ranks[i] = isExact ? (ranks[i] === 0 ? 1 : 0) : 1 / ranks[i]!;
    sum += ranks[i]!;
  }
  for (let i = 0; i < found; i++) ranks[i] = ranks[i]! / sum;
}`,
    needs: ["points", "distance"],
  },
  byNearest: {
    source: `/** What the nearest rows are, on the average; \`codes\` are places in \`out\`, without them there are \`targets\`. */
function byNearest({ points, byDistance, targets, codes }: { points: Points; byDistance: boolean; targets: Float64Array | undefined; codes: Uint32Array | undefined }): void {
  findNearest(points);
  out.fill(0);
  weighFound(points, points.ranks.length, byDistance);
  addFound(points, points.ranks.length, { targets, codes });
}`,
    needs: ["nearest", "weighFound", "addFound"],
  },
  byWithin: {
    source: `/** What the rows within the radius are, on the average; without any what all are. */
function byWithin({ points, limit, byDistance, targets, codes, usual }: { points: Points; limit: number; byDistance: boolean; targets: Float64Array | undefined; codes: Uint32Array | undefined; usual: Float64Array }): void {
  const found = findWithin(points, limit);
  out.fill(0);
  if (found === 0) for (let k = 0; k < usual.length; k++) out[k] = usual[k]!;
  if (found === 0) return;
  weighFound(points, found, byDistance);
  addFound(points, found, { targets, codes });
}`,
    needs: ["within", "weighFound", "addFound"],
  },
  addFound: {
    source: `function addFound({ ranks, numbers }: Points, found: number, { targets, codes }: { targets: Float64Array | undefined; codes: Uint32Array | undefined }): void {
  for (let i = 0; i < found; i++) {
    const number = numbers[i]!;
    const at = codes === undefined ? 0 : codes[number]!;
    out[at] = out[at]! + (targets === undefined ? ranks[i]! : ranks[i]! * targets[number]!);
  }
}`,
  },
  localFactor: {
    source: `/** The density of the nearest rows over the row's own. */
function localFactor({ points, reach, density, least, threshold }: { points: Points; reach: Float64Array; density: Float64Array; least: number; threshold: number }): void {
  findNearest(points);
  const { ranks, numbers } = points;
  let spread = 0;
  for (let i = 0; i < ranks.length; i++) spread += Math.max(Math.sqrt(ranks[i]!), reach[numbers[i]!]!);
  const own = 1 / (spread / ranks.length + least);
  let sum = 0;
  for (let i = 0; i < ranks.length; i++) sum += density[numbers[i]!]! / own;
  out[0] = sum / ranks.length - threshold;
}`,
    needs: ["nearest"],
  },
} as const;
