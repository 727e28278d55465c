// The losses of gradient descent as functions of a row's scores, with their slopes. The kernels have squared, logistic and
// softmax built in; these serve all that they have not.
import type { LossKind } from "./gradient-pass.ts";

/** The loss of one row by its scores. */
export interface ScoreLoss {
  /** The second derivative by a score is at most this; where there is none, what serves to choose a rate. */
  readonly curvature: number;
  /** Gives the loss and writes its derivatives by each score; `y` is a number, a sign or a class code. */
  row(scores: Float64Array, y: number, slopes: Float64Array): number;
}

/** The losses of regression, by name. */
export const REGRESSION_LOSSES = ["squared", "huber", "epsilonInsensitive", "quantile", "poisson"] as const;
/** The losses of classification, by name. */
export const CLASS_LOSSES = ["logistic", "hinge", "squaredHinge"] as const;

interface RegressionLossParams {
  readonly loss: (typeof REGRESSION_LOSSES)[number];
  readonly epsilon: number;
  readonly quantile: number;
}

/** The loss that `params` name for this target; undefined for the squared one, which kernels have. */
export function regressionLoss(params: RegressionLossParams, target: Float64Array): ScoreLoss | undefined {
  const { loss, epsilon, quantile } = params;
  if (loss === "squared") return undefined;
  const spread = deviation(target) || 1;
  switch (loss) {
    case "huber":
      // Rows beyond epsilon add no curvature; about epsilon / spread of the rows do.
      return single(Math.min(1, epsilon / spread || 1), (z, y, slopes) => {
        const rest = z - y;
        const size = Math.abs(rest);
        slopes[0] = size <= epsilon ? rest : epsilon * Math.sign(rest);
        return size <= epsilon ? 0.5 * rest * rest : epsilon * (size - 0.5 * epsilon);
      });
    case "epsilonInsensitive":
      return single(1 / spread, (z, y, slopes) => {
        const over = Math.abs(z - y) - epsilon;
        slopes[0] = over > 0 ? Math.sign(z - y) : 0;
        return Math.max(0, over);
      });
    case "quantile":
      return single(1 / spread, (z, y, slopes) => {
        const rest = y - z;
        slopes[0] = rest > 0 ? -quantile : rest < 0 ? 1 - quantile : 0;
        return rest > 0 ? quantile * rest : (quantile - 1) * rest;
      });
    case "poisson":
      // Half the deviance: 0 where exp(z) is y. While predictions stay below the largest count, so does the curvature.
      return single(Math.max(1, largestOf(target)), (z, y, slopes) => {
        const mean = Math.exp(z);
        slopes[0] = mean - y;
        return mean - y * z + (y > 0 ? y * Math.log(y) - y : 0);
      });
  }
}

/** The loss that `name` stands for, one score against the rest for more than two classes; undefined for logistic. */
export function classLoss(name: (typeof CLASS_LOSSES)[number]): ScoreLoss | undefined {
  if (name === "logistic") return undefined;
  return name === "hinge"
    ? againstRest(1, (margin) => ({ loss: Math.max(0, 1 - margin), slope: margin < 1 ? -1 : 0 }))
    : againstRest(2, (margin) => ({ loss: Math.max(0, 1 - margin) ** 2, slope: -2 * Math.max(0, 1 - margin) }));
}

/** The losses of the kernels, for optimisers that these have not. */
export const KERNEL_LOSSES: Readonly<Record<LossKind, ScoreLoss>> = {
  squared: single(1, (z, y, slopes) => {
    slopes[0] = z - y;
    return 0.5 * (z - y) ** 2;
  }),
  logistic: single(0.25, (z, y, slopes) => {
    const e = Math.exp(-Math.abs(z));
    slopes[0] = -y / (1 + Math.exp(y * z));
    return Math.log1p(e) + Math.max(0, -y * z);
  }),
  softmax: {
    curvature: 0.5,
    row(scores, y, slopes) {
      let top = scores[0];
      for (let k = 1; k < scores.length; k++) top = Math.max(top, scores[k]);
      let sum = 0;
      for (let k = 0; k < scores.length; k++) {
        slopes[k] = Math.exp(scores[k] - top);
        sum += slopes[k];
      }
      for (let k = 0; k < scores.length; k++) slopes[k] = slopes[k] / sum - (k === y ? 1 : 0);
      return Math.log(sum) + top - scores[y];
    },
  },
};

/** The mean loss of scores of 0, against which a divergence is told. */
export function lossAtZero(
  loss: ScoreLoss,
  target: ArrayLike<number>,
  { outputs = 1, weights }: { outputs?: number; weights?: Float64Array } = {},
): number {
  const scores = new Float64Array(outputs);
  const slopes = new Float64Array(outputs);
  let [sum, total] = [0, 0];
  for (let i = 0; i < target.length; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    sum += weight * loss.row(scores, target[i], slopes);
    total += weight;
  }
  // Where zero weights are the best already there is nothing to compare with but the unit of the scores.
  return sum / total || 1;
}

/** The standard deviation of numbers. */
export function deviation(values: ArrayLike<number>): number {
  let [mean, square] = [0, 0];
  for (let i = 0; i < values.length; i++) mean += values[i] / values.length;
  for (let i = 0; i < values.length; i++) square += (values[i] - mean) ** 2 / values.length;
  return Math.sqrt(square);
}

// Internal

function single(curvature: number, at: (z: number, y: number, slopes: Float64Array) => number): ScoreLoss {
  return { curvature, row: (scores, y, slopes) => at(scores[0], y, slopes) };
}

/** With one score `y` is its sign, with more it is the code of the one that should be positive. */
function againstRest(curvature: number, at: (margin: number) => { loss: number; slope: number }): ScoreLoss {
  return {
    curvature,
    row(scores, y, slopes) {
      let sum = 0;
      for (let k = 0; k < scores.length; k++) {
        const sign = scores.length === 1 ? y : k === y ? 1 : -1;
        const { loss, slope } = at(sign * scores[k]);
        slopes[k] = sign * slope;
        sum += loss;
      }
      return sum;
    },
  };
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]);
  return largest;
}
