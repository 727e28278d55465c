// Figures of merit for predicted numbers that follow from a distribution or a quantile, as scikit-learn defines them.

/** Mean pinball loss of the `share` quantile (0 to 1); at a half, half the mean absolute error. */
export function pinballLoss(actual: Float64Array, predicted: Float64Array, share = 0.5): number {
  return meanOf(actual, (value, i) => pinball(value - predicted[i], share));
}

/**
 * Mean deviance of the Tweedie distribution of `power`: 0 is the squared error, 1 Poisson's, 2 Gamma's, between them
 * compound Poisson's, 3 the inverse Gaussian's. NaN where a value lies outside the distribution.
 */
export function tweedieDeviance(actual: Float64Array, predicted: Float64Array, power = 0): number {
  return meanOf(actual, (value, i) => unitDeviance(value, predicted[i], power));
}

/** Mean deviance of Poisson's distribution; NaN unless values are ≥ 0 and predictions > 0. */
export function poissonDeviance(actual: Float64Array, predicted: Float64Array): number {
  return tweedieDeviance(actual, predicted, 1);
}

/** Mean deviance of the Gamma distribution; NaN unless values and predictions are > 0. */
export function gammaDeviance(actual: Float64Array, predicted: Float64Array): number {
  return tweedieDeviance(actual, predicted, 2);
}

/** Root mean squared error of ln(1 + value); NaN unless all are > −1. */
export function rootMeanSquaredLogError(actual: Float64Array, predicted: Float64Array): number {
  return Math.sqrt(
    meanOf(actual, (value, i) => {
      if (!(value > -1 && predicted[i] > -1)) return Number.NaN;
      return (Math.log1p(value) - Math.log1p(predicted[i])) ** 2;
    }),
  );
}

/** Share of the Tweedie deviance from the mean that is explained; NaN for fewer than two rows. */
export function d2Tweedie(actual: Float64Array, predicted: Float64Array, power = 0): number {
  if (actual.length < 2) return Number.NaN;
  const mean = meanOf(actual, (value) => value);
  return 1 - tweedieDeviance(actual, predicted, power) / meanOf(actual, (value) => unitDeviance(value, mean, power));
}

/** Share of the pinball loss from the `share` quantile that is explained; NaN for fewer than two rows. */
export function d2Pinball(actual: Float64Array, predicted: Float64Array, share = 0.5): number {
  if (actual.length < 2) return Number.NaN;
  const middle = leastLossAt(actual, share);
  const spread = meanOf(actual, (value) => pinball(value - middle, share));
  const loss = pinballLoss(actual, predicted, share);
  return spread > 0 ? 1 - loss / spread : loss === 0 ? 1 : 0;
}

/** Share of the absolute error from the median that is explained. */
export function d2AbsoluteError(actual: Float64Array, predicted: Float64Array): number {
  return d2Pinball(actual, predicted, 0.5);
}

// Internal

function pinball(difference: number, share: number): number {
  return difference >= 0 ? share * difference : (share - 1) * difference;
}

/** The averaged quantile (definition 2 of Hyndman & Fan 1996), which has the least pinball loss of any constant. */
function leastLossAt(values: Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * sorted.length;
  const at = (index: number) => sorted[Math.min(Math.max(index, 0), sorted.length - 1)];
  return Number.isInteger(place) ? (at(place - 1) + at(place)) / 2 : at(Math.floor(place));
}

function unitDeviance(y: number, mu: number, power: number): number {
  if (power === 0) return (y - mu) ** 2;
  const isInside = mu > 0 && (power < 0 || (power < 2 ? y >= 0 : y > 0));
  if (!isInside || (power > 0 && power < 1)) return Number.NaN;
  if (power === 1) return 2 * ((y === 0 ? 0 : y * Math.log(y / mu)) - y + mu);
  if (power === 2) return 2 * (Math.log(mu / y) + y / mu - 1);
  const [a, b] = [1 - power, 2 - power];
  return 2 * (Math.max(y, 0) ** b / (a * b) - (y * mu ** a) / a + mu ** b / b);
}

function meanOf(actual: Float64Array, term: (value: number, i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += term(actual[i], i);
  return sum / actual.length;
}
