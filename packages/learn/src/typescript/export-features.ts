// Transformers that make new features as calls of an exported module.
import type { FittedState, Slot, Transformer } from "../base/component.ts";
import { Binarizer } from "../preprocess/binarizer.ts";
import { CategoryNumbersTransformer } from "../preprocess/category-numbers.ts";
import { CyclicFeatures } from "../preprocess/cyclic-features.ts";
import { IterativeImputer } from "../preprocess/iterative-imputer.ts";
import { MissingIndicator } from "../preprocess/missing-indicator.ts";
import { Normalizer } from "../preprocess/normalizer.ts";
import { PolynomialFeatures } from "../preprocess/polynomial-features.ts";
import { PowerTransformer } from "../preprocess/power-transformer.ts";
import { QuantileTransformer } from "../preprocess/quantile-transformer.ts";
import { SplineTransformer } from "../preprocess/spline-transformer.ts";
import { numberLiteral, textLiteral } from "./literals.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** Where a step stands in a module. */
export interface Step {
  readonly module: ModuleWriter;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** The slots as source. */
  readonly from: string;
  readonly to: string;
}

/** The steps that `exportFeatures` knows. */
export const FEATURE_STEPS: readonly string[] = [
  "PolynomialFeatures",
  "PowerTransformer",
  "QuantileTransformer",
  "Normalizer",
  "Binarizer",
  "CyclicFeatures",
  "SplineTransformer",
  "CountEncoder",
  "TargetEncoder",
  "MissingIndicator",
  "IterativeImputer",
];

/** Writes the step if it is one of `FEATURE_STEPS`; says whether it was. */
export function exportFeatures(step: Step, transformer: Transformer): boolean {
  const { module, inputs, outputs, from, to } = step;
  const { tensors, meta } = transformer.getState();
  const field = (name: string) => module.array(tensors[name].data as Float64Array);
  if (transformer instanceof PolynomialFeatures) products(step, transformer);
  else if (transformer instanceof PowerTransformer) {
    const boxCox = String(transformer.params.method === "boxCox");
    const fields = { powers: field("power"), offset: field("offset"), scale: field("scale") };
    module.call("power", { from, to, ...fields, boxCox });
  } else if (transformer instanceof QuantileTransformer) {
    const quantiles = module.arrays(pieces(tensors, "quantiles", Array.from(tensors.counts.data)));
    const part = transformer.params.output === "uniform" ? "uniformPlaces" : "normalPlaces";
    module.call(part, { from, to, quantiles });
  } else if (transformer instanceof Normalizer) {
    module.call("normalize", { from, to, norm: textLiteral(transformer.params.norm) });
  } else if (transformer instanceof Binarizer) {
    module.call("binarize", { from, to, threshold: numberLiteral(transformer.params.threshold) });
  } else if (transformer instanceof CyclicFeatures) {
    module.call("cycle", { from, to, period: numberLiteral(transformer.params.period) });
  } else if (transformer instanceof CategoryNumbersTransformer) {
    const width = inputs.length === 0 ? 0 : outputs.length / inputs.length;
    const sizes = inputs.map((input) => ((input.kind === "category" ? input.categories.length : 0) + 1) * width);
    const tables = module.arrays(pieces(tensors, "numbers", sizes));
    module.call("lookUp", { from, to, tables, width: String(width) });
  } else if (transformer instanceof MissingIndicator) {
    const flagged = module.array(Uint32Array.from(meta.flagged as readonly number[]));
    module.call("flag", { from, to, kept: String(transformer.params.keep ? inputs.length : 0), flagged });
  } else if (transformer instanceof SplineTransformer) splines(step, transformer, tensors);
  else if (transformer instanceof IterativeImputer) {
    const order = module.array(Uint32Array.from(meta.order as readonly number[]));
    module.call("regressGaps", { from, to, means: field("means"), order, regressions: field("regressions") });
  } else return false;
  return true;
}

// Internal

/** A tensor cut into parts of these lengths. */
function pieces(tensors: FittedState["tensors"], name: string, lengths: readonly number[]): Float64Array[] {
  const all = tensors[name].data as Float64Array;
  let next = 0;
  return lengths.map((length) => {
    next += length;
    return all.slice(next - length, next);
  });
}

function products({ module, from, to }: Step, transformer: PolynomialFeatures): void {
  const { last, before } = transformer.products();
  module.call("products", {
    from,
    to,
    last: module.array(last),
    // What is before the first comes out as the largest unsigned number.
    before: module.array(Uint32Array.from(before)),
    bias: transformer.params.includeBias ? "1" : "0",
  });
}

function splines(
  { module, inputs, from, to }: Step,
  transformer: SplineTransformer,
  tensors: FittedState["tensors"],
): void {
  const { knots, degree, includeBias } = transformer.params;
  const lengths = inputs.map(() => knots + 2 * degree);
  module.call("splines", {
    from,
    to,
    places: module.arrays(pieces(tensors, "knots", lengths)),
    knots: String(knots),
    degree: String(degree),
    width: String(knots + degree - (includeBias ? 1 : 2)),
    curves: `new Float64Array(${degree + 1})`,
  });
}
