// Sums over columns of what differences to points come to, in the order in which the estimators here add them up: one
// [n, points] value per column, so that memory does not grow with the product of rows, points and columns.
import { constant, constantRow, overColumns } from "./columns.ts";
import type { OnnxGraph } from "./graph.ts";

/** Points in the space of the columns. */
export interface Points {
  /** Points × columns, row-major. */
  readonly values: ArrayLike<number>;
  readonly columns: number;
}

/** What a difference in column `j` comes to, given its value [n, points]. */
export type Part = (difference: string, j: number) => string;

/** From every row, whose columns are `values` [n, 1], to every point: [n, points]. */
export function overDifferences(
  graph: OnnxGraph,
  {
    values: rows,
    points,
    part,
    join = "Add",
  }: { values: readonly string[]; points: Points; part: Part; join?: string },
): string {
  const count = points.values.length / points.columns;
  const parts = rows.map((row, j) => {
    const own = Float64Array.from({ length: count }, (_, i) => points.values[i * points.columns + j]);
    return part(graph.node("Sub", [row, constantRow(graph, own)]), j);
  });
  return parts.reduce((sum, one) => graph.node(join, [sum, one]));
}

/** The squared Euclidean distances. */
export function squaredDistances(graph: OnnxGraph, values: readonly string[], points: Points): string {
  return overDifferences(graph, { values, points, part: (difference) => squareOf(graph, difference) });
}

/** The value times itself. */
export function squareOf(graph: OnnxGraph, value: string): string {
  return graph.node("Mul", [value, value]);
}

/** |L⁻¹ (row - centre)|² of each row [n, columns], L a lower triangle, row-major: [n, 1]. */
export function whitenedSquare(
  graph: OnnxGraph,
  rows: string,
  { centre, root }: { readonly centre: ArrayLike<number>; readonly root: ArrayLike<number> },
): string {
  return alongSquare(graph, rows, { centre, axes: inverseOfLower(root, centre.length) });
}

/** |A (row - centre)|² of each row [n, columns], A row-major: [n, 1]. */
export function alongSquare(
  graph: OnnxGraph,
  rows: string,
  { centre, axes }: { readonly centre: ArrayLike<number>; readonly axes: ArrayLike<number> },
): string {
  const d = centre.length;
  const turned = Float64Array.from({ length: d * d }, (_, at) => axes[(at % d) * d + Math.floor(at / d)]);
  const matrix = graph.weight({ type: "double", shape: [d, d], data: turned });
  const along = graph.node("MatMul", [graph.node("Sub", [rows, constantRow(graph, centre)]), matrix]);
  return overColumns(graph, "ReduceSum", squareOf(graph, along));
}

/** `factor` times the value, plus `offset` by column. */
export function scaledPlus(graph: OnnxGraph, value: string, factor: number, offset: ArrayLike<number>): string {
  return graph.node("Add", [graph.node("Mul", [value, constant(graph, factor)]), constantRow(graph, offset)]);
}

// Internal

/** By forward substitution of each unit vector. */
function inverseOfLower(root: ArrayLike<number>, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    for (let i = k; i < d; i++) {
      let rest = i === k ? 1 : 0;
      for (let j = k; j < i; j++) rest -= root[i * d + j] * inverse[j * d + k];
      inverse[i * d + k] = rest / root[i * d + i];
    }
  }
  return inverse;
}
