// Classifiers by Bayes's rule: the logarithm of a row's likelihood within each class, and their softmax.
import type { Estimator } from "../base/component.ts";
import type { BernoulliNB } from "../bayes/bernoulli-nb.ts";
import {
  constant,
  constantRow,
  constantTransposed,
  type GraphColumn,
  indicator,
  joinColumns,
  joined,
} from "./columns.ts";
import { alongSquare, overDifferences, scaledPlus, squareOf } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";
import { softmax } from "./shares.ts";

/** Normal distributions of independent columns. */
export function exportNormals(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { means, variances, logShares } = estimator.getState().tensors;
  const d = columns.length;
  const classes = logShares.data.length;
  const varianceOf = (j: number) => Float64Array.from({ length: classes }, (_, k) => variances.data[k * d + j]);
  const part = (difference: string, j: number) =>
    graph.node("Div", [squareOf(graph, difference), constantRow(graph, varianceOf(j))]);
  const values = columns.map(({ value }) => value);
  const sums = overDifferences(graph, { values, points: { values: means.data, columns: d }, part });
  const constants = Float64Array.from({ length: classes }, (_, k) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += Math.log(2 * Math.PI * variances.data[k * d + j]);
    return logShares.data[k] - 0.5 * sum;
  });
  return softmax(graph, scaledPlus(graph, sums, -0.5, constants));
}

/** Counts by the logarithms of their shares. */
export function exportCounts(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { logPriors, logShares } = estimator.getState().tensors;
  const weights = constantTransposed(graph, logShares.data, columns.length);
  const product = graph.node("MatMul", [joinColumns(graph, columns), weights]);
  return softmax(graph, graph.node("Add", [product, constantRow(graph, logPriors.data)]));
}

/** Whether columns hold. */
export function exportBernoulli(graph: OnnxGraph, estimator: BernoulliNB, columns: readonly GraphColumn[]): string {
  const threshold = constant(graph, estimator.params.threshold);
  const held = columns.map((column) => {
    return { ...column, value: indicator(graph, graph.node("Greater", [column.value, threshold])) };
  });
  return exportCounts(graph, estimator, held);
}

/** Normal distributions with a covariance for each class. */
export function exportQuadratic(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { constants, means, axes } = estimator.getState().tensors;
  const d = columns.length;
  const rows = joinColumns(graph, columns);
  const squares = Array.from(constants.data, (_, k) =>
    alongSquare(graph, rows, {
      centre: means.data.subarray(k * d, (k + 1) * d),
      axes: axes.data.subarray(k * d * d, (k + 1) * d * d),
    }),
  );
  return softmax(graph, scaledPlus(graph, joined(graph, squares), -0.5, constants.data));
}
