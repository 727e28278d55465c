// Zero mean and unit variance per number column.
import type { TransformerSpec } from "../base/component.ts";
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
    const { mean, variance, count } = moments(values);
    return {
      offset: this.params.center ? mean : 0,
      scale: this.params.scale && !isConstant(mean, variance, count) ? Math.sqrt(variance) : 1,
    };
  }

  protected mapping(offset: number, scale: number): (value: number) => number {
    return (value) => (value - offset) / scale;
  }
}

// Internal

function moments(values: Float64Array): { mean: number; variance: number; count: number } {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (!Number.isNaN(value)) {
      sum += value;
      count += 1;
    }
  }
  if (count === 0) return { mean: 0, variance: 0, count };
  const rough = sum / count;
  let squares = 0;
  let rest = 0;
  for (const value of values) {
    if (!Number.isNaN(value)) {
      const delta = value - rough;
      squares += delta * delta;
      rest += delta;
    }
  }
  return { mean: rough + rest / count, variance: (squares - (rest * rest) / count) / count, count };
}

/**
 * True when the variance is within the rounding error of its own computation, so that dividing by its root would blow
 * up noise: the bound n·ε·σ² + (n·μ·ε)² of Chan, Golub & LeVeque, as scikit-learn uses it.
 */
function isConstant(mean: number, variance: number, count: number): boolean {
  return !(variance > count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2);
}
