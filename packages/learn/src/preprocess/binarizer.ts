// Numbers as 0 or 1.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import type { ColumnSchema } from "../base/table.ts";
import { type ValueMap, ValueMapTransformer } from "./row-map.ts";

const params = {
  threshold: { type: "float", default: 0, doc: "Larger values become 1, all others 0." },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "Binarizer",
  doc: "Turns numbers into 0 or 1 by a threshold; missing values stay missing.",
  source: "Textbook thresholding.",
  accepts: ["number"],
  params,
};

/** Compares number columns with a threshold. */
export class Binarizer extends ValueMapTransformer<typeof params, null> {
  readonly spec = spec;

  protected valueMaps({ name }: ColumnSchema): readonly ValueMap[] {
    const { threshold } = this.params;
    return [{ name, of: (value) => (value > threshold ? 1 : Number.isNaN(value) ? value : 0) }];
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
