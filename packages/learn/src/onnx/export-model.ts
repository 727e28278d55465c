// A fitted pipeline as one ONNX file that other runtimes can run: one input per column, all steps and the estimator as
// standard operators. What has no operators is refused by name.
import { ParamError } from "../base/errors.ts";
import type { ColumnSchema } from "../base/table.ts";
import { type FittedPipeline, replaceColumns } from "../compose/pipeline.ts";
import { DOUBLE, type GraphColumn } from "./columns.ts";
import { exportEstimator } from "./export-estimator.ts";
import { exportOutputs } from "./export-outputs.ts";
import { exportStep } from "./export-steps.ts";
import { OnnxGraph } from "./graph.ts";

/** How to export. */
export interface ExportOptions {
  /**
   * Type of numbers at the inputs and outputs. `float` is what most programs send; `double` takes numbers as training
   * did. Inside everything is double. Default `float`.
   */
  readonly numbers?: "float" | "double";
}

/**
 * The pipeline as an ONNX file: inputs [n, 1] by the columns' names, numbers or texts ("" or an unknown text is missing);
 * outputs `prediction` [n, 1]; `label` [n] and `probabilities` [n, classes]; `cluster` [n] and `distances` [n, clusters];
 * or `score` and `outlier` [n, 1]. Throws ParamError for a step, an estimator or a column that has no operators.
 */
export function exportOnnx(pipeline: FittedPipeline, { numbers = "float" }: ExportOptions = {}): Uint8Array {
  const { input, steps, estimator, output } = pipeline;
  const graph = new OnnxGraph(estimator.spec.name);
  let columns: readonly GraphColumn[] = input.map((column) => graphInput(graph, column, numbers));
  for (const { transformer, columns: names } of steps) {
    const byName = new Map(columns.map((column) => [column.name, column]));
    const taken = names.map((name) => byName.get(name) as GraphColumn);
    columns = replaceColumns(columns, names, exportStep(graph, transformer, taken));
  }
  const answer = exportEstimator(graph, estimator, columns);
  exportOutputs(graph, answer, { task: estimator.spec.task, output, numbers, free: outputNames(input) });
  return graph.finish();
}

// Internal

function graphInput(graph: OnnxGraph, column: ColumnSchema, numbers: "float" | "double"): GraphColumn {
  const { name, kind } = column;
  if (kind === "number") {
    const given = graph.input(name, numbers, ["n", 1]);
    const value = numbers === "double" ? given : graph.node("Cast", [given], { attributes: { to: { int: DOUBLE } } });
    return { ...column, value };
  }
  if (column.kind === "category") {
    const attributes = {
      keys_strings: { texts: column.categories },
      values_floats: { floats: column.categories.map((_, code) => code) },
      default_float: { float: Number.NaN },
    };
    const code = graph.node("LabelEncoder", [graph.input(name, "string", ["n", 1])], {
      domain: "ai.onnx.ml",
      attributes,
    });
    return { ...column, value: graph.node("Cast", [code], { attributes: { to: { int: DOUBLE } } }) };
  }
  throw new ParamError(name, `the ${kind} column "${name}" cannot be exported to ONNX; leave it out of \`features\``);
}

/** A column may have the name of an output. */
function outputNames(input: readonly ColumnSchema[]): (name: string) => string {
  const taken = new Set(input.map(({ name }) => name));
  return (name) => {
    let free = name;
    while (taken.has(free)) free += "_";
    return free;
  };
}
