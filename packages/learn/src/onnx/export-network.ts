// Small networks: products, biases and activations, layer by layer.
import type { MLPClassifier } from "../network/mlp-classifier.ts";
import type { MLPRegressor } from "../network/mlp-regressor.ts";
import { constantMatrix, constantRow, type GraphColumn, joinColumns } from "./columns.ts";
import { scaledPlus } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";
import { probabilitiesOf } from "./shares.ts";

/** The number that a network predicts. */
export function exportNetworkRegressor(
  graph: OnnxGraph,
  estimator: MLPRegressor,
  columns: readonly GraphColumn[],
): string {
  const [mean, deviation] = estimator.getState().tensors.scale.data;
  return scaledPlus(graph, scoresOf(graph, estimator, { columns, outputs: 1 }), deviation, [mean]);
}

/** The probabilities that a network predicts. */
export function exportNetworkClassifier(
  graph: OnnxGraph,
  estimator: MLPClassifier,
  columns: readonly GraphColumn[],
): string {
  const { length } = estimator.getState().meta.classes as readonly string[];
  return probabilitiesOf(graph, scoresOf(graph, estimator, { columns, outputs: length === 2 ? 1 : length }), length);
}

// Internal

const ACTIVATIONS = { relu: "Relu", tanh: "Tanh", logistic: "Sigmoid" } as const;

/** What the last layer gives before its activation. */
function scoresOf(
  graph: OnnxGraph,
  estimator: MLPRegressor | MLPClassifier,
  { columns, outputs }: { columns: readonly GraphColumn[]; outputs: number },
): string {
  const { hiddenLayers, units, activation } = estimator.params;
  const weights = estimator.getState().tensors.weights.data;
  const sizes = [columns.length, ...new Array<number>(hiddenLayers).fill(units), outputs];
  let value = joinColumns(graph, columns);
  let at = 0;
  for (const [layer, width] of sizes.slice(1).entries()) {
    const biases = at + sizes[layer] * width;
    const product = graph.node("MatMul", [value, constantMatrix(graph, weights.subarray(at, biases), width)]);
    value = graph.node("Add", [product, constantRow(graph, weights.subarray(biases, biases + width))]);
    if (layer < hiddenLayers) value = graph.node(ACTIVATIONS[activation], [value]);
    at = biases + width;
  }
  return value;
}
