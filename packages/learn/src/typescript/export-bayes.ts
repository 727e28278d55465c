// Classifiers by Bayes's rule as calls of an exported module.
import type { Estimator, FittedState, Slot } from "../base/component.ts";
import type { BernoulliNB } from "../bayes/bernoulli-nb.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** Normal distributions of independent columns. */
export function exportNormals(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("normals", {
    from: module.slotsOf(columns),
    constants: module.array(normalConstants(state, columns.length)),
    means: module.numbers(state, "means"),
    variances: module.numbers(state, "variances"),
  });
  module.call("softmax");
}

/** Counts by the logarithms of their shares. */
export function exportCounts(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("frequencies", {
    from: module.slotsOf(columns),
    logPriors: module.numbers(state, "logPriors"),
    logShares: module.numbers(state, "logShares"),
  });
  module.call("softmax");
}

/** Whether columns hold. */
export function exportBernoulli(module: ModuleWriter, estimator: BernoulliNB, columns: readonly Slot[]): void {
  const held = columns.map((column): Slot => ({ ...column, slot: module.newSlot() }));
  const threshold = module.number(estimator.params.threshold);
  module.call("held", { from: module.slotsOf(columns), to: module.slotsOf(held), threshold });
  exportCounts(module, estimator, held);
}

/** Normal distributions with a covariance for each class. */
export function exportQuadratic(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("quadrics", {
    from: module.slotsOf(columns),
    constants: module.numbers(state, "constants"),
    means: module.numbers(state, "means"),
    axes: module.numbers(state, "axes"),
    away: module.room(columns.length),
  });
  module.call("softmax");
}

// Internal

/** What does not depend on the row in the logarithm of a class's likelihood, as GaussianNB adds it up. */
function normalConstants({ tensors }: FittedState, d: number): Float64Array {
  const variances = tensors.variances.data;
  return (tensors.logShares.data as Float64Array).map((share, k) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += Math.log(2 * Math.PI * variances[k * d + j]);
    return share - 0.5 * sum;
  });
}
