// The distributions of a mixture and how they are estimated. Each is kept as the factor L of its covariance L L', by which
// densities come from a forward substitution.
import { ShapeError } from "../base/errors.ts";

/** Each its own matrix, one matrix for all, variances by column, or one variance. */
export type Covariance = "full" | "tied" | "diag" | "spherical";

/** Normal distributions and their shares of the rows. */
export interface Mixture {
  readonly covariance: Covariance;
  readonly shares: Float64Array;
  /** clusters × features, row-major. */
  readonly means: Float64Array;
  /** Full: clusters × d × d, lower triangles; tied: d × d; otherwise clusters × d deviations. */
  readonly factors: Float64Array;
}

/** Columns and how much each row counts. */
export interface Weighed {
  readonly columns: readonly Float64Array[];
  readonly weights: Float64Array;
}

/** How to estimate. */
export interface MixtureOptions {
  readonly clusters: number;
  readonly covariance: Covariance;
  readonly maxIterations: number;
  readonly tolerance: number;
  readonly regularization: number;
  readonly owner: string;
}

/** Numbers in the factors of a mixture. */
export function factorLength(covariance: Covariance, clusters: number, d: number): number {
  if (covariance === "full") return clusters * d * d;
  return covariance === "tied" ? d * d : clusters * d;
}

/** Expectation and maximisation in turn from a first grouping of the rows; the largest share comes first. */
export function estimateMixture(points: Weighed, codes: Int32Array, options: MixtureOptions) {
  const { clusters, maxIterations, tolerance } = options;
  const rows = codes.length;
  const chances = new Float64Array(rows * clusters);
  codes.forEach((code, i) => {
    chances[i * clusters + code] = 1;
  });
  let mixture = maximise(points, chances, options);
  let logLikelihood = Number.NEGATIVE_INFINITY;
  let iterations = 0;
  while (iterations < maxIterations) {
    const before = logLikelihood;
    logLikelihood = expect(points, mixture, chances);
    mixture = maximise(points, chances, options);
    iterations += 1;
    if (Math.abs(logLikelihood - before) < tolerance) break;
  }
  logLikelihood = expect(points, mixture, chances);
  return { ...bySize(mixture, points.columns.length), logLikelihood, iterations };
}

/** Writes log (share × density) of each distribution and gives back the logarithm of their sum. */
export function jointOf({ covariance, shares, means, factors }: Mixture) {
  const d = means.length / shares.length;
  const isMatrix = covariance === "full" || covariance === "tied";
  const place = (k: number) => (covariance === "tied" ? 0 : k * (isMatrix ? d * d : d));
  const constants = shares.map((share, k) => {
    let sum = 0.5 * d * Math.log(2 * Math.PI);
    for (let j = 0; j < d; j++) sum += Math.log(factors[place(k) + j * (isMatrix ? d + 1 : 1)]);
    return Math.log(share) - sum;
  });
  const solved = new Float64Array(d);
  return (row: Float64Array, out: Float64Array): number => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < out.length; k++) {
      const at = place(k);
      let square = 0;
      for (let i = 0; i < d; i++) {
        let rest = row[i] - means[k * d + i];
        if (isMatrix) for (let j = 0; j < i; j++) rest -= factors[at + i * d + j] * solved[j];
        solved[i] = rest / factors[at + i * (isMatrix ? d + 1 : 1)];
        square += solved[i] * solved[i];
      }
      out[k] = constants[k] - 0.5 * square;
      if (!(out[k] <= largest)) largest = out[k];
    }
    let sum = 0;
    for (let k = 0; k < out.length; k++) sum += Math.exp(out[k] - largest);
    return largest + Math.log(sum);
  };
}

// Internal

/** Makes `chances` those of each distribution given the row; gives back the mean log likelihood. */
function expect({ columns, weights }: Weighed, mixture: Mixture, chances: Float64Array): number {
  const clusters = mixture.shares.length;
  const joint = jointOf(mixture);
  const row = new Float64Array(columns.length);
  let [sum, total] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    for (let j = 0; j < row.length; j++) row[j] = columns[j][i];
    const own = chances.subarray(i * clusters, (i + 1) * clusters);
    const likelihood = joint(row, own);
    for (let k = 0; k < clusters; k++) own[k] = Math.exp(own[k] - likelihood);
    sum += weights[i] * likelihood;
    total += weights[i];
  }
  return sum / total;
}

