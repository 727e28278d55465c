// Transformers that make new features as ONNX operators.
import type { Transformer } from "../base/component.ts";
import { CENTRE, normalQuantile, SIDES, TAILS } from "../base/normal-quantile.ts";
import { pieces } from "../base/state.ts";
import { Binarizer } from "../preprocess/binarizer.ts";
import { CategoryNumbersTransformer } from "../preprocess/category-numbers.ts";
import { CyclicFeatures } from "../preprocess/cyclic-features.ts";
import { FeatureHasher } from "../preprocess/feature-hasher.ts";
import { placeOf } from "../preprocess/murmur.ts";
import { Normalizer } from "../preprocess/normalizer.ts";
import { PolynomialFeatures } from "../preprocess/polynomial-features.ts";
import { PowerTransformer } from "../preprocess/power-transformer.ts";
import { QuantileTransformer } from "../preprocess/quantile-transformer.ts";
import { SplineTransformer } from "../preprocess/spline-transformer.ts";
import {
  clipped,
  columnsOf,
  constant,
  constantMatrix,
  constantRow,
  filled,
  INT64,
  indicator,
  joinColumns,
  overColumns,
  wholes,
} from "./columns.ts";
import { squareOf } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";
import { type Step, type StepFamily, stepFamily } from "./step.ts";

/** How each is written. */
export const FEATURE_FAMILIES: readonly StepFamily[] = [
  stepFamily(PolynomialFeatures, products),
  stepFamily(PowerTransformer, power),
  stepFamily(QuantileTransformer, places),
  stepFamily(Normalizer, normalize),
  stepFamily(Binarizer, binarize),
  stepFamily(CyclicFeatures, cycle),
  stepFamily(CategoryNumbersTransformer, lookUpNumbers),
  stepFamily(SplineTransformer, splines),
  stepFamily(FeatureHasher, hash),
];

// Internal

/** Each product is an earlier one times a column. */
function products({ graph, inputs }: Step, transformer: PolynomialFeatures): string[] {
  const { last, before } = transformer.products();
  const bias = transformer.params.includeBias ? 1 : 0;
  const values = bias === 1 ? [ones(graph, inputs[0].value)] : [];
  for (const [k, column] of last.entries()) {
    const { value } = inputs[column];
    values.push(before[k] < 0 ? value : graph.node("Mul", [values[before[k]], value]));
  }
  return values;
}

function ones(graph: OnnxGraph, like: string): string {
  const value = { tensor: { type: "double" as const, shape: [1], data: [1] } };
  return graph.node("ConstantOfShape", [graph.node("Shape", [like])], { attributes: { value } });
}

function power({ graph, inputs }: Step, transformer: PowerTransformer): string[] {
  const { tensors } = transformer.getState();
  const [powers, offset, scale] = [tensors.power.data, tensors.offset.data, tensors.scale.data];
  const raise = transformer.params.method === "boxCox" ? boxCox : yeoJohnson;
  return inputs.map(({ value }, i) => {
    const moved = graph.node("Sub", [raise(graph, value, powers[i]), constant(graph, offset[i])]);
    return graph.node("Div", [moved, constant(graph, scale[i])]);
  });
}

function boxCox(graph: OnnxGraph, value: string, by: number): string {
  const isPositive = graph.node("Greater", [value, constant(graph, 0)]);
  const bent = bend(graph, graph.node("Log", [value]), by);
  return graph.node("Where", [isPositive, bent, constant(graph, Number.NaN)]);
}

function yeoJohnson(graph: OnnxGraph, value: string, by: number): string {
  const log = graph.node("Log", [graph.node("Add", [graph.node("Abs", [value]), constant(graph, 1)])]);
  const isNegative = graph.node("Less", [value, constant(graph, 0)]);
  return graph.node("Where", [isNegative, graph.node("Neg", [bend(graph, log, 2 - by)]), bend(graph, log, by)]);
}

