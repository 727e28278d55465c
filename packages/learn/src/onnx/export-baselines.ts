// The baselines: the same answer for every row.
import type { Estimator } from "../base/component.ts";
import { constantRow, type GraphColumn } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** The mean, or the classes' shares, once for each row. */
export function exportBaseline(graph: OnnxGraph, estimator: Estimator, [first]: readonly GraphColumn[]): string {
  const { value, shares } = estimator.getState().tensors;
  const zero = { tensor: { type: "double" as const, shape: [1], data: [0] } };
  const zeros = graph.node("ConstantOfShape", [graph.node("Shape", [first.value])], { attributes: { value: zero } });
  return graph.node("Add", [zeros, constantRow(graph, (value ?? shares).data)]);
}
