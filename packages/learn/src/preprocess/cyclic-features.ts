// Numbers that go round, such as hours and months, as places on a circle.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import type { ColumnSchema } from "../base/table.ts";
import { type ValueMap, ValueMapTransformer } from "./row-map.ts";

const params = {
  period: {
    type: "float",
    default: 24,
    min: 0,
    exclusiveMin: true,
    doc: "After how much the values begin anew: 24 for hours, 7 for weekdays, 12 for months, 360 for degrees.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "CyclicFeatures",
  doc: "Replaces a number that goes round by sine and cosine of its angle, so that the end is next to the beginning.",
  source: "Trigonometric regression (Bliss 1958).",
  accepts: ["number"],
  params,
};

/** Gives `column sin` and `column cos`; missing stays missing. */
export class CyclicFeatures extends ValueMapTransformer<typeof params, null> {
  readonly spec = spec;

  protected valueMaps({ name }: ColumnSchema): readonly ValueMap[] {
    const { period } = this.params;
    return [
      { name: `${name} sin`, of: (value) => Math.sin((2 * Math.PI * value) / period) },
      { name: `${name} cos`, of: (value) => Math.cos((2 * Math.PI * value) / period) },
    ];
  }

  protected learn(): null {
    return null;
  }

  protected pack(): FittedState {
    return { tensors: {}, meta: {} };
  }

  protected unpack(): null {
    return null;
  }
}