function maximise({ columns, weights }: Weighed, chances: Float64Array, options: MixtureOptions): Mixture {
  const { clusters, covariance } = options;
  const d = columns.length;
  // No distribution loses all rows: scikit-learn's ten roundings.
  const counts = new Float64Array(clusters).fill(10 * Number.EPSILON);
  const means = new Float64Array(clusters * d);
  for (let i = 0; i < weights.length; i++) {
    for (let k = 0; k < clusters; k++) {
      const weight = weights[i] * chances[i * clusters + k];
      counts[k] += weight;
      for (let j = 0; j < d; j++) means[k * d + j] += weight * columns[j][i];
    }
  }
  for (let at = 0; at < means.length; at++) means[at] /= counts[Math.floor(at / d)];
  const isMatrix = covariance === "full" || covariance === "tied";
  const spreads = isMatrix ? matrices : variances;
  const factors = spreads({ columns, weights }, chances, { means, counts, options });
  const sum = counts.reduce((a, b) => a + b, 0);
  return { covariance, shares: counts.map((count) => count / sum), means, factors };
}

interface Middles {
  readonly means: Float64Array;
  readonly counts: Float64Array;
  readonly options: MixtureOptions;
}

function matrices({ columns, weights }: Weighed, chances: Float64Array, { means, counts, options }: Middles) {
  const { clusters, covariance, regularization, owner } = options;
  const d = columns.length;
  const isTied = covariance === "tied";
  const sums = new Float64Array(factorLength(covariance, clusters, d));
  const away = new Float64Array(d);
  for (let i = 0; i < weights.length; i++) {
    for (let k = 0; k < clusters; k++) {
      const weight = weights[i] * chances[i * clusters + k];
      if (weight === 0) continue;
      for (let j = 0; j < d; j++) away[j] = columns[j][i] - means[k * d + j];
      let at = isTied ? 0 : k * d * d;
      for (let a = 0; a < d; a++, at += d) {
        const own = weight * away[a];
        for (let b = 0; b <= a; b++) sums[at + b] += own * away[b];
      }
    }
  }
  const total = counts.reduce((a, b) => a + b, 0);
  for (let at = 0; at < sums.length; at += d * d) {
    const matrix = sums.subarray(at, at + d * d);
    const count = isTied ? total : counts[at / (d * d)];
    for (let j = 0; j < matrix.length; j++) matrix[j] /= count;
    for (let j = 0; j < d; j++) matrix[j * (d + 1)] += regularization;
    factorise(matrix, d, owner);
  }
  return sums;
}

function variances({ columns, weights }: Weighed, chances: Float64Array, { means, counts, options }: Middles) {
  const { clusters, covariance, regularization, owner } = options;
  const d = columns.length;
  const sums = new Float64Array(clusters * d);
  for (let i = 0; i < weights.length; i++) {
    for (let k = 0; k < clusters; k++) {
      const weight = weights[i] * chances[i * clusters + k];
      for (let j = 0; j < d; j++) sums[k * d + j] += weight * (columns[j][i] - means[k * d + j]) ** 2;
    }
  }
  for (let k = 0; k < clusters; k++) {
    const own = sums.subarray(k * d, (k + 1) * d);
    for (let j = 0; j < d; j++) own[j] = own[j] / counts[k] + regularization;
    if (covariance === "spherical") own.fill(own.reduce((a, b) => a + b, 0) / d);
    for (let j = 0; j < d; j++) {
      if (!(own[j] > 0)) throw singular(owner);
      own[j] = Math.sqrt(own[j]);
    }
  }
  return sums;
}

/** Cholesky's factor in place of the lower triangle of a matrix. */
function factorise(matrix: Float64Array, d: number, owner: string): void {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * d + k] * matrix[j * d + k];
      if (i > j) matrix[i * d + j] = sum / matrix[j * d + j];
      else if (sum > 0) matrix[i * d + i] = Math.sqrt(sum);
      else throw singular(owner);
    }
  }
}

function singular(owner: string): ShapeError {
  const cure = "use fewer clusters, scale the columns or raise `regularization`";
  return new ShapeError(`a distribution of ${owner} has no width in some direction; ${cure}`);
}

function bySize({ covariance, shares, means, factors }: Mixture, d: number): Mixture {
  const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a] || a - b);
  const arranged = (values: Float64Array, width: number) =>
    Float64Array.from(values, (_, at) => values[order[Math.floor(at / width)] * width + (at % width)]);
  return {
    covariance,
    shares: arranged(shares, 1),
    means: arranged(means, d),
    factors: covariance === "tied" ? factors : arranged(factors, factors.length / shares.length),
  };
}
