// The losses that boosting of numbers can lower besides the squared error: pinball for quantiles, and Tweedie deviances of
// targets that are not negative, on a logarithmic scale (as in scikit-learn's HistGradientBoostingRegressor).
import type { Pointer } from "@massif/kernels";
import { ParamError } from "../base/errors.ts";
import type { ParamsOf } from "../base/params.ts";
import { fill, GRAIN, type Loss, type LossSpace, MeanLoss, type Moments, offsetsOf, place } from "./boost-loss.ts";
import type { boostRegressorParams } from "./boost-params.ts";

type LossParams = Pick<ParamsOf<typeof boostRegressorParams>, "loss" | "quantile" | "power">;

/**
 * Newton steps on a logarithmic scale are cut here: e^5 = 148-fold before the learning rate. Where a leaf's rows are far
 * from what is predicted the curvature says nothing any more, and a whole step would overflow.
 */
const MAX_LOG_STEP = 5;

/** Which quantile of what is left over is the best leaf value; undefined when that follows from gradients. */
export function leafQuantileOf({ loss, quantile }: LossParams): number | undefined {
  if (loss === "absolute") return 0.5;
  return loss === "quantile" ? quantile : undefined;
}

/** The power of the variance in the mean; undefined for losses that are no deviance on a logarithmic scale. */
export function tweediePower({ loss, power }: LossParams): number | undefined {
  switch (loss) {
    case "poisson":
      return 1;
    case "gamma":
      return 2;
    case "tweedie":
      return power;
    default:
      return undefined;
  }
}

/** Throws ParamError when the loss has no meaning for one of the values. */
export function checkValues(owner: string, values: Float64Array, params: LossParams): void {
  const power = tweediePower(params);
  if (power === undefined) return;
  const row = values.findIndex((value) => value < 0 || (power === 2 && value === 0));
  if (row < 0) return;
  const wanted = power === 2 ? "positive numbers" : "numbers that are not negative";
  const problem = `row ${row} of the target is ${values[row]}, but the loss "${params.loss}" of ${owner} is for ${wanted}`;
  throw new ParamError("target", `${problem}; choose another \`loss\`, or leave such rows out`);
}

/** The mean pinball loss, or the absolute error, which is twice that of the median. `base`: where scores start. */
export function pinballLoss(
  space: LossSpace,
  targets: Pointer,
  { quantile, base, absolute }: { quantile: number; base: number; absolute: boolean },
): Loss {
  const { runtime } = space;
  const scores = fill(space, base);
  const told = new MeanLoss(space);
  const factor = absolute ? 2 : 1;
  return {
    outputs: 1,
    base: Float64Array.of(base),
    fromBase: false,
    scale: 1,
    leafQuantile: { quantile, targets },
    largestGradient: 1,
    begin(range) {
      const { at, weights, gradients } = offsetsOf(space, range);
      const args = [scores + at, targets + at, weights, quantile, factor, gradients, told.sums, GRAIN];
      runtime.parallel("boostPinball", args, range.count, GRAIN);
      return told.mean(range);
    },
    gradients() {},
    scores: () => scores,
  };
}

/** The mean deviance of a Tweedie distribution of this power; scores are logarithms of means. */
export function tweedieLoss(
  space: LossSpace,
  values: Float64Array,
  { power, mean, reach }: Moments & { power: number },
): Loss {
  const { runtime } = space;
  if (!(mean > 0)) {
    throw new ParamError("target", "the target is 0 in every row, which has no logarithm; choose another `loss`");
  }
  const base = Math.log(mean);
  const scores = fill(space, base);
  const targets = place(space, values);
  const told = new MeanLoss(space);
  const constants = new Map<number, number>();
  return {
    outputs: 1,
    base: Float64Array.of(base),
    fromBase: false,
    scale: 1,
    maxStep: MAX_LOG_STEP,
    largestGradient: (1 + reach / mean) * mean ** (2 - power),
    begin(range) {
      const { at, weights, gradients } = offsetsOf(space, range);
      const args = [scores + at, targets + at, weights, power, gradients, told.sums, GRAIN];
      runtime.parallel("boostTweedie", args, range.count, GRAIN);
      const own = constants.get(range.first) ?? told.meanOf(range, (row) => leastLoss(values[row], power));
      constants.set(range.first, own);
      return 2 * (told.mean(range) - own);
    },
    gradients() {},
    scores: () => scores,
  };
}

// Internal

/** What the kernel's loss is when the prediction is the target itself. */
function leastLoss(target: number, power: number): number {
  if (power === 1) return target > 0 ? target - target * Math.log(target) : 0;
  if (power === 2) return Math.log(target) + 1;
  return target ** (2 - power) / ((power - 1) * (2 - power));
}
