// Kernel machines: how alike a row is to each support vector, weighed.
import type { Estimator } from "../base/component.ts";
import { type KernelFunction, kernelFromState } from "../svm/kernel-function.ts";
import {
  constant,
  constantMatrix,
  constantRow,
  constantTransposed,
  type GraphColumn,
  indicator,
  joinColumns,
} from "./columns.ts";
import { squaredDistances } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";
import { bothShares, softmax } from "./shares.ts";

/** A machine's value. */
export function exportMachine(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { vectors, betas, biases } = estimator.getState().tensors;
  // A machine may do without any support vector: as one vector that counts nothing.
  const width = Math.max(1, betas.data.length / biases.data.length);
  const padded = (data: ArrayLike<number>, length: number) => (data.length > 0 ? data : new Float64Array(length));
  const kernel = kernelFromState(estimator.getState(), estimator.spec.name);
  const alike = kernels(graph, kernel, { columns, vectors: padded(vectors.data, columns.length) });
  const weights = constantTransposed(graph, padded(betas.data, biases.data.length), width);
  return graph.node("Add", [graph.node("MatMul", [alike, weights]), constantRow(graph, biases.data)]);
}

/** A machine's value turned round: the higher, the more unusual. */
export function exportNovelty(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  return graph.node("Neg", [exportMachine(graph, estimator, columns)]);
}

/** Probabilities by the machines of all pairs of classes. */
export function exportPairs(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { meta } = estimator.getState();
  const [classes, factor] = [(meta.classes as readonly string[]).length, meta.factor as number];
  const values = exportMachine(graph, estimator, columns);
  const scaled = (value: string, by: number) => graph.node("Mul", [value, constant(graph, by)]);
  // The one machine of two classes speaks for the first.
  if (classes === 2) return bothShares(graph, graph.node("Sigmoid", [scaled(values, -factor)]));
  return softmax(graph, scaled(votesOf(graph, values, classes), factor));
}

// Internal

function kernels(
  graph: OnnxGraph,
  { kernel, gamma, coef0, degree }: KernelFunction,
  { columns, vectors }: { columns: readonly GraphColumn[]; vectors: ArrayLike<number> },
): string {
  const by = (value: string, factor: number) => graph.node("Mul", [value, constant(graph, factor)]);
  if (kernel === "rbf") {
    const values = columns.map(({ value }) => value);
    return graph.node("Exp", [
      by(squaredDistances(graph, values, { values: vectors, columns: columns.length }), -gamma),
    ]);
  }
  const weights = constantTransposed(graph, vectors, columns.length);
  const products = graph.node("MatMul", [joinColumns(graph, columns), weights]);
  if (kernel === "linear") return products;
  const inner = graph.node("Add", [by(products, gamma), constant(graph, coef0)]);
  return kernel === "poly" ? graph.node("Pow", [inner, constant(graph, degree)]) : graph.node("Tanh", [inner]);
}

/** The classes' votes, and by less than a vote the sums of the machines' values. */
function votesOf(graph: OnnxGraph, values: string, classes: number): string {
  const pairs = (classes * (classes - 1)) / 2;
  const [firsts, seconds] = [new Float64Array(pairs * classes), new Float64Array(pairs * classes)];
  for (let a = 0, pair = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++, pair++) {
      firsts[pair * classes + a] = 1;
      seconds[pair * classes + b] = 1;
    }
  }
  const times = (value: string, matrix: Float64Array) =>
    graph.node("MatMul", [value, constantMatrix(graph, matrix, classes)]);
  const won = indicator(graph, graph.node("Greater", [values, constant(graph, 0)]));
  const lost = graph.node("Sub", [constant(graph, 1), won]);
  const votes = graph.node("Add", [times(won, firsts), times(lost, seconds)]);
  const sums = graph.node("Sub", [times(values, firsts), times(values, seconds)]);
  const size = graph.node("Add", [graph.node("Abs", [sums]), constant(graph, 1)]);
  const share = graph.node("Div", [sums, graph.node("Mul", [size, constant(graph, 3)])]);
  return graph.node("Add", [votes, share]);
}
