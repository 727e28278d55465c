// Number columns onto a given interval.
import type { TransformerSpec } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { ScalingTransformer } from "./scaling.ts";

const params = {
  min: { type: "float", default: 0, doc: "Where a column's smallest training value lands." },
  max: { type: "float", default: 1, doc: "Where a column's largest training value lands." },
  clip: { type: "boolean", default: false, doc: "Hold later values beyond the training range at its ends." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "MinMaxScaler",
  doc: "Maps each number column linearly from its training range onto [min, max].",
  source: "Textbook min-max normalisation.",
  accepts: ["number"],
  params,
};

/** Scales number columns to an interval; a constant column lands on `min`, missing values stay missing. */
export class MinMaxScaler extends ScalingTransformer<typeof params> {
  readonly spec = spec;

  override validate(): void {
    super.validate();
    const { min, max } = this.params;
    if (min >= max) throw new ParamError("min", `\`min\` of MinMaxScaler must be below \`max\` (${max}), got ${min}`);
  }

  protected learnColumn(values: Float64Array): { offset: number; scale: number } {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low > high) return { offset: 0, scale: 1 };
    return { offset: low, scale: high > low ? high - low : 1 };
  }

  protected override mapping(offset: number, scale: number): (value: number) => number {
    const { min, max, clip } = this.params;
    const width = max - min;
    if (!clip) return (value) => ((value - offset) / scale) * width + min;
    return (value) => {
      const mapped = ((value - offset) / scale) * width + min;
      return Math.min(Math.max(mapped, min), max);
    };
  }

  protected override scaled(values: Float64Array, offset: number, scale: number): Float64Array {
    return values.map(this.mapping(offset, scale));
  }
}
