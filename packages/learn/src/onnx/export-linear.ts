// Linear models as a matrix product: weights are stored outputs x columns, the graph multiplies columns x outputs.
import type { Estimator } from "../base/component.ts";
import { constant, type GraphColumn } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** The scores [n, outputs] of a linear model. */
export function exportScores(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { coefficients, intercepts } = estimator.getState().tensors;
  const outputs = intercepts.data.length;
  const width = columns.length;
  const turned = Float64Array.from({ length: width * outputs }, (_, at) => {
    return coefficients.data[(at % outputs) * width + Math.floor(at / outputs)];
  });
  const weights = graph.weight({ type: "double", shape: [width, outputs], data: turned });
  const product = graph.node("MatMul", [joinColumns(graph, columns), weights]);
  return graph.node("Add", [product, graph.weight({ type: "double", shape: [outputs], data: intercepts.data })]);
}

/** Columns side by side: [n, columns]. */
export function joinColumns(graph: OnnxGraph, columns: readonly GraphColumn[]): string {
  const values = columns.map(({ value }) => value);
  return graph.node("Concat", values, { attributes: { axis: { int: 1 } } });
}

/** Probabilities [n, classes] from scores: one score is the log-odds of the second of two classes. */
export function probabilitiesOf(graph: OnnxGraph, scores: string, classes: number): string {
  if (classes !== 2) return graph.node("Softmax", [scores], { attributes: { axis: { int: 1 } } });
  return bothShares(graph, graph.node("Sigmoid", [scores]));
}

/** [1 - p, p] from [n, 1] probabilities of the second class. */
export function bothShares(graph: OnnxGraph, second: string): string {
  const first = graph.node("Sub", [constant(graph, 1), second]);
  return graph.node("Concat", [first, second], { attributes: { axis: { int: 1 } } });
}
