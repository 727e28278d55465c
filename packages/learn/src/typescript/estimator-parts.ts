// The estimators as functions of an exported module, as source: they write into `out`.

/** One function per family, and what turns its sums into answers. */
export const ESTIMATOR_PARTS = {
  weigh: {
    source: `function weigh({ from, coefficients, intercepts }: { from: Uint32Array; coefficients: Float64Array; intercepts: Float64Array }): void {
  for (let k = 0; k < intercepts.length; k++) {
    let sum = intercepts[k]!;
    const base = k * from.length;
    for (let j = 0; j < from.length; j++) sum += coefficients[base + j]! * frame[from[j]!]!;
    out[k] = sum;
  }
}`,
  },
  exponential: {
    source: `/** From the logarithm of what is predicted. */
function exponential(): void {
  out[0] = Math.exp(out[0]!);
}`,
  },
  logistic: {
    source: `/** From the log-odds of the second of two classes. */
function logistic(): void {
  const e = Math.exp(-Math.abs(out[0]!));
  const larger = 1 / (1 + e);
  const smaller = e / (1 + e);
  out[1] = out[0]! >= 0 ? larger : smaller;
  out[0] = out[0]! >= 0 ? smaller : larger;
}`,
  },
  softmax: {
    source: `/** From scores, or logarithms, to shares that sum to 1. */
function softmax(): void {
  let top = out[0]!;
  for (let k = 1; k < out.length; k++) if (out[k]! > top) top = out[k]!;
  let sum = 0;
  for (let k = 0; k < out.length; k++) {
    out[k] = Math.exp(out[k]! - top);
    sum += out[k]!;
  }
  for (let k = 0; k < out.length; k++) out[k] = out[k]! / sum;
}`,
  },
  normals: {
    source: `function normals({ from, constants, means, variances }: { from: Uint32Array; constants: Float64Array; means: Float64Array; variances: Float64Array }): void {
  for (let k = 0; k < constants.length; k++) {
    let sum = 0;
    const base = k * from.length;
    for (let j = 0; j < from.length; j++) sum += (frame[from[j]!]! - means[base + j]!) ** 2 / variances[base + j]!;
    out[k] = constants[k]! - 0.5 * sum;
  }
}`,
  },
  frequencies: {
    source: `function frequencies({ from, logPriors, logShares }: { from: Uint32Array; logPriors: Float64Array; logShares: Float64Array }): void {
  for (let k = 0; k < logPriors.length; k++) {
    let sum = logPriors[k]!;
    for (let j = 0; j < from.length; j++) sum += frame[from[j]!]! * logShares[k * from.length + j]!;
    out[k] = sum;
  }
}`,
  },
  centres: {
    source: `function centres({ from, centres }: { from: Uint32Array; centres: Float64Array }): void {
  for (let k = 0; k < out.length; k++) {
    let sum = 0;
    for (let j = 0; j < from.length; j++) {
      const difference = frame[from[j]!]! - centres[k * from.length + j]!;
      sum += difference * difference;
    }
    out[k] = Math.sqrt(sum);
  }
}`,
  },
  trees: {
    source: `/**
 * Sums leaf values. A node is two words: the right child (of a leaf: its number), and feature << 16 | argument << 8 |
 * flags (1: missing goes left, 2: category, 4: leaf). Values are looked up as codes: 0 is missing, a number's is one
 * more than how many cuts lie below it.
 */
function trees(model: Trees): void {
  const { features, from, cuts, maps, codes, nodes, nodeOffsets, values, leafOffsets, width, base } = model;
  for (let i = 0; i < features.length; i++) codes[features[i]!] = codeOf(frame[from[i]!]!, cuts[i], maps[i]);
  const outputs = base.length;
  for (let k = 0; k < outputs; k++) out[k] = base[k]!;
  for (let t = 0; t < nodeOffsets.length - 1; t++) {
    const leaf = leafOffsets[t]! + findLeaf(nodes, nodeOffsets[t]! * 2, codes);
    if (width === 1) out[t % outputs] = out[t % outputs]! + values[leaf]!;
    else for (let k = 0; k < width; k++) out[k] = out[k]! + values[leaf * width + k]!;
  }
}

interface Trees {
  readonly features: Uint32Array;
  readonly from: Uint32Array;
  readonly cuts: readonly (Float64Array | undefined)[];
  readonly maps: readonly (Uint8Array | undefined)[];
  readonly codes: Uint8Array;
  readonly nodes: Uint32Array;
  readonly nodeOffsets: Uint32Array;
  readonly values: Float64Array;
  readonly leafOffsets: Uint32Array;
  readonly width: number;
  readonly base: Float64Array;
}

function codeOf(value: number, cuts: Float64Array | undefined, map: Uint8Array | undefined): number {
  if (Number.isNaN(value)) return 0;
  if (cuts === undefined) return map?.[value] ?? 0;
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const half = (low + high) >>> 1;
    if (cuts[half]! < value) low = half + 1;
    else high = half;
  }
  return 1 + low;
}

function findLeaf(nodes: Uint32Array, root: number, codes: Uint8Array): number {
  let at = root;
  let word = nodes[at + 1]!;
  while ((word & 4) === 0) {
    const code = codes[word >>> 16]!;
    const argument = (word >>> 8) & 255;
    if ((word & 2) === 0) {
      const left = code === 0 ? (word & 1) !== 0 : code <= argument;
      at = left ? at + 2 : root + nodes[at]! * 2;
    } else {
      const left = (nodes[at + 2 + (code >>> 5)]! >>> (code & 31)) & 1;
      at = left !== 0 ? at + 2 + argument * 2 : root + nodes[at]! * 2;
    }
    word = nodes[at + 1]!;
  }
  return nodes[at]!;
}`,
  },
  meanOf: {
    source: `function meanOf({ trees, outputs }: { trees: number; outputs: number }): void {
  for (let k = 0; k < outputs; k++) out[k] = out[k]! / trees;
}`,
  },
  bothShares: {
    source: `/** From the share of the second of two classes. */
function bothShares(): void {
  const second = out[0]!;
  out[0] = 1 - second;
  out[1] = second;
}`,
  },
  certain: {
    source: `/** There is one class only. */
function certain(): void {
  out[0] = 1;
}`,
  },
  odds: {
    source: `/** From the log-odds of the second of two classes. */
function odds(): void {
  const sum = out[0]!;
  out[0] = 1 / (1 + Math.exp(sum));
  out[1] = 1 / (1 + Math.exp(-sum));
}`,
  },
  constant: {
    source: `/** Whatever the row. */
function constant({ values }: { values: Float64Array }): void {
  for (let k = 0; k < values.length; k++) out[k] = values[k]!;
}`,
  },
  logit: {
    source: `/** From the log-odds of the second of two classes to its share. */
function logit(): void {
  out[0] = 1 / (1 + Math.exp(-out[0]!));
}`,
  },
  stretch: {
    source: `/** From units of the target's deviation to the target's own. */
function stretch({ mean, deviation }: { mean: number; deviation: number }): void {
  out[0] = mean + deviation * out[0]!;
}`,
  },
} as const;
