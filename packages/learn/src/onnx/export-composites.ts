// Estimators made of estimators: the parts' answers side by side, and what is made of them.
import type { Estimator } from "../base/component.ts";
import type { CrossCalibrated } from "../meta/calibrated.ts";
import { type Curve, LEAST } from "../meta/calibration.ts";
import type { StackOfClassifiers, StackOfRegressors } from "../meta/stacking.ts";
import { MeanOfRegressors, type VoteOfClassifiers } from "../meta/voting.ts";
import {
  clipped,
  columnAt,
  constant,
  constantMatrix,
  constantRow,
  type GraphColumn,
  INT64,
  indicator,
  joined,
  overColumns,
} from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";
import { bothShares } from "./shares.ts";

/** How a part is exported. */
export type ExportPart = (graph: OnnxGraph, part: Estimator, columns: readonly GraphColumn[]) => string;

/** The weighed mean of the parts' answers, or of their votes. */
export function exportVoting(
  graph: OnnxGraph,
  estimator: MeanOfRegressors | VoteOfClassifiers,
  { columns, exportPart }: { columns: readonly GraphColumn[]; exportPart: ExportPart },
): string {
  const shares = estimator.shares();
  const isHard = !(estimator instanceof MeanOfRegressors) && estimator.params.voting === "hard";
  const weighed = estimator.parts.map((part, i) => {
    const answer = exportPart(graph, part, columns);
    const own = isHard ? voteOf(graph, answer, classesOf(estimator)) : answer;
    return graph.node("Mul", [own, constant(graph, shares[i])]);
  });
  return weighed.reduce((sum, one) => graph.node("Add", [sum, one]));
}

/** What the last estimator makes of the others' answers. */
export function exportStacking(
  graph: OnnxGraph,
  estimator: StackOfRegressors | StackOfClassifiers,
  { columns, exportPart }: { columns: readonly GraphColumn[]; exportPart: ExportPart },
): string {
  const { last, parts } = estimator;
  const width = Math.max(1, classesOf(estimator));
  const answers = parts.map((part) => exportPart(graph, part, columns));
  const figures = last.figures.map((figure): GraphColumn => {
    const value = columnAt(graph, answers[Math.floor(figure / width)], figure % width);
    return { name: `figure ${figure}`, kind: "number", value };
  });
  return exportPart(graph, last.estimator, [...figures, ...last.columns.map((at) => columns[at])]);
}

/** The mean of the parts' probabilities, each calibrated by its own curves. */
export function exportCalibrated(
  graph: OnnxGraph,
  estimator: CrossCalibrated,
  { columns, exportPart }: { columns: readonly GraphColumn[]; exportPart: ExportPart },
): string {
  const { parts, curves, params } = estimator;
  const classes = classesOf(estimator);
  const calibrated = parts.map((part, i) => {
    const answer = exportPart(graph, part, columns);
    const scores = params.scale === "logOdds" ? logOdds(graph, answer) : answer;
    const own = curves[i].length === 1 ? [1] : curves[i].map((_, k) => k);
    const heights = own.map((k, curve) => heightOf(graph, columnAt(graph, scores, k), curves[i][curve]));
    return curves[i].length === 1 ? bothShares(graph, heights[0]) : sharesOf(graph, joined(graph, heights), classes);
  });
  const sum = calibrated.reduce((all, one) => graph.node("Add", [all, one]));
  return graph.node("Div", [sum, constant(graph, parts.length)]);
}

// Internal

function classesOf(estimator: Estimator): number {
  return (estimator.getState().meta.classes as readonly string[]).length;
}

/** 1 for the class of the largest probability, the first of equal ones. */
function voteOf(graph: OnnxGraph, shares: string, classes: number): string {
  const best = graph.node("ArgMax", [shares], { attributes: { axis: { int: 1 }, keepdims: { int: 1 } } });
  const all = graph.weight({ type: "int64", shape: [1, classes], data: Array.from({ length: classes }, (_, k) => k) });
  const chosen = graph.node("Equal", [graph.node("Cast", [best], { attributes: { to: { int: INT64 } } }), all]);
  return indicator(graph, chosen);
}

function logOdds(graph: OnnxGraph, probabilities: string): string {
  const bounded = clipped(graph, probabilities, LEAST, 1 - LEAST);
  return graph.node("Log", [graph.node("Div", [bounded, graph.node("Sub", [constant(graph, 1), bounded])])]);
}

/** A curve's height at scores [n, 1]. */
function heightOf(graph: OnnxGraph, scores: string, curve: Curve): string {
  if ("slope" in curve) {
    const power = graph.node("Add", [
      graph.node("Mul", [scores, constant(graph, curve.slope)]),
      constant(graph, curve.offset),
    ]);
    return graph.node("Sigmoid", [graph.node("Neg", [power])]);
  }
  const { xs, ys } = curve;
  const steps = xs.length - 1;
  // A level curve has a single corner; as many steps of no height do no harm.
  const [begins, lengths, rises] = [
    steps === 0 ? [0] : Array.from({ length: steps }, (_, i) => xs[i]),
    steps === 0 ? [1] : Array.from({ length: steps }, (_, i) => xs[i + 1] - xs[i]),
    steps === 0 ? [0] : Array.from({ length: steps }, (_, i) => ys[i + 1] - ys[i]),
  ];
  const along = graph.node("Div", [
    graph.node("Sub", [scores, constantRow(graph, begins)]),
    constantRow(graph, lengths),
  ]);
  const risen = graph.node("MatMul", [clipped(graph, along, 0, 1), constantMatrix(graph, rises, 1)]);
  return clipped(graph, graph.node("Add", [risen, constant(graph, ys[0])]), 0, 1);
}

/** Shares of the row's sum; where it is 0, all alike. */
function sharesOf(graph: OnnxGraph, heights: string, classes: number): string {
  const sum = overColumns(graph, "ReduceSum", heights);
  const isNone = graph.node("Equal", [sum, constant(graph, 0)]);
  return graph.node("Where", [isNone, constant(graph, 1 / classes), graph.node("Div", [heights, sum])]);
}
