// Clusterers: the distance to each cluster.
import type { Estimator } from "../base/component.ts";
import type { GaussianMixture } from "../cluster/gaussian-mixture.ts";
import { constant, type GraphColumn, joinColumns, joined, overColumns } from "./columns.ts";
import { scaledPlus, squaredDistances, squareOf, whitenedSquare } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";

/** Euclidean distances to centres. */
export function exportCentres(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { data } = estimator.getState().tensors.centres;
  const values = columns.map(({ value }) => value);
  return graph.node("Sqrt", [squaredDistances(graph, values, { values: data, columns: columns.length })]);
}

/** −ln of each distribution's probability, given the row. */
export function exportMixture(graph: OnnxGraph, estimator: GaussianMixture, columns: readonly GraphColumn[]): string {
  const { tensors, meta } = estimator.getState();
  const d = columns.length;
  const rows = joinColumns(graph, columns);
  const [shares, means] = [tensors.shares.data, tensors.means.data];
  const roots = Array.from(shares, (_, k) =>
    rootOf(tensors.factors.data, { covariance: String(meta.covariance), k, d }),
  );
  const squares = roots.map((root, k) =>
    whitenedSquare(graph, rows, { centre: means.subarray(k * d, (k + 1) * d), root }),
  );
  const constants = roots.map((root, k) => {
    let sum = Math.log(shares[k]);
    for (let j = 0; j < d; j++) sum -= Math.log(root[j * (d + 1)]);
    return sum;
  });
  const joint = scaledPlus(graph, joined(graph, squares), -0.5, constants);
  const logarithms = graph.node("LogSoftmax", [joint], { attributes: { axis: { int: 1 } } });
  return graph.node("Abs", [logarithms]);
}

/** Distances to the nearest core row of each cluster, and the radius as that to the noise. */
export function exportCores(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { tensors, meta } = estimator.getState();
  const radius = meta.radius as number;
  const d = columns.length;
  const values = columns.map(({ value }) => value);
  const { data } = tensors.points;
  let at = 0;
  const nearest = Array.from(tensors.sizes.data, (size) => {
    const points = { values: data.subarray(at * d, (at + size) * d), columns: d };
    at += size;
    return withinRadius(graph, overColumns(graph, "ReduceMin", squaredDistances(graph, values, points)), radius);
  });
  const none = graph.node("Mul", [values[0], constant(graph, 0)]);
  return joined(graph, [...nearest, graph.node("Add", [none, constant(graph, radius)])]);
}

// Internal

/** The lower triangle whose product with its transpose is the covariance of distribution `k`. */
function rootOf(
  factors: ArrayLike<number>,
  { covariance, k, d }: { covariance: string; k: number; d: number },
): Float64Array {
  const isMatrix = covariance === "full" || covariance === "tied";
  const from = covariance === "tied" ? 0 : k * (isMatrix ? d * d : d);
  const root = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    if (!isMatrix) root[i * d + i] = factors[from + i];
    else for (let j = 0; j <= i; j++) root[i * d + j] = factors[from + i * d + j];
  }
  return root;
}

/** The root of the square, but no more than the radius where the square is not beyond its own. */
function withinRadius(graph: OnnxGraph, square: string, radius: number): string {
  const limit = constant(graph, radius);
  const distance = graph.node("Sqrt", [square]);
  const near = graph.node("LessOrEqual", [squareOf(graph, distance), squareOf(graph, limit)]);
  return graph.node("Where", [near, graph.node("Min", [distance, limit]), distance]);
}
