// The losses, gradients and descents of linear models as their formulas read: the slow reference of the kernels.

/** Rows of numbers; the last column may be ones. */
export type Rows = readonly (readonly number[])[];

export interface LossAndGradient {
  /** Summed over the rows. */
  readonly loss: number;
  /** One row per output. */
  readonly gradient: number[][];
}

export type LossKind = "squared" | "logistic" | "softmax";

/** Loss and gradient at `weights` (one row per output). `targets`: numbers, signs -1 and 1, or class codes. */
export function lossAndGradient(
  kind: LossKind,
  rows: Rows,
  targets: readonly number[],
  weights: Rows,
): LossAndGradient {
  let loss = 0;
  const gradient = weights.map((row) => row.map(() => 0));
  rows.forEach((row, i) => {
    const scores = weights.map((w) => dot(row, w));
    const { value, slopes } = lossOfScores(kind, scores, targets[i]);
    loss += value;
    slopes.forEach((slope, k) => {
      row.forEach((x, j) => {
        gradient[k][j] += slope * x;
      });
    });
  });
  return { loss, gradient };
}

export interface DescentOptions {
  readonly kind: LossKind;
  readonly batch: number;
  readonly rate: number;
  readonly power: number;
  readonly l2: number;
  readonly momentum: number;
  /** The column that the penalty leaves out, or -1. */
  readonly intercept: number;
}

/** One epoch from zero weights and velocity, rows in order; gives back the weights and the summed loss. */
export function descendEpoch(
  rows: Rows,
  targets: readonly number[],
  outputs: number,
  { kind, batch, rate, power, l2, momentum, intercept }: DescentOptions,
): { weights: number[][]; loss: number } {
  const weights = Array.from({ length: outputs }, () => rows[0].map(() => 0));
  const velocity = weights.map((row) => row.slice());
  let total = 0;
  let update = 0;
  for (let begin = 0; begin < rows.length; begin += batch) {
    const part = rows.slice(begin, begin + batch);
    const { loss, gradient } = lossAndGradient(kind, part, targets.slice(begin, begin + batch), weights);
    total += loss;
    const step = rate / (++update) ** power;
    weights.forEach((row, k) => {
      row.forEach((weight, j) => {
        const pull = gradient[k][j] / part.length + (j === intercept ? 0 : l2 * weight);
        velocity[k][j] = momentum * velocity[k][j] - step * pull;
        row[j] += velocity[k][j];
      });
    });
  }
  return { weights, loss: total };
}

/** X'X of columns. */
export function gram(columns: Rows): number[][] {
  return columns.map((a) => columns.map((b) => dot(a, b)));
}

// Internal

function lossOfScores(kind: LossKind, scores: readonly number[], target: number): { value: number; slopes: number[] } {
  if (kind === "squared") {
    const residual = scores[0] - target;
    return { value: (residual * residual) / 2, slopes: [residual] };
  }
  if (kind === "logistic") {
    const margin = target * scores[0];
    const e = Math.exp(-Math.abs(margin));
    const value = Math.log1p(e) + Math.max(-margin, 0);
    return { value, slopes: [-target * (margin >= 0 ? e / (1 + e) : 1 / (1 + e))] };
  }
  const top = Math.max(...scores);
  const exps = scores.map((score) => Math.exp(score - top));
  const sum = exps.reduce((a, b) => a + b, 0);
  return {
    value: Math.log(sum) - (scores[target] - top),
    slopes: exps.map((e, k) => e / sum - (k === target ? 1 : 0)),
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j], 0);
}
