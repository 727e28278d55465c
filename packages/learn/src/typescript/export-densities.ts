// Clusterers, outlier detectors, baselines and the recommender as calls of an exported module.
import type { Estimator, Slot } from "../base/component.ts";
import { Ellipsoid } from "../outliers/ellipsoid.ts";
import { meanPath } from "../outliers/isolation-tree.ts";
import type { MatrixFactorization } from "../recommend/matrix-factorization.ts";
import type { ModuleWriter } from "./module-writer.ts";

/** The mean, or the classes' shares. */
export function exportBaseline(module: ModuleWriter, estimator: Estimator): void {
  const state = estimator.getState();
  module.call("constant", { values: module.numbers(state, "value" in state.tensors ? "value" : "shares") });
}

/** Distances to centres. */
export function exportCentres(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  module.call("centres", {
    from: module.slotsOf(columns),
    centres: module.numbers(estimator.getState(), "centres"),
  });
}

/** −ln of each distribution's probability. */
export function exportMixture(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  const isMatrix = state.meta.covariance === "full" || state.meta.covariance === "tied";
  const d = columns.length;
  const size = isMatrix ? d * d : d;
  const factors = state.tensors.factors.data as Float64Array;
  const shares = state.tensors.shares.data as Float64Array;
  const roots = Array.from(shares, (_, k) => {
    const at = state.meta.covariance === "tied" ? 0 : k * size;
    return factors.slice(at, at + size);
  });
  const constants = shares.map((share, k) => {
    let sum = 0.5 * d * Math.log(2 * Math.PI);
    for (let j = 0; j < d; j++) sum += Math.log(roots[k][j * (isMatrix ? d + 1 : 1)]);
    return Math.log(share) - sum;
  });
  module.call("mixture", {
    from: module.slotsOf(columns),
    constants: module.array(constants),
    means: module.numbers(state, "means"),
    roots: module.arrays(roots),
    along: module.room(d),
  });
}

/** Distances to the nearest core row of each cluster. */
export function exportCores(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("cores", {
    from: module.slotsOf(columns),
    points: module.numbers(state, "points"),
    sizes: module.array(state.tensors.sizes.data as Uint32Array),
    radius: module.number(state.meta.radius as number),
  });
}

/** How short the paths of random trees are. */
export function exportIsolation(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  module.call("isolation", {
    from: module.slotsOf(columns),
    starts: module.array(state.tensors.starts.data as Uint32Array),
    // A leaf's -1 comes out as the largest unsigned number.
    features: module.array(Uint32Array.from(state.tensors.features.data)),
    values: module.numbers(state, "values"),
    rights: module.array(state.tensors.rights.data as Uint32Array),
    usual: module.number(meanPath(state.meta.samples as number)),
    threshold: module.number(state.meta.threshold as number),
  });
}

/** The squared Mahalanobis distance from the centre. */
export function exportEnvelope(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  const [centre, covariance] = [state.tensors.centre.data as Float64Array, state.tensors.covariance.data];
  module.call("envelope", {
    from: module.slotsOf(columns),
    scales: module.numbers(state, "scales"),
    centre: module.array(centre),
    root: module.array(new Ellipsoid(centre, covariance as Float64Array).root),
    along: module.room(columns.length),
    threshold: module.number(state.meta.threshold as number),
  });
}

/** What the user's and the item's vectors come to. */
export function exportRecommender(
  module: ModuleWriter,
  estimator: MatrixFactorization,
  columns: readonly Slot[],
): void {
  const state = estimator.getState();
  const { feedback, factors } = estimator.params;
  const [user, item] = [columns[state.meta.userPlace as number], columns[state.meta.itemPlace as number]];
  const leans = feedback !== "implicit";
  module.call("affinities", {
    user: String(user.slot),
    item: String(item.slot),
    users: module.numbers(state, "users"),
    items: module.numbers(state, "items"),
    userNumbers: user.kind === "category" ? "undefined" : module.numbers(state, "userNumbers"),
    itemNumbers: item.kind === "category" ? "undefined" : module.numbers(state, "itemNumbers"),
    width: String(leans ? factors + 1 : factors),
    leans: String(leans),
    mean: module.number(state.tensors.mean.data[0]),
  });
}
