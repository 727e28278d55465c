// Transformers as ONNX operators: each takes columns of the graph and gives those that its `outputs()` announces.
import type { Transformer } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { pieces } from "../base/state.ts";
import { Projection } from "../decompose/projection.ts";
import { KBinsDiscretizer } from "../preprocess/k-bins-discretizer.ts";
import { MaxAbsScaler } from "../preprocess/max-abs-scaler.ts";
import { MinMaxScaler } from "../preprocess/min-max-scaler.ts";
import { OneHotEncoder } from "../preprocess/one-hot-encoder.ts";
import { OrdinalEncoder } from "../preprocess/ordinal-encoder.ts";
import { RobustScaler } from "../preprocess/robust-scaler.ts";
import { SimpleImputer } from "../preprocess/simple-imputer.ts";
import { StandardScaler } from "../preprocess/standard-scaler.ts";
import { ColumnSelector } from "../select/column-selector.ts";
import {
  clipped,
  columnsOf,
  constant,
  constantRow,
  constantTransposed,
  filled,
  type GraphColumn,
  indicator,
  joinColumns,
  lookUp,
  overColumns,
} from "./columns.ts";
import { FEATURE_FAMILIES } from "./export-features.ts";
import { GAP_FAMILIES } from "./export-gaps.ts";
import type { OnnxGraph } from "./graph.ts";
import { type Step, type StepFamily, stepFamily } from "./step.ts";

/** The columns after a step. Throws ParamError for a transformer that has no operators. */
export function exportStep(
  graph: OnnxGraph,
  transformer: Transformer,
  inputs: readonly GraphColumn[],
): readonly GraphColumn[] {
  const found = FAMILIES.find(({ type }) => Object.prototype.isPrototypeOf.call(type.prototype, transformer));
  if (found === undefined) {
    throw new ParamError("steps", `${transformer.spec.name} cannot be exported to ONNX; train without this step`);
  }
  const values = found.write({ graph, inputs }, transformer);
  return transformer.outputs().map((schema, i) => ({ ...schema, value: values[i] }));
}

// Internal

const FAMILIES: readonly StepFamily[] = [
  stepFamily(SimpleImputer, impute),
  stepFamily(OneHotEncoder, oneHot),
  stepFamily(OrdinalEncoder, ranks),
  stepFamily(KBinsDiscretizer, bins),
  stepFamily(Projection, project),
  stepFamily(ColumnSelector, choose),
  stepFamily(StandardScaler, scale),
  stepFamily(RobustScaler, scale),
  stepFamily(MaxAbsScaler, scale),
  stepFamily(MinMaxScaler, scale),
  ...FEATURE_FAMILIES,
  ...GAP_FAMILIES,
];

function impute({ graph, inputs }: Step, transformer: SimpleImputer): string[] {
  const { tensors, meta } = transformer.getState();
  const fills = tensors.values.data;
  const flags = meta.indicators as readonly number[];
  return [
    ...inputs.map(({ value }, i) => filled(graph, value, fills[i])),
    ...flags.map((i) => indicator(graph, graph.node("IsNaN", [inputs[i].value]))),
  ];
}

function oneHot({ graph, inputs }: Step, transformer: OneHotEncoder): string[] {
  const kept = transformer.getState().meta.kept as readonly (readonly number[])[];
  return inputs.flatMap(({ value }, i) =>
    kept[i].map((code) =>
      indicator(graph, code < 0 ? graph.node("IsNaN", [value]) : graph.node("Equal", [value, constant(graph, code)])),
    ),
  );
}

function ranks({ graph, inputs }: Step, encoder: OrdinalEncoder): string[] {
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

/** How many cuts are at most the value, or a column for each bin. */
function bins({ graph, inputs }: Step, transformer: KBinsDiscretizer): string[] {
  const { tensors } = transformer.getState();
  const cuts = pieces(tensors, "cuts", Array.from(tensors.counts.data));
  return inputs.flatMap(({ value }, i) => {
    const below = indicator(graph, graph.node("LessOrEqual", [constantRow(graph, [...cuts[i], Infinity]), value]));
    const number = graph.node("Add", [overColumns(graph, "ReduceSum", below), graph.node("Sub", [value, value])]);
    if (transformer.params.encode !== "oneHot") return [number];
    return Array.from({ length: cuts[i].length + 1 }, (_, k) =>
      indicator(graph, graph.node("Equal", [number, constant(graph, k)])),
    );
  });
}

function project({ graph, inputs }: Step, transformer: Transformer): string[] {
  const { means, components } = transformer.getState().tensors;
  const centred = graph.node("Sub", [joinColumns(graph, inputs), constantRow(graph, means.data)]);
  const weights = constantTransposed(graph, components.data, inputs.length);
  return columnsOf(graph, graph.node("MatMul", [centred, weights]), components.data.length / inputs.length);
}

function choose({ inputs }: Step, selector: Transformer): string[] {
  const byName = new Map(inputs.map(({ name, value }) => [name, value]));
  return selector.outputs().map(({ name }) => byName.get(name) as string);
}

function scale({ graph, inputs }: Step, scaler: Transformer): string[] {
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
  return clip ? clipped(graph, placed, min, max) : placed;
}
