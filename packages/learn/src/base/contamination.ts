// Where anomaly scores are cut: the parameter that detectors of outliers share, and the score it stands for.
import type { NumberParam } from "./params.ts";
import { quantile, weightedQuantile } from "./quantile.ts";

/** The parameter `contamination`. */
export const CONTAMINATION = {
  type: "float",
  default: null,
  nullable: true,
  min: 0,
  exclusiveMin: true,
  max: 0.5,
  doc: "Share of the training rows that are to be outliers; null: by the method's own threshold.",
} as const satisfies NumberParam;

/** The score above which the share `contamination` of the scores lies, or of their weights where they have any. */
export function cutScore(scores: Float64Array, contamination: number, weights?: Float64Array): number {
  if (weights !== undefined) return weightedQuantile(scores, weights, 1 - contamination);
  return quantile(scores.slice().sort(), 1 - contamination);
}
