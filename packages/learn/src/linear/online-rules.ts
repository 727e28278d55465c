// The steps of the perceptron (Rosenblatt 1958) and of passive-aggressive learners (Crammer et al. 2006, Online
// Passive-Aggressive Algorithms): the smallest change that puts the row right, held back by c.
import type { OnlineRule } from "./online-learning.ts";

/** Adds a row with its sign wherever its score has the other one. */
export const PERCEPTRON: OnlineRule = {
  step(scores, { y }, gains) {
    let loss = 0;
    for (let k = 0; k < scores.length; k++) {
      const sign = signOf(scores, y, k);
      const margin = sign * scores[k];
      gains[k] = margin <= 0 ? sign : 0;
      loss += Math.max(0, -margin);
    }
    return loss;
  },
};

/** How far a row is off and how far the model is moved: at most `c` (PA-I), or the less the larger the loss (PA-II). */
export interface Aggressiveness {
  readonly c: number;
  readonly isSquared: boolean;
}

/** One score against the rest: margins below 1 are off. */
export function hingeRule(aggressiveness: Aggressiveness): OnlineRule {
  return {
    step(scores, { y, square }, gains) {
      let loss = 0;
      for (let k = 0; k < scores.length; k++) {
        const sign = signOf(scores, y, k);
        const off = Math.max(0, 1 - sign * scores[k]);
        gains[k] = sign * stepSize(off, square, aggressiveness);
        loss += aggressiveness.isSquared ? off * off : off;
      }
      return loss;
    },
  };
}

/** Errors above `epsilon` are off. */
export function tubeRule(epsilon: number, aggressiveness: Aggressiveness): OnlineRule {
  return {
    step(scores, { y, square }, gains) {
      const rest = y - scores[0];
      const off = Math.max(0, Math.abs(rest) - epsilon);
      gains[0] = Math.sign(rest) * stepSize(off, square, aggressiveness);
      return aggressiveness.isSquared ? off * off : off;
    },
  };
}

// Internal

/** With one score `y` is its sign, with more it is the code of the one that should be positive. */
function signOf(scores: Float64Array, y: number, k: number): number {
  return scores.length === 1 ? y : y === k ? 1 : -1;
}

function stepSize(off: number, square: number, { c, isSquared }: Aggressiveness): number {
  if (off === 0) return 0;
  if (isSquared) return off / (square + 0.5 / c);
  return square === 0 ? c : Math.min(c, off / square);
}
