// Scaling that keeps zeros and signs.
import type { TransformerSpec } from "../base/component.ts";
import { ScalingTransformer } from "./scaling.ts";

const params = {} as const;

const spec: TransformerSpec<typeof params> = {
  name: "MaxAbsScaler",
  doc: "Divides each number column by its largest absolute value: zeros stay zeros, values lie within -1 and 1.",
  source: "Textbook.",
  accepts: ["number"],
  params,
};

/** Scales number columns into [-1, 1] without moving them; a column of zeros stays as it is. */
export class MaxAbsScaler extends ScalingTransformer<typeof params> {
  readonly spec = spec;

  protected learnColumn(values: Float64Array): { offset: number; scale: number } {
    let largest = 0;
    for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
    return { offset: 0, scale: largest > 0 ? largest : 1 };
  }
}
