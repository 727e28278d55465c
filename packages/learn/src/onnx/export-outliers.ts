// Outlier detectors: scores that are above 0 where a row is unusual.
import type { Estimator } from "../base/component.ts";
import { Ellipsoid } from "../outliers/ellipsoid.ts";
import { meanPath } from "../outliers/isolation-tree.ts";
import { constant, constantRow, DOUBLE, type GraphColumn, joinColumns } from "./columns.ts";
import { whitenedSquare } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";
import { TreeNodes } from "./tree-nodes.ts";

/** 2^(-mean path length / the usual one), less the threshold. */
export function exportIsolation(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { tensors, meta } = estimator.getState();
  const [starts, features, values, rights] = ["starts", "features", "values", "rights"].map(
    (name) => tensors[name].data,
  );
  const trees = starts.length - 1;
  const nodes = new TreeNodes(1);
  for (let tree = 0; tree < trees; tree++) {
    for (let node = starts[tree]; node < starts[tree + 1]; node++) {
      const place = { tree, id: node - starts[tree] };
      if (features[node] < 0) nodes.leaf(place, [{ target: 0, weight: values[node] }]);
      else {
        const no = rights[node] - starts[tree];
        nodes.branch({ ...place, feature: features[node], cut: values[node], yes: place.id + 1, no, missing: false });
      }
    }
  }
  const usual = meanPath(meta.samples as number);
  const sums = graph.node("TreeEnsembleRegressor", [joinColumns(graph, columns)], {
    domain: "ai.onnx.ml",
    attributes: nodes.attributes(),
  });
  const paths = graph.node("Cast", [sums], { attributes: { to: { int: DOUBLE } } });
  // A tree of one row isolates nothing: every row is as usual as another.
  const [scale, shift] = usual === 0 ? [0, -1] : [-1 / (usual * trees), 0];
  const exponent = graph.node("Add", [graph.node("Mul", [paths, constant(graph, scale)]), constant(graph, shift)]);
  const score = graph.node("Exp", [graph.node("Mul", [exponent, constant(graph, Math.LN2)])]);
  return graph.node("Sub", [score, constant(graph, meta.threshold as number)]);
}

/** The squared Mahalanobis distance from the centre, less the threshold. */
export function exportEnvelope(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { tensors, meta } = estimator.getState();
  const [centre, covariance] = [tensors.centre.data as Float64Array, tensors.covariance.data as Float64Array];
  const { root } = new Ellipsoid(centre, covariance);
  const rows = graph.node("Div", [joinColumns(graph, columns), constantRow(graph, tensors.scales.data)]);
  return graph.node("Sub", [whitenedSquare(graph, rows, { centre, root }), constant(graph, meta.threshold as number)]);
}
