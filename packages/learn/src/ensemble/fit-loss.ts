// Which loss a boosting fit reduces, and what it starts from.
import type { Pointer } from "@massif/kernels";
import type { ParamsOf } from "../base/params.ts";
import { outputCount } from "../tree/tree-model.ts";
import type { Laid } from "./boost-layout.ts";
import { countClasses, type Loss, logisticLoss, moments, place, softmaxLoss, squaredLoss } from "./boost-loss.ts";
import type { BoostMemory } from "./boost-memory.ts";
import type { boostRegressorParams } from "./boost-params.ts";
import { leafQuantiles } from "./boost-quantile.ts";
import { type BoostRanks, momentsTogether } from "./boost-ranks.ts";
import { leafQuantileOf, pinballLoss, tweedieLoss, tweediePower } from "./regression-loss.ts";

/** The loss of classes on rows that lie in memory, of which the first `trainRows` train. */
export async function classLoss(
  placed: BoostMemory,
  codes: Int32Array,
  { classes, laid, weights }: { classes: readonly string[]; laid: Laid; weights?: Float64Array },
): Promise<Loss> {
  const counts = countClasses(codes.subarray(0, laid.trainRows), classes.length, weights);
  await laid.ranks?.communicator.allReduce(counts);
  return outputCount(classes) === 1 ? logisticLoss(placed, codes, counts) : softmaxLoss(placed, codes, counts);
}

/** The loss of the parameters on rows that lie in memory, of which the first `trainRows` train. */
export async function regressionLoss(
  placed: BoostMemory,
  values: Float64Array,
  {
    params,
    laid: { ranks, trainRows },
    weights,
  }: { params: ParamsOf<typeof boostRegressorParams>; laid: Laid; weights?: Float64Array },
): Promise<Loss> {
  const quantile = leafQuantileOf(params);
  if (quantile !== undefined) {
    const targets = place(placed, values);
    const base = await startQuantile(placed, targets, { quantile, ranks });
    return pinballLoss(placed, targets, { quantile, base, absolute: params.loss === "absolute" });
  }
  const trained = values.subarray(0, trainRows);
  const centre = ranks === undefined ? moments(trained, weights) : await momentsTogether(ranks, trained);
  const power = tweediePower(params);
  return power === undefined ? squaredLoss(placed, values, centre) : tweedieLoss(placed, values, { power, ...centre });
}

// Internal

/** The quantile of all training rows' targets. */
async function startQuantile(
  placed: BoostMemory,
  targets: Pointer,
  { quantile, ranks }: { quantile: number; ranks: BoostRanks | undefined },
): Promise<number> {
  const { runtime, memory, index, rows, trainRows } = placed;
  const scores = memory.alloc(rows * 8);
  runtime.f64(scores, rows).fill(0);
  const numbers = runtime.u32(index, trainRows);
  for (let row = 0; row < trainRows; row++) numbers[row] = row;
  const all = [{ begin: 0, end: trainRows, copy: 0 }];
  const [base] = await leafQuantiles(placed, all, { targets, scores, quantile }, ranks?.communicator);
  memory.free(scores);
  return base;
}
