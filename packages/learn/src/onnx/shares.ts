// Probabilities of classes from scores.
import { constant, joined } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** Probabilities [n, classes] from scores: one score is the log-odds of the second of two classes. */
export function probabilitiesOf(graph: OnnxGraph, scores: string, classes: number): string {
  return classes === 2 ? bothShares(graph, graph.node("Sigmoid", [scores])) : softmax(graph, scores);
}

/** Probabilities [n, classes] from their logarithms, but for a constant of each row. */
export function softmax(graph: OnnxGraph, scores: string): string {
  return graph.node("Softmax", [scores], { attributes: { axis: { int: 1 } } });
}

/** [1 - p, p] from [n, 1] probabilities of the second class. */
export function bothShares(graph: OnnxGraph, second: string): string {
  return joined(graph, [graph.node("Sub", [constant(graph, 1), second]), second]);
}
