// Neighbours: distances to all remembered rows, of which the nearest, or those within a radius, are weighed.
import type { Estimator, TensorData } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { KNeighborsClassifier } from "../neighbors/k-neighbors-classifier.ts";
import type { KNeighborsRegressor } from "../neighbors/k-neighbors-regressor.ts";
import { LEAST_REACH } from "../neighbors/local-outlier-factor.ts";
import { metricOf, placed } from "../neighbors/metric.ts";
import type { RadiusNeighborsClassifier } from "../neighbors/radius-neighbors-classifier.ts";
import type { RadiusNeighborsRegressor } from "../neighbors/radius-neighbors-regressor.ts";
import {
  columnAt,
  constant,
  constantMatrix,
  constantRow,
  type GraphColumn,
  indicator,
  joinColumns,
  joined,
  overColumns,
  wholes,
} from "./columns.ts";
import { overDifferences, squaredDistances, squareOf } from "./differences.ts";
import type { OnnxGraph } from "./graph.ts";

type Nearest = KNeighborsClassifier | KNeighborsRegressor;
type Within = RadiusNeighborsClassifier | RadiusNeighborsRegressor;

/** What the k nearest rows are, by their weights. */
export function exportNearest(graph: OnnxGraph, estimator: Nearest, columns: readonly GraphColumn[]): string {
  const { k, weights, algorithm } = estimator.params;
  if (algorithm === "hnsw") {
    const cure = "what it finds is near the exact answer but not the same; train with another `algorithm`";
    throw new ParamError("estimator", `${estimator.spec.name} by hnsw cannot be exported to ONNX: ${cure}`);
  }
  const measured = measure(graph, estimator, columns);
  const { ranks, places } = nearest(graph, measured.ranks, k);
  const shares = weights === "uniform" ? undefined : byDistance(graph, measured.distanceOf(ranks));
  const { table, width } = answersOf(graph, estimator);
  const found = graph.node("Gather", [table, places]);
  const weighed =
    shares === undefined
      ? graph.node("Div", [found, constant(graph, k)])
      : graph.node("Mul", [found, graph.node("Unsqueeze", [shares, wholes(graph, 2)])]);
  const sums = graph.node("ReduceSum", [weighed, wholes(graph, 1)], { attributes: { keepdims: { int: 0 } } });
  return graph.node("Reshape", [sums, wholes(graph, -1, width)]);
}

/** What the rows within the radius are, by their weights; without any, all rows. */
export function exportWithin(graph: OnnxGraph, estimator: Within, columns: readonly GraphColumn[]): string {
  const { radius, weights } = estimator.params;
  const { ranks, distanceOf, rankOf } = measure(graph, estimator, columns);
  const isNear = graph.node("LessOrEqual", [ranks, constant(graph, rankOf(radius))]);
  const near = indicator(graph, isNear);
  const own = weights === "uniform" ? near : inverseWeights(graph, distanceOf(ranks), near);
  const { table, mean } = answersOf(graph, estimator);
  const sums = graph.node("MatMul", [own, table]);
  const total = overColumns(graph, "ReduceSum", own);
  const count = overColumns(graph, "ReduceSum", near);
  const isAlone = graph.node("Equal", [count, constant(graph, 0)]);
  return graph.node("Where", [isAlone, constantRow(graph, mean), graph.node("Div", [sums, total])]);
}

/** The density of the nearest rows over the row's own, less the threshold. */
export function exportLocalFactor(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { tensors, meta } = estimator.getState();
  const values = columns.map(({ value }) => value);
  const squares = squaredDistances(graph, values, { values: tensors.points.data, columns: columns.length });
  const { ranks, places } = nearest(graph, squares, meta.k as number);
  const listed = (data: ArrayLike<number>) =>
    graph.node("Gather", [graph.weight({ type: "double", shape: [data.length], data }), places]);
  const mean = (value: string) => overColumns(graph, "ReduceMean", value);
  const reach = graph.node("Max", [graph.node("Sqrt", [ranks]), listed(tensors.reach.data)]);
  const spread = graph.node("Add", [mean(reach), constant(graph, LEAST_REACH)]);
  const factor = graph.node("Mul", [mean(listed(tensors.density.data)), spread]);
  return graph.node("Sub", [factor, constant(graph, meta.threshold as number)]);
}

// Internal

/** As the ranks by which points are compared, and distances from these. */
interface Measured {
  /** [n, points]. */
  readonly ranks: string;
  distanceOf(ranks: string): string;
  rankOf(distance: number): number;
}

