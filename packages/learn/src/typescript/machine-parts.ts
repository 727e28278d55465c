// Kernel machines and networks as functions of an exported module, as source.

/** One function per kind of estimator, and what they share. */
export const MACHINE_PARTS = {
  machine: {
    source: `/** One machine's value; with the sign -1 the higher, the more unusual the row is. */
function machine({ sign, machines }: { sign: number; machines: Machines }): void {
  fillValues(machines);
  out[0] = sign * machines.values[0]!;
}`,
    needs: ["machineValues"],
  },
  pairs: {
    source: `/** The shares of the classes by a machine for each pair of them. */
function pairs({ classes, factor, machines, confidence }: { classes: number; factor: number; machines: Machines; confidence: Float64Array }): void {
  fillValues(machines);
  const { values } = machines;
  out.fill(0);
  if (classes === 2) out[0] = values[0]!;
  else {
    confidence.fill(0);
    for (let a = 0, pair = 0; a < classes; a++) {
      for (let b = a + 1; b < classes; b++, pair++) {
        const winner = values[pair]! > 0 ? a : b;
        out[winner] = out[winner]! + 1;
        confidence[a] = confidence[a]! + values[pair]!;
        confidence[b] = confidence[b]! - values[pair]!;
      }
    }
    for (let k = 0; k < classes; k++) out[k] = out[k]! + confidence[k]! / (3 * (Math.abs(confidence[k]!) + 1));
  }
  shareOut(factor);
}`,
    needs: ["machineValues", "shareOut"],
  },
  machineValues: {
    source: `/** Machines over the same support vectors; each has betas for a multiple of eight, the last of which may be 0. */
interface Machines {
  readonly from: Uint32Array;
  readonly kernel: string;
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
  readonly vectors: Float64Array;
  readonly betas: Float64Array;
  readonly biases: Float64Array;
  readonly alike: Float64Array;
  readonly values: Float64Array;
}

function fillValues(machines: Machines): void {
  const { vectors, betas, biases, alike, values } = machines;
  const features = machines.from.length;
  const count = vectors.length / features;
  for (let s = 0; s < count; s++) alike[s] = kernelOf(machines, s * features);
  for (let m = 0; m < biases.length; m++) {
    let sum = 0;
    for (let g = 0; g < alike.length; g += 8) {
      const at = m * alike.length + g;
      const even = alike[g]! * betas[at]! + alike[g + 2]! * betas[at + 2]!;
      const odd = alike[g + 1]! * betas[at + 1]! + alike[g + 3]! * betas[at + 3]!;
      const evenMore = alike[g + 4]! * betas[at + 4]! + alike[g + 6]! * betas[at + 6]!;
      const oddMore = alike[g + 5]! * betas[at + 5]! + alike[g + 7]! * betas[at + 7]!;
      sum += even + evenMore + (odd + oddMore);
    }
    values[m] = sum + biases[m]!;
  }
}

function kernelOf({ from, kernel, gamma, coef0, degree, vectors }: Machines, at: number): number {
  let sum = 0;
  if (kernel === "rbf") {
    for (let j = 0; j < from.length; j++) {
      const difference = frame[from[j]!]! - vectors[at + j]!;
      sum += difference * difference;
    }
    return expNegative(-gamma * sum);
  }
  for (let j = 0; j < from.length; j++) sum += frame[from[j]!]! * vectors[at + j]!;
  if (kernel === "linear") return sum;
  const inner = sum * gamma + coef0;
  if (kernel === "poly") return raised(inner, degree);
  const e = expNegative(Math.abs(inner) * -2);
  const size = (1 - e) / (1 + e);
  return inner < 0 ? -size : size;
}

function raised(base: number, degree: number): number {
  let result = 1;
  let factor = base;
  for (let left = degree; left > 0; left >>= 1) {
    if (left & 1) result *= factor;
    factor *= factor;
  }
  return result;
}

const HALVES = Float64Array.from({ length: 1023 }, (_, n) => 2 ** -n);

/** e^z for z <= 0, the same in every engine. */
function expNegative(z: number): number {
  const x = Math.max(z, -708);
  const n = x * Math.LOG2E + 6755399441055744 - 6755399441055744;
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  const r2 = r * r;
  const r4 = r2 * r2;
  const r8 = r4 * r4;
  const q0 = 1 + r + (1 / 2 + (1 / 6) * r) * r2;
  const q1 = 1 / 24 + (1 / 120) * r + (1 / 720 + (1 / 5040) * r) * r2;
  const q2 = 1 / 40320 + (1 / 362880) * r + (1 / 3628800 + (1 / 39916800) * r) * r2;
  const q3 = 1 / 479001600 + (1 / 6227020800) * r;
  return (q0 + q1 * r4 + (q2 + q3 * r4) * r8) * (HALVES[-n] ?? Number.NaN);
}`,
  },
  margins: {
    source: `/** A score for each class; with two classes one, for the second, against 0. */
function margins({ from, coefficients, intercepts, factor }: { from: Uint32Array; coefficients: Float64Array; intercepts: Float64Array; factor: number }): void {
  out[0] = 0;
  const first = out.length - intercepts.length;
  for (let k = 0; k < intercepts.length; k++) {
    let sum = intercepts[k]!;
    for (let j = 0; j < from.length; j++) sum += coefficients[k * from.length + j]! * frame[from[j]!]!;
    out[first + k] = sum;
  }
  shareOut(factor);
}`,
    needs: ["shareOut"],
  },
  shareOut: {
    source: `/** From scores to shares that sum to 1. */
function shareOut(factor: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < out.length; k++) if (out[k]! > largest) largest = out[k]!;
  let sum = 0;
  for (let k = 0; k < out.length; k++) {
    out[k] = Math.exp(factor * (out[k]! - largest));
    sum += out[k]!;
  }
  for (let k = 0; k < out.length; k++) out[k] = out[k]! / sum;
}`,
  },
  network: {
    source: `/** \`layers\`: the values of each, the input first; \`weights\`: of each inputs by outputs, then the biases. */
function network({ from, layers, weights, activation }: { from: Uint32Array; layers: readonly Float64Array[]; weights: Float64Array; activation: string }): void {
  let input = layers[0]!;
  for (let j = 0; j < from.length; j++) input[j] = frame[from[j]!]!;
  for (let l = 1, at = 0; l < layers.length; l++) {
    const result = layers[l]!;
    const biases = at + input.length * result.length;
    for (let k = 0; k < result.length; k++) result[k] = weights[biases + k]!;
    for (let j = 0; j < input.length; j++) {
      const value = input[j]!;
      if (value === 0) continue;
      const row = at + j * result.length;
      for (let k = 0; k < result.length; k++) result[k] = result[k]! + value * weights[row + k]!;
    }
    if (l + 1 < layers.length) for (let k = 0; k < result.length; k++) result[k] = activated(activation, result[k]!);
    input = result;
    at = biases + result.length;
  }
  for (let k = 0; k < input.length; k++) out[k] = input[k]!;
}

function activated(activation: string, value: number): number {
  if (activation === "relu") return Math.max(value, 0);
  return activation === "tanh" ? Math.tanh(value) : 1 / (1 + Math.exp(-value));
}`,
  },
} as const;
