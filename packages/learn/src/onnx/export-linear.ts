// Linear models as a matrix product: weights are stored outputs x columns, the graph multiplies columns x outputs.
import type { Estimator } from "../base/component.ts";
import { constant, constantRow, constantTransposed, type GraphColumn, joinColumns } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";
import { probabilitiesOf } from "./shares.ts";

/** The values of a linear regressor, whose link may be the logarithm. */
export function exportLinearRegressor(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const scores = scoresOf(graph, estimator, columns);
  return estimator.getState().meta.link === "log" ? graph.node("Exp", [scores]) : scores;
}

/** The probabilities of a linear classifier; `factor` on the scores is that of machines with a margin. */
export function exportLinearClassifier(
  graph: OnnxGraph,
  estimator: Estimator,
  columns: readonly GraphColumn[],
): string {
  const { classes, factor } = estimator.getState().meta;
  const scores = scoresOf(graph, estimator, columns);
  const scaled = typeof factor === "number" ? graph.node("Mul", [scores, constant(graph, factor)]) : scores;
  return probabilitiesOf(graph, scaled, (classes as readonly string[]).length);
}

// Internal

/** The scores [n, outputs] of a linear model. */
function scoresOf(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { coefficients, intercepts } = estimator.getState().tensors;
  const weights = constantTransposed(graph, coefficients.data, columns.length);
  const product = graph.node("MatMul", [joinColumns(graph, columns), weights]);
  return graph.node("Add", [product, constantRow(graph, intercepts.data)]);
}
