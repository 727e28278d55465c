// Transformers as ONNX operators: each takes columns of the graph and gives those that its `outputs()` announces.
import type { FittedState, Transformer } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ColumnSchema } from "../base/table.ts";
import { MaxAbsScaler } from "../preprocess/max-abs-scaler.ts";
import { MinMaxScaler } from "../preprocess/min-max-scaler.ts";
import { OneHotEncoder } from "../preprocess/one-hot-encoder.ts";
import { OrdinalEncoder } from "../preprocess/ordinal-encoder.ts";
import { RobustScaler } from "../preprocess/robust-scaler.ts";
import { SimpleImputer } from "../preprocess/simple-imputer.ts";
import { StandardScaler } from "../preprocess/standard-scaler.ts";
import { ColumnSelector } from "../select/column-selector.ts";
import { constant, filled, type GraphColumn, indicator, lookUp } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** The columns after a step. Throws ParamError for a transformer that has no operators. */
export function exportStep(
  graph: OnnxGraph,
  transformer: Transformer,
  inputs: readonly GraphColumn[],
): readonly GraphColumn[] {
  const outputs = transformer.outputs();
  const values = valuesOf(graph, transformer, inputs);
  if (values === undefined) {
    const name = transformer.spec.name;
    throw new ParamError(
      "steps",
      `${name} cannot be exported to ONNX; these steps can: ${EXPORTABLE_STEPS.join(", ")}`,
    );
  }
  return outputs.map((schema: ColumnSchema, i) => ({ ...schema, value: values[i] }));
}

/** Names of the transformers that can be exported, beside those that only choose columns. */
export const EXPORTABLE_STEPS: readonly string[] = [
  "SimpleImputer",
  "OneHotEncoder",
  "OrdinalEncoder",
  "StandardScaler",
  "MinMaxScaler",
  "MaxAbsScaler",
  "RobustScaler",
];

// Internal

function valuesOf(
  graph: OnnxGraph,
  transformer: Transformer,
  inputs: readonly GraphColumn[],
): readonly string[] | undefined {
  if (transformer instanceof SimpleImputer) return impute(graph, transformer.getState(), inputs);
  if (transformer instanceof OneHotEncoder) return oneHot(graph, transformer.getState(), inputs);
  if (transformer instanceof OrdinalEncoder) return ranks(graph, transformer, inputs);
  if (transformer instanceof ColumnSelector) return choose(transformer, inputs);
  if (transformer instanceof MinMaxScaler) return scale(graph, transformer, inputs);
  const isScaler = [StandardScaler, MaxAbsScaler, RobustScaler].some((type) => transformer instanceof type);
  return isScaler ? scale(graph, transformer, inputs) : undefined;
}

function impute(graph: OnnxGraph, { tensors, meta }: FittedState, inputs: readonly GraphColumn[]): string[] {
  const fills = tensors.values.data;
  const flags = meta.indicators as readonly number[];
  return [
    ...inputs.map(({ value }, i) => filled(graph, value, fills[i])),
    ...flags.map((i) => indicator(graph, graph.node("IsNaN", [inputs[i].value]))),
  ];
}

function oneHot(graph: OnnxGraph, { meta }: FittedState, inputs: readonly GraphColumn[]): string[] {
  const kept = meta.kept as readonly (readonly number[])[];
  return inputs.flatMap(({ value }, i) =>
    kept[i].map((code) =>
      indicator(graph, code < 0 ? graph.node("IsNaN", [value]) : graph.node("Equal", [value, constant(graph, code)])),
    ),
  );
}

function ranks(graph: OnnxGraph, encoder: OrdinalEncoder, inputs: readonly GraphColumn[]): string[] {
  const unknown = encoder.params.unknown ?? Number.NaN;
  const stored = encoder.getState().meta.ranks as readonly (readonly (number | null)[])[];
  return inputs.map(({ value }, i) =>
    lookUp(
      graph,
      value,
      [...stored[i], null].map((rank) => rank ?? unknown),
    ),
  );
}

function choose(selector: Transformer, inputs: readonly GraphColumn[]): string[] {
  const byName = new Map(inputs.map(({ name, value }) => [name, value]));
  return selector.outputs().map(({ name }) => byName.get(name) as string);
}

function scale(graph: OnnxGraph, scaler: Transformer, inputs: readonly GraphColumn[]): string[] {
  const { offset, scale: scales } = scaler.getState().tensors;
  return inputs.map(({ value }, i) => {
    const moved = graph.node("Sub", [value, constant(graph, offset.data[i])]);
    const scaled = graph.node("Div", [moved, constant(graph, scales.data[i])]);
    return scaler instanceof MinMaxScaler ? onto(graph, scaled, scaler.params) : scaled;
  });
}

function onto(graph: OnnxGraph, value: string, { min, max, clip }: MinMaxScaler["params"]): string {
  const width = graph.node("Mul", [value, constant(graph, max - min)]);
  const placed = graph.node("Add", [width, constant(graph, min)]);
  if (!clip) return placed;
  const ends = [min, max].map((end) => graph.weight({ type: "double", shape: [], data: [end] }));
  return graph.node("Clip", [placed, ...ends]);
}
