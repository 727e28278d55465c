// How much rows count in a fit: the checks that every estimator shares.
import type { EstimatorSpec, FitContext } from "./component.ts";
import { ParamError, ShapeError } from "./errors.ts";

/** The weights of `rows` rows; undefined when all count alike. Throws ParamError and ShapeError naming `weights`. */
export function rowWeights(
  { weights, communicator }: Pick<FitContext, "weights" | "communicator">,
  rows: number,
  { name, weights: taken }: Pick<EstimatorSpec, "name" | "weights">,
): Float64Array | undefined {
  if (weights === undefined) return undefined;
  if (taken === undefined) throw new ParamError("weights", `${name} cannot weigh rows; leave the weights out`);
  if (communicator !== undefined && communicator.size > 1) {
    throw new ParamError("weights", "ranks cannot weigh rows; train on one process, or leave the weights out");
  }
  if (weights.length !== rows) throw new ShapeError(`there are ${weights.length} weights for ${rows} rows`);
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (bad >= 0) {
    const cure = "weights are numbers from 0 on; leave rows without a weight out";
    throw new ParamError("weights", `the weight of row ${bad} is ${weights[bad]}; ${cure}`);
  }
  if (weights.every((weight) => weight === 0)) throw new ParamError("weights", "all weights are 0: no row counts");
  return weights;
}

/** The weights, or undefined where all are alike. */
export function unequal(weights: Float64Array | undefined): Float64Array | undefined {
  return weights?.every((weight) => weight === weights[0]) ? undefined : weights;
}
