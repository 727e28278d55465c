// A Parzen estimator over several parameters at once: a mixture whose components are products of one kernel per
// parameter, one component per trial and one for the prior (Falkner et al. 2018, BOHB, §3; Optuna's "multivariate").
import type { Random } from "../random.ts";
import type { Choice, Params } from "../space/parameter.ts";
import type { Dimension } from "../space/space.ts";
import { type KernelColumn, kernelsOf } from "./kernels.ts";

/** The newest trials that count in full; older ones count the less, the older they are. */
const FULL_WEIGHTS = 25;

/** A density over some parameters, learnt from points. */
export class ParzenEstimator {
  readonly #columns: readonly KernelColumn[];
  readonly #weights: Float64Array;
  readonly #logWeights: Float64Array;
  readonly #logDensities: Float64Array;

  /** `points`, oldest first, must each have all of `dimensions`. */
  constructor(dimensions: readonly Dimension[], points: readonly Params[], priorWeight: number) {
    const observed = valuesByDimension(dimensions, points);
    this.#columns = dimensions.map((dimension, d) => kernelsOf(dimension, observed[d], priorWeight));
    this.#weights = mixtureWeights(points.length, priorWeight);
    this.#logWeights = this.#weights.map(Math.log);
    this.#logDensities = new Float64Array(this.#weights.length);
  }

  /** Places drawn from the mixture, one per dimension. */
  sample(random: Random): Float64Array {
    const k = this.#drawComponent(random);
    return Float64Array.from(this.#columns, (column) => column.sample(k, random));
  }

  /** The logarithm of the density at places; densities along an axis are by its coordinate. */
  logDensity(places: Float64Array): number {
    const logs = this.#logDensities;
    logs.set(this.#logWeights);
    for (let d = 0; d < places.length; d++) this.#columns[d].addLogDensity(places[d], logs);
    return logSumExp(logs);
  }

  #drawComponent(random: Random): number {
    let left = random.uniform();
    const last = this.#weights.length - 1;
    for (let k = 0; k < last; k++) {
      left -= this.#weights[k];
      if (left < 0) return k;
    }
    return last;
  }
}

/** Shares of n trials, oldest first, and of the prior: the newest 25 alike, a ramp from 1/n up to 1 for the others. */
export function mixtureWeights(n: number, priorWeight: number): Float64Array {
  const weights = new Float64Array(n + 1).fill(1);
  const ramp = n - FULL_WEIGHTS;
  for (let k = 0; k < ramp; k++) weights[k] = ramp === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * k) / (ramp - 1);
  weights[n] = n === 0 ? 1 : priorWeight;
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}

// Internal

// Point after point, because each lies somewhere else in memory.
function valuesByDimension(dimensions: readonly Dimension[], points: readonly Params[]): Choice[][] {
  const values = dimensions.map(() => new Array<Choice>(points.length));
  for (let k = 0; k < points.length; k++) {
    const point = points[k];
    for (let d = 0; d < dimensions.length; d++) values[d][k] = point[dimensions[d].name];
  }
  return values;
}

function logSumExp(logs: Float64Array): number {
  let max = -Infinity;
  for (let k = 0; k < logs.length; k++) if (logs[k] > max) max = logs[k];
  if (max === -Infinity) return max;
  let sum = 0;
  for (let k = 0; k < logs.length; k++) {
    const difference = logs[k] - max;
    // A billion components below e^-60 of the greatest do not change a double, and exp is what costs here.
    if (difference > -60) sum += Math.exp(difference);
  }
  return max + Math.log(sum);
}