/** Of powers this small (e^(power log) - 1) / power loses its digits, and two terms of its series have them. */
const SMALL_POWER = 1e-6;

function bend(graph: OnnxGraph, log: string, by: number): string {
  if (Math.abs(by) < SMALL_POWER) {
    const second = graph.node("Mul", [squareOf(graph, log), constant(graph, by / 2)]);
    return graph.node("Add", [log, second]);
  }
  const grown = graph.node("Exp", [graph.node("Mul", [log, constant(graph, by)])]);
  return graph.node("Div", [graph.node("Sub", [grown, constant(graph, 1)]), constant(graph, by)]);
}

function places({ graph, inputs }: Step, transformer: QuantileTransformer): string[] {
  const { tensors } = transformer.getState();
  const quantiles = pieces(tensors, "quantiles", Array.from(tensors.counts.data));
  return inputs.map(({ value }, i) => {
    if (quantiles[i].length === 0) return graph.node("Mul", [value, constant(graph, Number.NaN)]);
    const place = placeAmong(graph, value, quantiles[i]);
    return transformer.params.output === "uniform"
      ? place
      : normalPlace(graph, place, { value, quantiles: quantiles[i] });
  });
}

/** The value's place among rising quantiles, from 0 to 1; in the midst of those that it equals. */
function placeAmong(graph: OnnxGraph, value: string, quantiles: Float64Array): string {
  const last = quantiles.length - 1;
  const all = constantRow(graph, quantiles);
  const count = (operator: string) =>
    overColumns(graph, "ReduceSum", indicator(graph, graph.node(operator, [all, value])));
  const [first, above] = [count("Less"), count("LessOrEqual")];
  const at = (place: string) => {
    const whole = graph.node("Cast", [clipped(graph, place, 0, last)], { attributes: { to: { int: INT64 } } });
    return graph.node("Gather", [graph.weight({ type: "double", shape: [last + 1], data: quantiles }), whole]);
  };
  const before = graph.node("Sub", [above, constant(graph, 1)]);
  const [low, high] = [at(before), at(above)];
  const share = graph.node("Div", [graph.node("Sub", [value, low]), graph.node("Sub", [high, low])]);
  const between = graph.node("Add", [before, share]);
  const midst = graph.node("Mul", [graph.node("Add", [first, before]), constant(graph, 0.5)]);
  const isMet = graph.node("Less", [first, above]);
  const inside = graph.node("Div", [graph.node("Where", [isMet, midst, between]), constant(graph, Math.max(1, last))]);
  const isLeast = graph.node("LessOrEqual", [value, constant(graph, quantiles[0])]);
  const isMost = graph.node("GreaterOrEqual", [value, constant(graph, quantiles[last])]);
  const upper = graph.node("Where", [isMost, constant(graph, 1), inside]);
  return graph.node("Where", [isLeast, constant(graph, 0), upper]);
}

/** As QuantileTransformer has it: how far outside the quantiles a value counts as at their ends. */
const EDGE = 1e-7;

function normalPlace(
  graph: OnnxGraph,
  place: string,
  { value, quantiles }: { value: string; quantiles: Float64Array },
): string {
  const largest = normalQuantile(1 - EDGE);
  const moved = (by: number) => graph.node("Add", [value, constant(graph, by)]);
  const isLow = graph.node("Less", [moved(-EDGE), constant(graph, quantiles[0])]);
  const isHigh = graph.node("Greater", [moved(EDGE), constant(graph, quantiles[quantiles.length - 1])]);
  const inside = clipped(graph, quantileOf(graph, place), -largest, largest);
  const upper = graph.node("Where", [isHigh, constant(graph, largest), inside]);
  return graph.node("Where", [isLow, constant(graph, -largest), upper]);
}

