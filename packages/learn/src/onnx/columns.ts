// The columns of a pipeline as values of a graph under construction. As in a row frame, a category is its code and
// missing is NaN; everything is computed in double precision, [n, 1] per column.
import type { ColumnSchema } from "../base/table.ts";
import type { OnnxGraph } from "./graph.ts";

/** A column: what it holds, and the name of its value in the graph. */
export type GraphColumn = ColumnSchema & { readonly value: string };

/** A constant of one number, to be broadcast. */
export function constant(graph: OnnxGraph, value: number): string {
  return graph.weight({ type: "double", shape: [1], data: [value] });
}

/** A constant row, to be broadcast over rows: [1, length]. */
export function constantRow(graph: OnnxGraph, data: ArrayLike<number>): string {
  return graph.weight({ type: "double", shape: [1, data.length], data });
}

/** A constant matrix of so many columns, from numbers that lie row after row. */
export function constantMatrix(graph: OnnxGraph, data: ArrayLike<number>, columns: number): string {
  return graph.weight({ type: "double", shape: [data.length / columns, columns], data });
}

/** As `constantMatrix` of numbers whose rows are the matrix's columns. */
export function constantTransposed(graph: OnnxGraph, data: ArrayLike<number>, rows: number): string {
  const columns = data.length / rows;
  const turned = Float64Array.from({ length: data.length }, (_, at) => {
    return data[(at % columns) * rows + Math.floor(at / columns)];
  });
  return constantMatrix(graph, turned, columns);
}

/** Columns side by side: [n, columns]. */
export function joinColumns(graph: OnnxGraph, columns: readonly Pick<GraphColumn, "value">[]): string {
  return joined(
    graph,
    columns.map(({ value }) => value),
  );
}

/** Values side by side. */
export function joined(graph: OnnxGraph, values: readonly string[]): string {
  return values.length === 1 ? values[0] : graph.node("Concat", values, { attributes: { axis: { int: 1 } } });
}

/** Column number `place` of a value [n, columns]: [n, 1]. */
export function columnAt(graph: OnnxGraph, value: string, place: number): string {
  return graph.node("Gather", [value, wholes(graph, place)], { attributes: { axis: { int: 1 } } });
}

/** All columns of a value [n, count], each [n, 1]. */
export function columnsOf(graph: OnnxGraph, value: string, count: number): string[] {
  return Array.from({ length: count }, (_, place) => columnAt(graph, value, place));
}

/** A constant list of whole numbers: places, axes, extents. */
export function wholes(graph: OnnxGraph, ...data: number[]): string {
  return graph.weight({ type: "int64", shape: [data.length], data });
}

/** The value, but never below `low` nor above `high`. */
export function clipped(graph: OnnxGraph, value: string, low: number, high: number): string {
  const bounds = [low, high].map((bound) => graph.weight({ type: "double", shape: [], data: [bound] }));
  return graph.node("Clip", [value, ...bounds]);
}

/** What `operator` (ReduceSum, ReduceMax, ...) makes of each row: [n, 1]. */
export function overColumns(graph: OnnxGraph, operator: string, value: string): string {
  return graph.node(operator, [value, wholes(graph, 1)]);
}

/** The value where it is not missing, else `fill`. */
export function filled(graph: OnnxGraph, value: string, fill: number): string {
  return graph.node("Where", [graph.node("IsNaN", [value]), constant(graph, fill), value]);
}

/** 1 where the condition holds, else 0. */
export function indicator(graph: OnnxGraph, condition: string): string {
  return graph.node("Cast", [condition], { attributes: { to: { int: DOUBLE } } });
}

/** The table's number at each code; the last one where the code is missing. */
export function lookUp(graph: OnnxGraph, codes: string, table: ArrayLike<number>): string {
  const data = graph.weight({ type: "double", shape: [table.length], data: table });
  const places = graph.node("Cast", [filled(graph, codes, table.length - 1)], { attributes: { to: { int: INT64 } } });
  return graph.node("Gather", [data, places]);
}

/** TensorProto.DataType of the types that values are cast to. */
export const DOUBLE = 11;
export const FLOAT = 1;
export const INT64 = 7;
