// Categories as numbers without a column for each: every value goes to one of a fixed number of columns by its hash, with
// a sign. For columns of so many categories that one-hot columns would be too many.
import type { FittedState, TransformerSpec } from "../base/component.ts";
import type { ColumnSchema } from "../base/table.ts";
import { placeOf } from "./murmur.ts";
import { type RowMap, RowMapTransformer } from "./row-map.ts";

const params = {
  features: {
    type: "int",
    default: 32,
    min: 1,
    max: 20_000,
    doc: "Columns that all category columns share; each takes 8 bytes per row.",
    search: { min: 8, max: 1024, log: true },
  },
  signed: {
    type: "boolean",
    default: true,
    doc: "Count half of the categories downwards, so that those that share a column cancel out on average.",
  },
} as const;

const spec: TransformerSpec<typeof params> = {
  name: "FeatureHasher",
  doc: "Puts the categories of all columns into a fixed number of columns, each by the hash of `column=category`.",
  source: "Feature hashing (Weinberger et al. 2009) by MurmurHash3, as in scikit-learn.",
  accepts: ["category"],
  params,
};

/** Gives `hash 0`, `hash 1`, …; a missing category, and one that training did not know, adds nothing. */
export class FeatureHasher extends RowMapTransformer<typeof params, null> {
  readonly spec = spec;

  protected outputNames(): readonly string[] {
    return Array.from({ length: this.inputs.length === 0 ? 0 : this.params.features }, (_, k) => `hash ${k}`);
  }

  protected rowMap(): RowMap {
    const { features, signed } = this.params;
    const places = this.inputs.map((input) =>
      categoriesOf(input).map((one) => placeOf(`${input.name}=${one}`, features)),
    );
    return (input, output) => {
      output.fill(0);
      for (let i = 0; i < places.length; i++) {
        if (Number.isNaN(input[i])) continue;
        const { place, sign } = places[i][input[i]];
        output[place] += signed ? sign : 1;
      }
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

// Internal

function categoriesOf(input: ColumnSchema): readonly string[] {
  return input.kind === "category" ? input.categories : [];
}