/** `normalQuantile` of shares between 0 and 1. */
function quantileOf(graph: OnnxGraph, share: string): string {
  const plus = (value: string, by: number) => graph.node("Add", [value, constant(graph, by)]);
  const q = plus(share, -0.5);
  const isLow = graph.node("Less", [q, constant(graph, 0)]);
  const tail = graph.node("Where", [isLow, share, graph.node("Sub", [constant(graph, 1), share])]);
  const r = graph.node("Sqrt", [graph.node("Neg", [graph.node("Log", [tail])])]);
  const isSide = graph.node("LessOrEqual", [r, constant(graph, 5)]);
  const size = graph.node("Where", [isSide, ratio(graph, plus(r, -1.6), SIDES), ratio(graph, plus(r, -5), TAILS)]);
  const outer = graph.node("Where", [isLow, graph.node("Neg", [size]), size]);
  const square = graph.node("Sub", [constant(graph, 0.180625), squareOf(graph, q)]);
  const inner = graph.node("Mul", [q, ratio(graph, square, CENTRE)]);
  const isInner = graph.node("LessOrEqual", [graph.node("Abs", [q]), constant(graph, 0.425)]);
  return graph.node("Where", [isInner, inner, outer]);
}

function ratio(graph: OnnxGraph, r: string, [above, below]: typeof CENTRE): string {
  const [numerator, denominator] = [above, below].map((coefficients) =>
    coefficients
      .toReversed()
      .map((coefficient) => constant(graph, coefficient))
      .reduce((sum, next) => graph.node("Add", [graph.node("Mul", [sum, r]), next])),
  );
  return graph.node("Div", [numerator, denominator]);
}

function normalize({ graph, inputs }: Step, { params: { norm } }: Normalizer): string[] {
  const sizes = graph.node("Abs", [
    joinColumns(
      graph,
      inputs.map(({ value }) => ({ value: filled(graph, value, 0) })),
    ),
  ]);
  const size =
    norm === "l2"
      ? graph.node("Sqrt", [overColumns(graph, "ReduceSum", squareOf(graph, sizes))])
      : overColumns(graph, norm === "l1" ? "ReduceSum" : "ReduceMax", sizes);
  const isSome = graph.node("Greater", [size, constant(graph, 0)]);
  const divisor = graph.node("Where", [isSome, size, constant(graph, 1)]);
  return inputs.map(({ value }) => graph.node("Div", [value, divisor]));
}

function binarize({ graph, inputs }: Step, { params: { threshold } }: Binarizer): string[] {
  return inputs.map(({ value }) => {
    const above = indicator(graph, graph.node("Greater", [value, constant(graph, threshold)]));
    return graph.node("Where", [graph.node("IsNaN", [value]), value, above]);
  });
}

/** The cosine is the sine a quarter further on, of which ONNX Runtime has double precision. */
function cycle({ graph, inputs }: Step, { params: { period } }: CyclicFeatures): string[] {
  return inputs.flatMap(({ value }) => {
    const angle = graph.node("Mul", [value, constant(graph, (2 * Math.PI) / period)]);
    const further = graph.node("Add", [angle, constant(graph, Math.PI / 2)]);
    return [graph.node("Sin", [angle]), graph.node("Sin", [further])];
  });
}

/** Of each code so many numbers, those of a missing value last. */
function lookUpNumbers({ graph, inputs }: Step, transformer: Transformer): string[] {
  const { tensors } = transformer.getState();
  const width = inputs.length === 0 ? 0 : transformer.outputs().length / inputs.length;
  const counts = inputs.map((input) => (input.kind === "category" ? input.categories.length : 0) + 1);
  const tables = pieces(
    tensors,
    "numbers",
    counts.map((count) => count * width),
  );
  return inputs.flatMap(({ value }, i) => columnsOf(graph, rowsAt(graph, value, { table: tables[i], width }), width));
}

/** The rows of a table at codes [n, 1], the last one where the code is missing: [n, width]. */
function rowsAt(graph: OnnxGraph, codes: string, { table, width }: { table: Float64Array; width: number }): string {
  const code = filled(graph, codes, table.length / width - 1);
  const at = graph.node("Cast", [code], { attributes: { to: { int: INT64 } } });
  const flat = graph.node("Reshape", [at, wholes(graph, -1)]);
  return graph.node("Gather", [constantMatrix(graph, table, width), flat]);
}

