// Estimators as calls of an exported module, which leave their answer in `out`.
import type { Estimator, FittedState, Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { BernoulliNB } from "../bayes/bernoulli-nb.ts";
import { CountingBayes } from "../bayes/counting-bayes.ts";
import { GaussianNB } from "../bayes/gaussian-nb.ts";
import { CentreClusterer } from "../cluster/centre-clusterer.ts";
import { LinearClassifier } from "../linear/linear-classifier.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { Binning } from "../tree/binning.ts";
import { outputCount, TreeEstimator } from "../tree/tree-model.ts";
import { treesFromState, usedFeatures } from "../tree/tree-set.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** Writes the estimator over its columns. Throws ParamError naming one that has no source. */
export function exportEstimator(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  const from = module.slotsOf(columns);
  const field = (name: string) => module.array(state.tensors[name].data as Float64Array);
  if (isPlain(estimator, LinearRegressor)) {
    linear(module, from, state);
    if (state.meta.link === "log") module.call("exponential");
  } else if (isPlain(estimator, LinearClassifier)) {
    linear(module, from, state);
    module.call((state.meta.classes as readonly string[]).length === 2 ? "logistic" : "softmax");
  } else if (isPlain(estimator, TreeEstimator)) exportTrees(module, estimator, columns);
  else if (estimator instanceof GaussianNB) {
    const constants = module.array(normalConstants(state, columns.length));
    module.call("normals", { from, constants, means: field("means"), variances: field("variances") });
    module.call("softmax");
  } else if (isPlain(estimator, CountingBayes) && !(estimator instanceof BernoulliNB)) {
    module.call("frequencies", { from, logPriors: field("logPriors"), logShares: field("logShares") });
    module.call("softmax");
  } else if (isPlain(estimator, CentreClusterer)) module.call("centres", { from, centres: field("centres") });
  else {
    const problem = `${estimator.spec.name} cannot be exported to TypeScript; these can: ${EXPORTABLE}`;
    throw new ParamError("estimator", problem);
  }
}

// Internal

const EXPORTABLE =
  "linear and logistic regression, gradient descent, decision trees, random forests, gradient boosting, naive Bayes and k-means";

/** Whether it predicts as its family does: a member may have a prediction of its own. */
function isPlain(estimator: Estimator, family: { readonly prototype: Estimator }): boolean {
  return estimator.compileRow === family.prototype.compileRow;
}

function linear(module: ModuleWriter, from: string, { tensors }: FittedState): void {
  const coefficients = module.array(tensors.coefficients.data as Float64Array);
  const intercepts = module.array(tensors.intercepts.data as Float64Array);
  module.call("weigh", { from, coefficients, intercepts });
}

/** What does not depend on the row in the logarithm of a class's likelihood, as GaussianNB adds it up. */
function normalConstants({ tensors }: FittedState, d: number): Float64Array {
  const variances = tensors.variances.data;
  return (tensors.logShares.data as Float64Array).map((share, k) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += Math.log(2 * Math.PI * variances[k * d + j]);
    return share - 0.5 * sum;
  });
}

function exportTrees(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const owner = estimator.spec.name;
  const state = estimator.getState();
  const binning = Binning.fromState(state, owner);
  const classes = state.meta.classes as readonly string[] | null;
  const outputs = outputCount(classes);
  const mean = state.meta.combination === "mean";
  const codeCounts = Uint32Array.from(binning.features, (_, f) => binning.codeCount(f));
  const set = treesFromState(state, { width: mean ? outputs : 1, codeCounts, traced: false }, owner);
  const used = usedFeatures(set);
  const codes = Array.from(used, (f) => binning.features[f]);
  module.call("trees", {
    features: module.array(used),
    from: module.slotsOf(Array.from(used, (f) => columns[f])),
    cuts: `[${codes.map((own) => (own.kind === "number" ? module.array(own.cuts) : "undefined")).join(", ")}]`,
    maps: `[${codes.map((own) => (own.kind === "category" ? module.array(own.map) : "undefined")).join(", ")}]`,
    codes: `new Uint8Array(${Math.max(1, columns.length)})`,
    nodes: module.array(set.nodes),
    nodeOffsets: module.array(set.nodeOffsets),
    values: module.array(set.values),
    leafOffsets: module.array(set.leafOffsets),
    width: String(set.width),
    base: module.array(state.tensors.base.data as Float64Array),
  });
  const trees = set.nodeOffsets.length - 1;
  if (classes?.length === 1) module.call("certain");
  else if (state.meta.combination === "exponential") module.call("exponential");
  else {
    if (mean) module.call("meanOf", { trees: String(trees), outputs: String(outputs) });
    if (classes !== null && outputs === 1) module.call(mean ? "bothShares" : "odds");
    else if (classes !== null && !mean) module.call("softmax");
  }
}
