// What an exported model gives, under the names that its task has.
import type { Task } from "../base/component.ts";
import type { OutputSchema } from "../compose/target.ts";
import { constant, DOUBLE, FLOAT } from "./columns.ts";
import type { ElementName, OnnxGraph } from "./graph.ts";

/** What names and types outputs. */
export interface OutputOptions {
  readonly task: Task;
  readonly output: OutputSchema;
  readonly numbers: "float" | "double";
  /** A name that no input has. */
  free(name: string): string;
}

/** Makes the outputs of an estimator's answer: `prediction`; `label` and `probabilities`; `cluster` and `distances`; `score` and `outlier`. */
export function exportOutputs(graph: OnnxGraph, answer: string, options: OutputOptions): void {
  const { task, output, numbers, free } = options;
  const give = (name: string, width: number) => {
    graph.node("Cast", [answer], {
      attributes: { to: { int: numbers === "float" ? FLOAT : DOUBLE } },
      names: [free(name)],
    });
    graph.output(free(name), numbers, ["n", width]);
  };
  const tell = (name: string, type: ElementName, shape: readonly (string | number)[], [operator, inputs]: Telling) => {
    graph.node(operator, inputs, { names: [free(name)] });
    graph.output(free(name), type, shape);
  };
  const bestOf = (operator: string) =>
    graph.node(operator, [answer], { attributes: { axis: { int: 1 }, keepdims: { int: 0 } } });
  if (output.kind === "class") {
    const { classes } = output;
    const names = graph.weight({ type: "string", shape: [classes.length], data: classes });
    tell("label", "string", ["n"], ["Gather", [names, bestOf("ArgMax")]]);
    give("probabilities", classes.length);
  } else if (output.kind === "cluster") {
    tell("cluster", "int64", ["n"], ["Identity", [bestOf("ArgMin")]]);
    give("distances", output.clusters);
  } else if (task === "outliers") {
    give("score", 1);
    tell("outlier", "bool", ["n", 1], ["Greater", [answer, constant(graph, 0)]]);
  } else give("prediction", 1);
}

// Internal

type Telling = readonly [operator: string, inputs: readonly string[]];
