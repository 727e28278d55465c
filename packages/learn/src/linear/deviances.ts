// Half the unit deviance of Tweedie distributions (normal 0, Poisson 1, gamma 2, inverse Gaussian 3; between 1 and 2
// compound Poisson) by the score, up to what does not depend on it: Jørgensen 1987, Exponential Dispersion Models.
import type { RowLoss } from "./linear-loss-minimum.ts";

/** How the score becomes the prediction: as it is, or by the exponential. */
export type Link = "identity" | "log";

/** Half the deviance of the distribution whose variance is the mean to the `power`. */
export function halfDeviance(power: number, link: Link): RowLoss {
  if (link === "identity") return power === 0 ? NORMAL : identityDeviance(power);
  if (power === 1) return POISSON;
  if (power === 2) return GAMMA;
  return logDeviance(power);
}

// Internal

const NORMAL: RowLoss = {
  at(z, y, out) {
    out[0] = 0.5 * (z - y) * (z - y);
    out[1] = z - y;
    out[2] = 1;
  },
};

const POISSON: RowLoss = {
  at(z, y, out) {
    const mean = Math.exp(z);
    out[0] = mean - y * z;
    out[1] = mean - y;
    out[2] = mean;
  },
};

const GAMMA: RowLoss = {
  at(z, y, out) {
    const ratio = y * Math.exp(-z);
    out[0] = z + ratio;
    out[1] = 1 - ratio;
    out[2] = ratio;
  },
};

function logDeviance(power: number): RowLoss {
  const [a, b] = [2 - power, 1 - power];
  return {
    at(z, y, out) {
      const [first, second] = [Math.exp(a * z), y * Math.exp(b * z)];
      out[0] = first / a - second / b;
      out[1] = first - second;
      // Beyond powers of 1 to 2 it may bend down; its expectation never does.
      const curvature = a * first - b * second;
      out[2] = curvature > 0 ? curvature : first;
    },
  };
}

function identityDeviance(power: number): RowLoss {
  const [a, b] = [2 - power, 1 - power];
  const scale = a === 0 ? Math.log : (mean: number) => mean ** a / a;
  const pull = b === 0 ? Math.log : (mean: number) => mean ** b / b;
  return {
    at(mean, y, out) {
      if (mean <= 0) {
        out.fill(Number.POSITIVE_INFINITY);
        return;
      }
      out[0] = scale(mean) - y * pull(mean);
      const expected = mean ** -power;
      out[1] = (mean - y) * expected;
      const curvature = expected * (b + (power * y) / mean);
      out[2] = curvature > 0 ? curvature : expected;
    },
  };
}
