// Rows scaled to length 1.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import { type RowMap, RowMapTransformer } from "./row-map.ts";

const params = {
  norm: {
    type: "choice",
    choices: ["l2", "l1", "max"],
    default: "l2",
    doc: "What becomes 1: the row's Euclidean length, its sum of absolute values or its largest absolute value.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "Normalizer",
  doc: "Divides the number columns of each row by the row's size; missing values count for nothing and stay missing.",
  source: "Vector normalisation.",
  accepts: ["number"],
  params,
};

/** Scales each row by itself; a row of zeros stays as it is. */
export class Normalizer extends RowMapTransformer<typeof params, null> {
  readonly spec = spec;

  protected outputNames(): readonly string[] {
    return this.inputs.map(({ name }) => name);
  }

  protected rowMap(): RowMap {
    const { norm } = this.params;
    return (input, output) => {
      let size = 0;
      for (let i = 0; i < input.length; i++) {
        const value = Math.abs(input[i]);
        if (Number.isNaN(value)) continue;
        if (norm === "l2") size += value * value;
        else if (norm === "l1") size += value;
        else if (value > size) size = value;
      }
      const scale = norm === "l2" ? Math.sqrt(size) : size;
      for (let i = 0; i < input.length; i++) output[i] = scale > 0 ? input[i] / scale : input[i];
    };
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
