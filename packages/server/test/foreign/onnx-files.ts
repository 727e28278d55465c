// Small ONNX files for tests, good and bad.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { OnnxGraph } from "@massif/learn";

const here = createRequire(import.meta.url);

/** y = 2x + 1, over [batch, 3]. */
export function lineFile(): Uint8Array {
  const graph = new OnnxGraph("line");
  const x = graph.input("x", "float", ["batch", 3]);
  const two = graph.weight({ type: "float", shape: [1], data: [2] });
  const one = graph.weight({ type: "float", shape: [1], data: [1] });
  graph.node("Add", [graph.node("Mul", [x, two]), one], { names: ["y"] });
  graph.output("y", "float", ["batch", 3]);
  return graph.finish();
}

/** Gives each input back: one tensor of every kind JSON has a word for. */
export function echoFile(): Uint8Array {
  const graph = new OnnxGraph("echo");
  for (const type of ["float", "double", "int64", "bool", "string"] as const) {
    const value = graph.input(`${type} in`, type, ["n"]);
    graph.node("Identity", [value], { names: [`${type} out`] });
    graph.output(`${type} out`, type, ["n"]);
  }
  return graph.finish();
}

/** A graph of one node. */
export function nodeFile(operator: string, domain = ""): Uint8Array {
  const graph = new OnnxGraph("one node");
  graph.node(operator, [graph.input("x", "float", [4])], { domain, names: ["y"] });
  graph.output("y", "float", [4]);
  return graph.finish();
}

/** Allocates `elements` floats whatever it is given. */
export function hungryFile(elements: number): Uint8Array {
  const graph = new OnnxGraph("hungry");
  const x = graph.input("x", "float", [1]);
  const shape = graph.weight({ type: "int64", shape: [1], data: [elements] });
  graph.node("ReduceSum", [graph.node("Expand", [x, shape])], { names: ["y"] });
  graph.output("y", "float", [1]);
  return graph.finish();
}

/** A file of an installed package. */
export function packageFile(name: string, path: string): string {
  return join(dirname(here.resolve(`${name}/package.json`)), path);
}

/** Silero VAD, version 5 (snakers4/silero-vad, MIT). */
export const SILERO = readFileSync(packageFile("@ricky0123/vad-web", "dist/silero_vad_v5.onnx"));

/** A model whose only weight is said to be in the file at `location`. */
export function externalFile(location: string): Uint8Array {
  const weight = [
    field(1, 4),
    field(2, 1),
    field(8, "w"),
    field(13, [field(1, "location"), field(2, location)]),
    field(14, 1),
  ];
  const value = (name: string) => [
    field(1, name),
    field(2, [field(1, [field(1, 1), field(2, [field(1, [field(1, 4)])])])]),
  ];
  const node = [field(1, "x"), field(1, "w"), field(2, "y"), field(4, "Add")];
  const graph = [field(1, node), field(2, "g"), field(5, weight), field(11, value("x")), field(12, value("y"))];
  return Buffer.concat([field(1, 9), field(7, graph), field(8, [field(1, ""), field(2, 20)])]);
}

/** A file of an IR version and an operator set of the standard domain, otherwise fine. */
export function versionedFile(ir: number, opset: number): Uint8Array {
  const value = (name: string) => [
    field(1, name),
    field(2, [field(1, [field(1, 1), field(2, [field(1, [field(1, 4)])])])]),
  ];
  const graph = [
    field(1, [field(1, "x"), field(2, "y"), field(4, "Relu")]),
    field(2, "g"),
    field(11, value("x")),
    field(12, value("y")),
  ];
  return Buffer.concat([field(1, ir), field(7, graph), field(8, [field(1, ""), field(2, opset)])]);
}

// Internal

/** A field of a protobuf message: a small number, a text, or a message of fewer than 16384 bytes. */
function field(number: number, value: number | string | readonly Buffer[]): Buffer {
  if (typeof value === "number") return Buffer.from([number * 8, value]);
  const body = typeof value === "string" ? Buffer.from(value) : Buffer.concat(value);
  return Buffer.concat([Buffer.from([number * 8 + 2, (body.length & 0x7f) | 0x80, body.length >> 7]), body]);
}
