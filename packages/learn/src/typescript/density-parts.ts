// Distributions, borders around rows and isolation trees as functions of an exported module, as source.

/** One function per kind of estimator: each writes into `out`. */
export const DENSITY_PARTS = {
  quadrics: {
    source: `/** \`axes\`: of each class, each divided by its deviation. */
function quadrics({ from, constants, means, axes, away }: { from: Uint32Array; constants: Float64Array; means: Float64Array; axes: Float64Array; away: Float64Array }): void {
  const d = from.length;
  for (let k = 0; k < constants.length; k++) {
    for (let j = 0; j < d; j++) away[j] = frame[from[j]!]! - means[k * d + j]!;
    let square = 0;
    for (let a = 0; a < d; a++) {
      let along = 0;
      for (let j = 0; j < d; j++) along += axes[(k * d + a) * d + j]! * away[j]!;
      square += along * along;
    }
    out[k] = constants[k]! - 0.5 * square;
  }
}`,
  },
  held: {
    source: `/** 1 for columns above the threshold, 0 for others. */
function held({ from, to, threshold }: { from: Uint32Array; to: Uint32Array; threshold: number }): void {
  for (let j = 0; j < from.length; j++) frame[to[j]!] = frame[from[j]!]! > threshold ? 1 : 0;
}`,
  },
  mixture: {
    source: `/** \`roots\`: of the covariance of each distribution the lower triangle, or the deviations alone. */
function mixture({ from, constants, means, roots, along }: { from: Uint32Array; constants: Float64Array; means: Float64Array; roots: readonly Float64Array[]; along: Float64Array }): void {
  const d = from.length;
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < constants.length; k++) {
    const root = roots[k]!;
    const isMatrix = root.length > d || d === 1;
    let square = 0;
    for (let i = 0; i < d; i++) {
      let rest = frame[from[i]!]! - means[k * d + i]!;
      if (isMatrix) for (let j = 0; j < i; j++) rest -= root[i * d + j]! * along[j]!;
      along[i] = rest / root[isMatrix ? i * (d + 1) : i]!;
      square += along[i]! * along[i]!;
    }
    out[k] = constants[k]! - 0.5 * square;
    if (!(out[k]! <= largest)) largest = out[k]!;
  }
  let sum = 0;
  for (let k = 0; k < constants.length; k++) sum += Math.exp(out[k]! - largest);
  const total = largest + Math.log(sum);
  for (let k = 0; k < constants.length; k++) out[k] = Math.max(0, total - out[k]!);
}`,
  },
  envelope: {
    source: `function envelope({ from, scales, centre, root, along, threshold }: { from: Uint32Array; scales: Float64Array; centre: Float64Array; root: Float64Array; along: Float64Array; threshold: number }): void {
  const d = from.length;
  let square = 0;
  for (let i = 0; i < d; i++) {
    let left = frame[from[i]!]! / scales[i]! - centre[i]!;
    for (let k = 0; k < i; k++) left -= root[i * d + k]! * along[k]!;
    along[i] = left / root[i * d + i]!;
    square += along[i]! * along[i]!;
  }
  out[0] = square - threshold;
}`,
  },
  isolation: {
    source: `/** \`features\`: 4294967295 is a leaf, whose value is the length of the path. */
function isolation({ from, starts, features, values, rights, usual, threshold }: { from: Uint32Array; starts: Uint32Array; features: Uint32Array; values: Float64Array; rights: Uint32Array; usual: number; threshold: number }): void {
  let sum = 0;
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    let node = starts[tree]!;
    while (features[node]! !== 4294967295) {
      node = frame[from[features[node]!]!]! <= values[node]! ? node + 1 : rights[node]!;
    }
    sum += values[node]!;
  }
  const share = usual === 0 ? 1 : sum / (starts.length - 1) / usual;
  out[0] = 2 ** -share - threshold;
}`,
  },
  cores: {
    source: `/** Distances to the nearest core row of each cluster, and the radius as that to the noise. */
function cores({ from, points, sizes, radius }: { from: Uint32Array; points: Float64Array; sizes: Uint32Array; radius: number }): void {
  let at = 0;
  for (let k = 0; k < sizes.length; k++) {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < sizes[k]!; i++) {
      let sum = 0;
      for (let j = 0; j < from.length; j++) {
        const difference = frame[from[j]!]! - points[at++]!;
        sum += difference * difference;
      }
      least = Math.min(least, sum);
    }
    const distance = Math.sqrt(least);
    out[k] = distance ** 2 <= radius * radius ? Math.min(distance, radius) : distance;
  }
  out[sizes.length] = radius;
}`,
  },
  affinities: {
    source: `/** The product of a user's and an item's vector; with \`leans\` the last entry of each is added to it, and the mean. */
function affinities({ user, item, users, items, userNumbers, itemNumbers, width, leans, mean }: { user: number; item: number; users: Float64Array; items: Float64Array; userNumbers: Float64Array | undefined; itemNumbers: Float64Array | undefined; width: number; leans: boolean; mean: number }): void {
  const u = placeOf(frame[user]!, userNumbers) * width;
  const i = placeOf(frame[item]!, itemNumbers) * width;
  const factors = leans ? width - 1 : width;
  let product = 0;
  if (u >= 0 && i >= 0) for (let k = 0; k < factors; k++) product += users[u + k]! * items[i + k]!;
  if (leans) {
    const leanings = (u < 0 ? 0 : users[u + factors]!) + (i < 0 ? 0 : items[i + factors]!);
    out[0] = mean + (leanings + product);
  } else out[0] = product;
}

/** A category's place is its code, a number's that among the ascending numbers; -1 is unknown. */
function placeOf(value: number, numbers: Float64Array | undefined): number {
  if (numbers === undefined) return value >= 0 ? value : -1;
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const half = (low + high) >>> 1;
    if (numbers[half]! < value) low = half + 1;
    else high = half;
  }
  return numbers[low] === value ? low : -1;
}`,
  },
} as const;
