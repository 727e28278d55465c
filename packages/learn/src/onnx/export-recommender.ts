// Users and items by their vectors; one that is unknown has a vector of zeros.
import type { Estimator } from "../base/component.ts";
import {
  constant,
  constantMatrix,
  constantRow,
  filled,
  type GraphColumn,
  INT64,
  indicator,
  overColumns,
  wholes,
} from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** The score that the user's and the item's vectors, and their leanings, come to. */
export function exportRecommender(
  graph: OnnxGraph,
  estimator: Estimator & { readonly params: { readonly feedback: string; readonly factors: number } },
  columns: readonly GraphColumn[],
): string {
  const { tensors, meta } = estimator.getState();
  const { feedback, factors } = estimator.params;
  const width = feedback === "implicit" ? factors : factors + 1;
  const user = vectorOf(graph, columns[meta.userPlace as number], {
    numbers: tensors.userNumbers.data,
    vectors: tensors.users.data,
    width,
  });
  const item = vectorOf(graph, columns[meta.itemPlace as number], {
    numbers: tensors.itemNumbers.data,
    vectors: tensors.items.data,
    width,
  });
  const isFactor = Float64Array.from({ length: width }, (_, k) => (k < factors ? 1 : 0));
  const products = graph.node("Mul", [graph.node("Mul", [user, item]), constantRow(graph, isFactor)]);
  const score = overColumns(graph, "ReduceSum", products);
  if (feedback === "implicit") return score;
  const isLeaning = constantMatrix(
    graph,
    isFactor.map((one) => 1 - one),
    1,
  );
  const leanings = graph.node("MatMul", [graph.node("Add", [user, item]), isLeaning]);
  return graph.node("Add", [graph.node("Add", [score, leanings]), constant(graph, tensors.mean.data[0])]);
}

// Internal

/** The vector of each row's id: [n, width]. */
function vectorOf(
  graph: OnnxGraph,
  column: GraphColumn,
  { numbers, vectors, width }: { numbers: ArrayLike<number>; vectors: ArrayLike<number>; width: number },
): string {
  const count = vectors.length / width;
  if (column.kind !== "category") {
    const isOwn = graph.node("Equal", [column.value, constantRow(graph, numbers)]);
    return graph.node("MatMul", [indicator(graph, isOwn), constantMatrix(graph, vectors, width)]);
  }
  const withUnknown = Float64Array.from({ length: (count + 1) * width }, (_, at) => vectors[at] ?? 0);
  const code = filled(graph, column.value, count);
  const places = graph.node("Cast", [code], { attributes: { to: { int: INT64 } } });
  const flat = graph.node("Reshape", [places, wholes(graph, -1)]);
  return graph.node("Gather", [constantMatrix(graph, withUnknown, width), flat]);
}