/** B-splines by the recurrence of Cox and de Boor, all of a column side by side. */
function splines({ graph, inputs }: Step, transformer: SplineTransformer): string[] {
  const { knots, degree, includeBias } = transformer.params;
  const width = knots + degree - (includeBias ? 1 : 2);
  const all = pieces(
    transformer.getState().tensors,
    "knots",
    inputs.map(() => knots + 2 * degree),
  );
  return inputs.flatMap(({ value }, i) => {
    const own = all[i];
    const x = clipped(graph, value, own[degree], own[degree + knots - 1]);
    let curves = spans(graph, x, { own, first: degree, count: knots - 1 });
    for (let level = 1; level <= degree; level++) curves = raised(graph, curves, { x, own, level });
    return columnsOf(graph, curves, width);
  });
}

/** 1 for the span that `x` lies in, [n, knots - 1]; of spans, those without length hold nothing. */
function spans(
  graph: OnnxGraph,
  x: string,
  { own, first, count }: { own: Float64Array; first: number; count: number },
): string {
  const real = Array.from({ length: count }, (_, s) => first + s).filter((s) => own[s] !== own[s + 1]);
  if (real.length === 0) real.push(first);
  const begins = Float64Array.from({ length: own.length - 1 }, () => Infinity);
  const ends = begins.slice();
  for (const [i, s] of real.entries()) {
    begins[s] = i === 0 ? Number.NEGATIVE_INFINITY : own[s];
    ends[s] = i + 1 < real.length ? own[real[i + 1]] : Infinity;
  }
  const isBegun = graph.node("GreaterOrEqual", [x, constantRow(graph, begins)]);
  const isLeft = graph.node("Less", [x, constantRow(graph, ends)]);
  return indicator(graph, graph.node("And", [isBegun, isLeft]));
}

/** From curves of one degree to those of the next, one fewer. */
function raised(
  graph: OnnxGraph,
  curves: string,
  { x, own, level }: { x: string; own: Float64Array; level: number },
): string {
  const count = own.length - 1 - level;
  const over = (length: number) => (length === 0 ? 0 : 1 / length);
  const rising = Float64Array.from({ length: count }, (_, i) => over(own[i + level] - own[i]));
  const falling = Float64Array.from({ length: count }, (_, i) => over(own[i + level + 1] - own[i + 1]));
  const starts = Float64Array.from({ length: count }, (_, i) => own[i]);
  const ends = Float64Array.from({ length: count }, (_, i) => own[i + level + 1]);
  const part = (from: number) => {
    const chosen = wholes(graph, ...Array.from({ length: count }, (_, i) => from + i));
    return graph.node("Gather", [curves, chosen], { attributes: { axis: { int: 1 } } });
  };
  const times = (...values: string[]) => values.reduce((product, value) => graph.node("Mul", [product, value]));
  const up = times(part(0), graph.node("Sub", [x, constantRow(graph, starts)]), constantRow(graph, rising));
  const down = times(part(1), graph.node("Sub", [constantRow(graph, ends), x]), constantRow(graph, falling));
  return graph.node("Add", [up, down]);
}

/** Categories are hashed here: the graph looks their places up. */
function hash({ graph, inputs }: Step, transformer: FeatureHasher): string[] {
  const { features, signed } = transformer.params;
  const parts = inputs.map((input) => {
    const categories = input.kind === "category" ? input.categories : [];
    const table = new Float64Array((categories.length + 1) * features);
    for (const [code, category] of categories.entries()) {
      const { place, sign } = placeOf(`${input.name}=${category}`, features);
      table[code * features + place] = signed ? sign : 1;
    }
    return rowsAt(graph, input.value, { table, width: features });
  });
  return columnsOf(
    graph,
    parts.reduce((sum, one) => graph.node("Add", [sum, one])),
    features,
  );
}
