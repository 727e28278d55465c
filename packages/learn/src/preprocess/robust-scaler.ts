// Scaling that a few extreme values cannot spoil.
import type { TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { quantile, sortedPresent } from "../base/quantile.ts";
import { ScalingTransformer } from "./scaling.ts";

const params = {
  center: { type: "boolean", default: true, doc: "Subtract each column's median." },
  scale: { type: "boolean", default: true, doc: "Divide each column by the range between the two quantiles." },
  lower: { type: "float", default: 0.25, min: 0, max: 1, doc: "The lower quantile, as a share." },
  upper: { type: "float", default: 0.75, min: 0, max: 1, doc: "The upper quantile, as a share." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "RobustScaler",
  doc: "Gives number columns the median 0 and the range between two quantiles 1; outliers have no say.",
  source: "Textbook; quantiles by definition 7 of Hyndman & Fan 1996.",
  accepts: ["number"],
  params,
};

/** Scales number columns by median and quantiles; a column whose quantiles are equal is only centred. */
export class RobustScaler extends ScalingTransformer<typeof params> {
  readonly spec = spec;

  override validate(): void {
    super.validate();
    const { lower, upper } = this.params;
    if (lower >= upper)
      throw new ParamError("lower", `\`lower\` of RobustScaler must be below \`upper\` (${upper}), got ${lower}`);
  }

  protected learnColumn(values: Float64Array): { offset: number; scale: number } {
    const sorted = sortedPresent(values);
    if (sorted.length === 0) return { offset: 0, scale: 1 };
    const { center, scale, lower, upper } = this.params;
    const range = quantile(sorted, upper) - quantile(sorted, lower);
    return { offset: center ? quantile(sorted, 0.5) : 0, scale: scale && range > 0 ? range : 1 };
  }
}
