// Neighbours as calls of an exported module: all remembered rows stand in it.
import type { Estimator, FittedState, Slot } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { KNeighborsClassifier } from "../neighbors/k-neighbors-classifier.ts";
import type { KNeighborsRegressor } from "../neighbors/k-neighbors-regressor.ts";
import { LEAST_REACH } from "../neighbors/local-outlier-factor.ts";
import { metricOf, placed } from "../neighbors/metric.ts";
import type { RadiusNeighborsClassifier } from "../neighbors/radius-neighbors-classifier.ts";
import type { RadiusNeighborsRegressor } from "../neighbors/radius-neighbors-regressor.ts";
import { textLiteral } from "./literals.ts";
import type { ModuleWriter } from "./module-writer.ts";

type Nearest = KNeighborsClassifier | KNeighborsRegressor;
type Within = RadiusNeighborsClassifier | RadiusNeighborsRegressor;

/** What the k nearest rows are. Throws ParamError for a search that is not exact. */
export function exportNearest(module: ModuleWriter, estimator: Nearest, columns: readonly Slot[]): void {
  const { k, weights, metric, p, algorithm } = estimator.params;
  if (algorithm === "hnsw") {
    const cure = "what it finds is near the exact answer but not the same; train with another `algorithm`";
    throw new ParamError("estimator", `${estimator.spec.name} by hnsw cannot be exported to TypeScript: ${cure}`);
  }
  const state = estimator.getState();
  const byFour = metricOf(estimator.params).isPlain && algorithm !== "balltree";
  const how = { metric, p, found: k, byFour };
  const points = pointsOf(module, state, { columns, how });
  module.call("byNearest", { points, byDistance: String(weights === "distance"), ...answersOf(module, state) });
}

/** What the rows within the radius are. */
export function exportWithin(module: ModuleWriter, estimator: Within, columns: readonly Slot[]): void {
  const { radius, weights, metric, p } = estimator.params;
  const state = estimator.getState();
  const found = state.tensors.points.data.length / columns.length;
  const points = pointsOf(module, state, { columns, how: { metric, p, found, byFour: false } });
  module.call("byWithin", {
    points,
    limit: module.number(metricOf(estimator.params).rankOf(radius)),
    byDistance: String(weights === "distance"),
    ...answersOf(module, state),
    usual: module.array(usualAnswer(state)),
  });
}

/** The density of the nearest rows over the row's own. */
export function exportLocalFactor(module: ModuleWriter, estimator: Estimator, columns: readonly Slot[]): void {
  const state = estimator.getState();
  const how = { metric: "euclidean", p: 2, found: state.meta.k as number, byFour: true };
  module.call("localFactor", {
    points: pointsOf(module, state, { columns, how }),
    reach: module.numbers(state, "reach"),
    density: module.numbers(state, "density"),
    least: module.number(LEAST_REACH),
    threshold: module.number(state.meta.threshold as number),
  });
}

// Internal

interface How {
  readonly metric: string;
  readonly p: number;
  /** Rows there must be room for. */
  readonly found: number;
  /** Squares are added up by fours, as the search of single rows does. */
  readonly byFour: boolean;
}

const SPACES: Readonly<Record<string, string>> = { cosine: "unit", haversine: "globe" };

function pointsOf(
  module: ModuleWriter,
  { tensors }: FittedState,
  { columns, how }: { columns: readonly Slot[]; how: How },
): string {
  const features = columns.length;
  const given = tensors.points.data as Float64Array;
  const set = placed({ count: given.length / features, features, values: given }, metricOf(how));
  return module.record({
    from: module.slotsOf(columns),
    space: textLiteral(SPACES[how.metric] ?? "plain"),
    norm: textLiteral(how.byFour ? "byFour" : normOf(how)),
    power: module.number(how.p),
    values: module.array(set.values),
    query: module.room(set.features),
    ranks: module.room(how.found),
    numbers: `new Uint32Array(${how.found})`,
  });
}

function normOf({ metric, p }: How): string {
  if (metric === "manhattan" || metric === "chebyshev") return metric;
  if (metric !== "minkowski" || p === 2) return "euclidean";
  return p === 1 ? "manhattan" : "power";
}

/** What the remembered rows say: numbers, or the places of their classes. */
function answersOf(module: ModuleWriter, state: FittedState): { targets: string; codes: string } {
  const { targets, codes } = state.tensors;
  if (targets !== undefined) return { targets: module.numbers(state, "targets"), codes: "undefined" };
  return { targets: "undefined", codes: module.array(Uint32Array.from(codes.data)) };
}

/** What all remembered rows say together. */
function usualAnswer({ tensors, meta }: FittedState): Float64Array {
  if (tensors.targets !== undefined) {
    const values = tensors.targets.data as Float64Array;
    return Float64Array.of(values.reduce((sum, value) => sum + value, 0) / values.length);
  }
  const shares = new Float64Array((meta.classes as readonly string[]).length);
  for (const code of tensors.codes.data) shares[code] += 1;
  return shares.map((count) => count / tensors.codes.data.length);
}
