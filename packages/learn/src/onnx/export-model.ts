// A fitted pipeline as one ONNX file that other runtimes can run: one input per column, all steps and the estimator as
// standard operators. What has no operators is refused by name.
import type { Estimator } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import type { ColumnSchema } from "../base/table.ts";
import { type FittedPipeline, replaceColumns } from "../compose/pipeline.ts";
import { LinearClassifier } from "../linear/linear-classifier.ts";
import { LinearRegressor } from "../matrix/linear-regressor.ts";
import { TreeEstimator } from "../tree/tree-model.ts";
import { constant, DOUBLE, FLOAT, type GraphColumn } from "./columns.ts";
import { bothShares, exportScores, probabilitiesOf } from "./export-linear.ts";
import { exportStep } from "./export-steps.ts";
import { exportTrees } from "./export-trees.ts";
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
 * outputs `prediction` [n, 1], or `label` [n] and `probabilities` [n, classes]. Throws ParamError for a step, an
 * estimator or a column that has no operators.
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
  const scores = estimatorScores(graph, estimator, columns);
  const free = outputNames(input);
  if (output.kind === "class") classOutputs(graph, scores, { classes: output.classes, numbers, free });
  else {
    const type = numbers === "float" ? FLOAT : DOUBLE;
    graph.node("Cast", [scores], { attributes: { to: { int: type } }, names: [free("prediction")] });
    graph.output(free("prediction"), numbers, ["n", 1]);
  }
  return graph.finish();
}

// Internal

const EXPORTABLE =
  "linear and logistic regression, gradient descent, decision trees, random forests and gradient boosting";

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

/** Whether it predicts as its family does: a member may have a prediction of its own. */
function isPlain(estimator: Estimator, { prototype }: { readonly prototype: Estimator }): boolean {
  return estimator.predict === prototype.predict && estimator.compileRow === prototype.compileRow;
}

/** What the estimator gives: [n, 1] numbers, or [n, classes] probabilities. */
function estimatorScores(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  if (isPlain(estimator, LinearRegressor)) {
    const scores = exportScores(graph, estimator, columns);
    return estimator.getState().meta.link === "log" ? graph.node("Exp", [scores]) : scores;
  }
  if (isPlain(estimator, LinearClassifier)) {
    const classes = (estimator.getState().meta.classes as readonly string[]).length;
    return probabilitiesOf(graph, exportScores(graph, estimator, columns), classes);
  }
  if (isPlain(estimator, TreeEstimator)) return treeScores(graph, estimator, columns);
  throw new ParamError("estimator", `${estimator.spec.name} cannot be exported to ONNX; these can: ${EXPORTABLE}`);
}

function treeScores(graph: OnnxGraph, estimator: Estimator, columns: readonly GraphColumn[]): string {
  const { sums, trees, outputs, mean } = exportTrees(graph, estimator, columns);
  const { meta } = estimator.getState();
  const classes = meta.classes as readonly string[] | null;
  if (meta.combination === "exponential") return graph.node("Exp", [sums]);
  const shares = mean ? graph.node("Div", [sums, constant(graph, trees)]) : sums;
  if (classes === null) return shares;
  if (classes.length < 2)
    throw new ParamError("estimator", `${estimator.spec.name} knows one class only: "${classes}"`);
  if (!mean) return probabilitiesOf(graph, shares, classes.length);
  return outputs === 1 ? bothShares(graph, shares) : shares;
}

function classOutputs(
  graph: OnnxGraph,
  shares: string,
  { classes, numbers, free }: { classes: readonly string[]; numbers: "float" | "double"; free(name: string): string },
): void {
  const names = graph.weight({ type: "string", shape: [classes.length], data: classes });
  const best = graph.node("ArgMax", [shares], { attributes: { axis: { int: 1 }, keepdims: { int: 0 } } });
  graph.node("Gather", [names, best], { names: [free("label")] });
  graph.output(free("label"), "string", ["n"]);
  const to = { int: numbers === "float" ? FLOAT : DOUBLE };
  graph.node("Cast", [shares], { attributes: { to }, names: [free("probabilities")] });
  graph.output(free("probabilities"), numbers, ["n", classes.length]);
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
