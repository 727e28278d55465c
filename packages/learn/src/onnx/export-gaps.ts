// Transformers that tell of gaps, or fill them by other columns, as ONNX operators.
import { IterativeImputer } from "../preprocess/iterative-imputer.ts";
import { KNNImputer } from "../preprocess/knn-imputer.ts";
import { MissingIndicator } from "../preprocess/missing-indicator.ts";
import {
  constant,
  constantMatrix,
  constantRow,
  filled,
  type GraphColumn,
  indicator,
  joined,
  overColumns,
  wholes,
} from "./columns.ts";
import { squareOf } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";
import { type Step, type StepFamily, stepFamily } from "./step.ts";

/** How each is written. */
export const GAP_FAMILIES: readonly StepFamily[] = [
  stepFamily(MissingIndicator, flag),
  stepFamily(IterativeImputer, regress),
  stepFamily(KNNImputer, fillByRows),
];

// Internal

function flag({ graph, inputs }: Step, transformer: MissingIndicator): string[] {
  const kept = transformer.params.keep ? inputs.map(({ value }) => value) : [];
  const flagged = transformer.getState().meta.flagged as readonly number[];
  return [...kept, ...flagged.map((i) => indicator(graph, graph.node("IsNaN", [inputs[i].value])))];
}

/** The regression of each column on all others in turn, round after round. */
function regress({ graph, inputs }: Step, transformer: IterativeImputer): string[] {
  const { tensors, meta } = transformer.getState();
  const [means, regressions] = [tensors.means.data, tensors.regressions.data];
  const width = inputs.length;
  const gaps = inputs.map(({ value }) => graph.node("IsNaN", [value]));
  const values = inputs.map(({ value }, j) => filled(graph, value, means[j]));
  for (let begin = 0; begin < regressions.length; begin += width * (width + 1)) {
    for (const target of meta.order as readonly number[]) {
      const at = begin + target * (width + 1);
      const weights = constantMatrix(graph, regressions.subarray(at, at + width), 1);
      const sum = graph.node("MatMul", [joined(graph, values), weights]);
      const guess = graph.node("Add", [sum, constant(graph, regressions[at + width])]);
      values[target] = graph.node("Where", [gaps[target], guess, values[target]]);
    }
  }
  return values;
}

/** Rows that were remembered, of which some have gaps too. */
interface Remembered {
  /** Rows × columns, row-major; NaN is a gap. */
  readonly rows: ArrayLike<number>;
  readonly width: number;
  readonly count: number;
}

/** The mean of the most similar remembered rows, over the values that both have. */
function fillByRows({ graph, inputs }: Step, transformer: KNNImputer): string[] {
  const { rows, means } = transformer.getState().tensors;
  const width = inputs.length;
  const remembered = { rows: rows.data, width, count: rows.data.length / width };
  if (remembered.count === 0) return inputs.map(({ value }, j) => filled(graph, value, means.data[j]));
  const ranks = ranksOf(graph, inputs, remembered);
  return inputs.map(({ value }, j) => {
    const guess = guessOf(graph, ranks, { ...remembered, ...transformer.params, j, mean: means.data[j] });
    return guess === undefined
      ? filled(graph, value, means.data[j])
      : graph.node("Where", [graph.node("IsNaN", [value]), guess, value]);
  });
}

/** The squared distance over shared columns, scaled to all of them: [n, rows]; infinite where none is shared. */
function ranksOf(graph: OnnxGraph, inputs: readonly GraphColumn[], { rows, width, count }: Remembered): string {
  const parts = inputs.map(({ value }, j) => {
    const own = Float64Array.from({ length: count }, (_, r) => rows[r * width + j]);
    const difference = graph.node("Sub", [value, constantRow(graph, own)]);
    const isGap = graph.node("IsNaN", [difference]);
    const square = squareOf(graph, filled(graph, difference, 0));
    return { square, shared: indicator(graph, graph.node("Not", [isGap])) };
  });
  const sum = (values: readonly string[]) => values.reduce((all, one) => graph.node("Add", [all, one]));
  const shared = sum(parts.map((part) => part.shared));
  const scaled = graph.node("Mul", [sum(parts.map((part) => part.square)), constant(graph, width)]);
  const isNone = graph.node("Equal", [shared, constant(graph, 0)]);
  return graph.node("Where", [isNone, constant(graph, Infinity), graph.node("Div", [scaled, shared])]);
}

interface Guess extends Remembered {
  readonly neighbors: number;
  readonly weights: string;
  readonly j: number;
  readonly mean: number;
}

/** What the nearest rows that have column `j` say of it; undefined where none has it. */
function guessOf(graph: OnnxGraph, ranks: string, guess: Guess): string | undefined {
  const { rows, width, count, neighbors, weights, j, mean } = guess;
  const known = Array.from({ length: count }, (_, r) => r).filter((r) => !Number.isNaN(rows[r * width + j]));
  if (known.length === 0) return undefined;
  const asked = graph.node("Gather", [ranks, wholes(graph, ...known)], { attributes: { axis: { int: 1 } } });
  const attributes = { axis: { int: 1 }, largest: { int: 0 }, sorted: { int: 1 } };
  const nearest = [asked, wholes(graph, Math.min(neighbors, known.length))];
  const [found, places] = graph.nodes("TopK", nearest, { attributes, outputs: 2 });
  const isFound = indicator(graph, graph.node("Less", [found, constant(graph, Infinity)]));
  const shares = weights === "distance" ? inverse(graph, found, isFound) : isFound;
  const data = known.map((r) => rows[r * width + j]);
  const said = graph.node("Gather", [graph.weight({ type: "double", shape: [data.length], data }), places]);
  const sum = overColumns(graph, "ReduceSum", graph.node("Mul", [said, shares]));
  const total = overColumns(graph, "ReduceSum", shares);
  const isNone = graph.node("Equal", [total, constant(graph, 0)]);
  return graph.node("Where", [isNone, constant(graph, mean), graph.node("Div", [sum, total])]);
}

/** One over the distance, or 1 for those of distance 0, where there are any, and 0 for others. */
function inverse(graph: OnnxGraph, ranks: string, isFound: string): string {
  const isSame = indicator(graph, graph.node("Equal", [ranks, constant(graph, 0)]));
  const anySame = graph.node("Greater", [overColumns(graph, "ReduceMax", isSame), constant(graph, 0)]);
  return graph.node("Where", [anySame, isSame, graph.node("Div", [isFound, graph.node("Sqrt", [ranks])])]);
}
