// Transformers that make new features, or fill gaps by other columns, as calls of an exported module.
import type { Transformer } from "../base/component.ts";
import { pieces } from "../base/state.ts";
import { NMF } from "../decompose/nmf.ts";
import { Binarizer } from "../preprocess/binarizer.ts";
import { CategoryNumbersTransformer } from "../preprocess/category-numbers.ts";
import { CyclicFeatures } from "../preprocess/cyclic-features.ts";
import { FeatureHasher } from "../preprocess/feature-hasher.ts";
import { IterativeImputer } from "../preprocess/iterative-imputer.ts";
import { KNNImputer } from "../preprocess/knn-imputer.ts";
import { MissingIndicator } from "../preprocess/missing-indicator.ts";
import { placeOf } from "../preprocess/murmur.ts";
import { Normalizer } from "../preprocess/normalizer.ts";
import { PolynomialFeatures } from "../preprocess/polynomial-features.ts";
import { PowerTransformer } from "../preprocess/power-transformer.ts";
import { QuantileTransformer } from "../preprocess/quantile-transformer.ts";
import { SplineTransformer } from "../preprocess/spline-transformer.ts";
import { textLiteral } from "./literals.ts";
import { type Step, type StepFamily, stepFamily } from "./step.ts";

/** How each is written. */
export const FEATURE_FAMILIES: readonly StepFamily[] = [
  stepFamily(PolynomialFeatures, products),
  stepFamily(PowerTransformer, power),
  stepFamily(QuantileTransformer, places),
  stepFamily(Normalizer, ({ module, from, to }, { params }) => {
    module.call("normalize", { from, to, norm: textLiteral(params.norm) });
  }),
  stepFamily(Binarizer, ({ module, from, to }, { params }) => {
    module.call("binarize", { from, to, threshold: module.number(params.threshold) });
  }),
  stepFamily(CyclicFeatures, ({ module, from, to }, { params }) => {
    module.call("cycle", { from, to, period: module.number(params.period) });
  }),
  stepFamily(CategoryNumbersTransformer, lookUp),
  stepFamily(MissingIndicator, flag),
  stepFamily(SplineTransformer, splines),
  stepFamily(IterativeImputer, regressGaps),
  stepFamily(KNNImputer, fillByRows),
  stepFamily(FeatureHasher, hash),
  stepFamily(NMF, partShares),
];

// Internal

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

function power({ module, from, to }: Step, transformer: PowerTransformer): void {
  const state = transformer.getState();
  module.call("power", {
    from,
    to,
    powers: module.numbers(state, "power"),
    offset: module.numbers(state, "offset"),
    scale: module.numbers(state, "scale"),
    boxCox: String(transformer.params.method === "boxCox"),
  });
}

function places({ module, from, to }: Step, transformer: QuantileTransformer): void {
  const { tensors } = transformer.getState();
  const quantiles = module.arrays(pieces(tensors, "quantiles", Array.from(tensors.counts.data)));
  module.call(transformer.params.output === "uniform" ? "uniformPlaces" : "normalPlaces", { from, to, quantiles });
}

function lookUp({ module, inputs, outputs, from, to }: Step, transformer: Transformer): void {
  const { tensors } = transformer.getState();
  const width = inputs.length === 0 ? 0 : outputs.length / inputs.length;
  const sizes = inputs.map((input) => ((input.kind === "category" ? input.categories.length : 0) + 1) * width);
  module.call("lookUp", { from, to, tables: module.arrays(pieces(tensors, "numbers", sizes)), width: String(width) });
}

function flag({ module, inputs, from, to }: Step, transformer: MissingIndicator): void {
  const flagged = module.array(Uint32Array.from(transformer.getState().meta.flagged as readonly number[]));
  module.call("flag", { from, to, kept: String(transformer.params.keep ? inputs.length : 0), flagged });
}

function splines({ module, inputs, from, to }: Step, transformer: SplineTransformer): void {
  const { knots, degree, includeBias } = transformer.params;
  const lengths = inputs.map(() => knots + 2 * degree);
  module.call("splines", {
    from,
    to,
    places: module.arrays(pieces(transformer.getState().tensors, "knots", lengths)),
    knots: String(knots),
    degree: String(degree),
    width: String(knots + degree - (includeBias ? 1 : 2)),
    curves: module.room(degree + 1),
  });
}

function regressGaps({ module, from, to }: Step, transformer: IterativeImputer): void {
  const state = transformer.getState();
  module.call("regressGaps", {
    from,
    to,
    means: module.numbers(state, "means"),
    order: module.array(Uint32Array.from(state.meta.order as readonly number[])),
    regressions: module.numbers(state, "regressions"),
  });
}

function fillByRows({ module, inputs, from, to }: Step, transformer: KNNImputer): void {
  const state = transformer.getState();
  const rows = inputs.length === 0 ? 0 : state.tensors.rows.data.length / inputs.length;
  const { neighbors, weights } = transformer.params;
  module.call("fillByRows", {
    from,
    to,
    rows: module.numbers(state, "rows"),
    means: module.numbers(state, "means"),
    byDistance: String(weights === "distance"),
    distances: module.room(rows),
    nearest: `new Uint32Array(${Math.min(neighbors, rows)})`,
  });
}

/** Categories are hashed here: the module looks their places up. */
function hash({ module, inputs, from, to }: Step, transformer: FeatureHasher): void {
  const { features, signed } = transformer.params;
  const hashed = inputs.map((input) => {
    const categories = input.kind === "category" ? input.categories : [];
    return categories.map((category) => placeOf(`${input.name}=${category}`, features));
  });
  module.call("hash", {
    from,
    to,
    places: module.arrays(hashed.map((own) => Uint32Array.from(own, ({ place }) => place))),
    signs: module.arrays(hashed.map((own) => Float64Array.from(own, ({ sign }) => (signed ? sign : 1)))),
  });
}

function partShares({ module, from, to }: Step, transformer: NMF): void {
  const state = transformer.getState();
  const { gram, straight } = transformer.rowSystem();
  const count = state.meta.count as number;
  module.call("partShares", {
    from,
    to,
    parts: module.numbers(state, "parts"),
    gram: module.array(gram),
    straight: module.number(straight),
    shares: module.room(count),
    products: module.room(count),
  });
}
