// Zero mean and unit variance per number column.
import type { TransformerSpec } from "../base/component.ts";
import { isConstant, moments } from "./moments.ts";
import { ScalingTransformer } from "./scaling.ts";

const params = {
  center: { type: "boolean", default: true, doc: "Subtract each column's mean." },
  scale: { type: "boolean", default: true, doc: "Divide each column by its standard deviation." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "StandardScaler",
  doc: "Gives number columns zero mean and unit variance; a constant column is only centred.",
  source: "Population variance by the corrected two-pass algorithm (Chan, Golub & LeVeque 1983).",
  accepts: ["number"],
  params,
};

/** Standardises number columns; missing values are left out of the statistics and stay missing. */
export class StandardScaler extends ScalingTransformer<typeof params> {
  readonly spec = spec;

  protected learnColumn(values: Float64Array): { offset: number; scale: number } {
    const found = moments(values);
    return {
      offset: this.params.center ? found.mean : 0,
      scale: this.params.scale && !isConstant(found) ? Math.sqrt(found.variance) : 1,
    };
  }
}
