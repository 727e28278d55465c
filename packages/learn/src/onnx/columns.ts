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