function measure(graph: OnnxGraph, estimator: Nearest | Within, columns: readonly GraphColumn[]): Measured {
  const { metric: name, p } = estimator.params;
  const metric = metricOf(estimator.params);
  const { data } = estimator.getState().tensors.points;
  const d = columns.length;
  const given = columns.map(({ value }) => value);
  const points = { values: data, columns: d };
  const rankOf = (distance: number) => metric.rankOf(distance);
  const abs = (difference: string) => graph.node("Abs", [difference]);
  const power = (value: string, by: number) => graph.node("Pow", [value, constant(graph, by)]);
  if (name === "haversine") {
    throw new ParamError("estimator", `${estimator.spec.name} with the metric haversine cannot be exported to ONNX`);
  }
  if (name === "cosine") {
    const set = placed({ count: data.length / d, features: d, values: data as Float64Array }, metric);
    const values = unitColumns(graph, columns);
    const ranks = squaredDistances(graph, values, { values: set.values, columns: set.features });
    return { ranks, rankOf, distanceOf: (found) => graph.node("Div", [found, constant(graph, 2)]) };
  }
  const isEuclidean = name === "euclidean" || (name === "minkowski" && p === 2);
  if (isEuclidean) {
    const ranks = squaredDistances(graph, given, points);
    return { ranks, rankOf, distanceOf: (found) => graph.node("Sqrt", [found]) };
  }
  const isPower = name === "minkowski" && p !== 1;
  const part = isPower ? (difference: string) => power(abs(difference), p) : abs;
  const ranks = overDifferences(graph, { values: given, points, part, join: name === "chebyshev" ? "Max" : "Add" });
  return { ranks, rankOf, distanceOf: (found) => (isPower ? power(found, 1 / p) : found) };
}

/** Rows as unit vectors, those of zeros as one in a column of their own. */
function unitColumns(graph: OnnxGraph, columns: readonly GraphColumn[]): string[] {
  const rows = joinColumns(graph, columns);
  const most = overColumns(graph, "ReduceMax", graph.node("Abs", [rows]));
  const isZero = graph.node("Equal", [most, constant(graph, 0)]);
  const orZero = (value: string) => graph.node("Where", [isZero, constant(graph, 0), value]);
  const shares = orZero(graph.node("Div", [rows, most]));
  const length = graph.node("Sqrt", [overColumns(graph, "ReduceSum", squareOf(graph, shares))]);
  const units = orZero(graph.node("Div", [shares, length]));
  const all = joined(graph, [units, indicator(graph, isZero)]);
  return Array.from({ length: columns.length + 1 }, (_, j) => columnAt(graph, all, j));
}

/** The least `k` of each row, and where they are; of equal ones the first. */
function nearest(graph: OnnxGraph, all: string, k: number): { ranks: string; places: string } {
  const attributes = { axis: { int: 1 }, largest: { int: 0 }, sorted: { int: 1 } };
  const [ranks, places] = graph.nodes("TopK", [all, wholes(graph, k)], { attributes, outputs: 2 });
  return { ranks, places };
}

/** Weights that sum to 1. */
function byDistance(graph: OnnxGraph, distances: string): string {
  const all = indicator(graph, graph.node("GreaterOrEqual", [distances, constant(graph, 0)]));
  const own = inverseWeights(graph, distances, all);
  return graph.node("Div", [own, overColumns(graph, "ReduceSum", own)]);
}

/** The inverse of each distance that counts; those of 0 leave nothing for others. */
function inverseWeights(graph: OnnxGraph, distances: string, counts: string): string {
  const isExact = graph.node("Equal", [distances, constant(graph, 0)]);
  const exact = graph.node("Mul", [counts, indicator(graph, isExact)]);
  const anyExact = graph.node("Greater", [overColumns(graph, "ReduceMax", exact), constant(graph, 0)]);
  const inverse = graph.node("Div", [counts, distances]);
  return graph.node("Where", [anyExact, exact, inverse]);
}

/** What each remembered row says, [points, width], and what all say together. */
function answersOf(graph: OnnxGraph, estimator: Nearest | Within) {
  const { tensors, meta } = estimator.getState();
  const classes = meta.classes as readonly string[] | undefined;
  const width = classes?.length ?? 1;
  const values = classes === undefined ? tensors.targets.data : oneHot(tensors.codes.data, width);
  const mean = new Float64Array(width);
  for (let at = 0; at < values.length; at++) mean[at % width] += values[at];
  for (let k = 0; k < width; k++) mean[k] /= values.length / width;
  return { table: constantMatrix(graph, values, width), width, mean };
}

function oneHot(codes: TensorData, classes: number): Float64Array {
  const values = new Float64Array(codes.length * classes);
  codes.forEach((code, row) => {
    values[row * classes + code] = 1;
  });
  return values;
}
