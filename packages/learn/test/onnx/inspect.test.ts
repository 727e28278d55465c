// Reading ONNX files that nobody can trust: what they say is told, what is wrong is named, nothing is believed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModelFileError } from "../../src/model/model-file-error.ts";
import { OnnxGraph } from "../../src/onnx/graph.ts";
import { inspectOnnx } from "../../src/onnx/inspect.ts";
import { WireWriter } from "../../src/onnx/wire.ts";

/** A graph of one node with a weight; `change` adds fields to the graph. */
function fileWith(change: (graph: WireWriter) => void, times = 1): Uint8Array {
  const graph = new WireWriter().message(1, new WireWriter().text(1, "x").text(2, "y").text(4, "Relu"));
  graph.message(12, new WireWriter().text(1, "y"));
  change(graph);
  const file = new WireWriter().integer(1, 9);
  for (let i = 0; i < times; i++) file.message(7, graph);
  return file.message(8, new WireWriter().text(1, "").integer(2, 20)).finish();
}

const tensor = (name: string) => new WireWriter().text(8, name).integer(2, 1);
const external = (location: string) =>
  tensor("far").integer(1, 4).message(13, new WireWriter().text(1, "location").text(2, location)).integer(14, 1);

describe("a file", () => {
  test("says its inputs and outputs, with variable and unsaid extents, its operators and its weights", () => {
    const graph = new OnnxGraph("g");
    const x = graph.input("x", "float", ["batch", 3]);
    const w = graph.weight({ type: "double", shape: [2, 2], data: [1, 2, 3, 4] });
    graph.node("Scaler", [graph.node("Mul", [x, w])], { domain: "ai.onnx.ml", names: ["y"] });
    graph.output("y", "string", []);
    const summary = inspectOnnx(graph.finish());
    expect(summary).toMatchObject({ producer: "massif", nodes: 2, parameters: 4, external: [] });
    expect(summary.inputs).toEqual([{ name: "x", elementType: 1, shape: ["batch", 3], other: undefined }]);
    expect(summary.outputs).toEqual([{ name: "y", elementType: 8, shape: [], other: undefined }]);
    expect([...summary.operators].map(([domain, names]) => [domain, ...names])).toEqual([
      ["ai.onnx", "Mul"],
      ["ai.onnx.ml", "Scaler"],
    ]);
  });

  test("tells weights in other files wherever they hide: beside the graph, in attributes, in inner graphs", () => {
    const attribute = (field: number, message: WireWriter) =>
      new WireWriter().text(4, "If").message(5, new WireWriter().text(1, "a").message(field, message));
    const inner = new WireWriter().message(5, external("inner.bin"));
    const sparse = new WireWriter().message(1, external("sparse.bin"));
    const file = fileWith((graph) => {
      graph.message(5, external("../up.bin"));
      graph.message(1, attribute(5, external("attribute.bin")));
      graph.message(1, attribute(6, inner));
      graph.message(15, sparse);
    });
    const places = inspectOnnx(file).external.map(({ location }) => location);
    expect(places.sort()).toEqual(["../up.bin", "attribute.bin", "inner.bin", "sparse.bin"]);
  });

  test("does not count its own functions among the operators it needs", () => {
    const own = new WireWriter().text(1, "Twice").text(10, "mine");
    const graph = new WireWriter()
      .message(1, new WireWriter().text(4, "Twice").text(7, "mine"))
      .message(12, new WireWriter().text(1, "y"));
    const file = new WireWriter()
      .integer(1, 9)
      .message(7, graph)
      .message(8, new WireWriter().integer(2, 20))
      .message(25, own);
    expect([...inspectOnnx(file.finish()).operators.keys()]).toEqual([]);
  });
});

describe("what cannot be right is refused", () => {
  const huge = tensor("huge").integers(1, [1e9, 1e9]).bytes(9, new Uint8Array(8));
  const nested = (depth: number): WireWriter =>
    depth === 0
      ? new WireWriter()
      : new WireWriter().message(
          1,
          new WireWriter().text(4, "If").message(5, new WireWriter().message(6, nested(depth - 1))),
        );
  test.each([
    [
      "a weight that claims more than it holds",
      fileWith((graph) => graph.message(5, huge)),
      /claims 1000000000000000000 elements.*holds 8 bytes/,
    ],
    [
      "a weight of a negative extent",
      fileWith((graph) => graph.message(5, tensor("w").integers(1, [-3]))),
      /"w" has the shape \[-3\]/,
    ],
    ["two graphs, of which only one would be looked at", fileWith(() => undefined, 2), /more than one graph/],
    [
      "graphs nested without end",
      fileWith((graph) => graph.message(1, new WireWriter().message(5, new WireWriter().message(6, nested(40))))),
      /nested more than 32 deep/,
    ],
    [
      "text that is none",
      fileWith((graph) => graph.message(11, new WireWriter().bytes(1, Uint8Array.of(0xff, 0xfe)))),
      /not UTF-8/,
    ],
    [
      "a number where a graph belongs",
      new WireWriter().integer(7, 5).finish(),
      /a number in field 7, where bytes belong/,
    ],
    ["no graph", new WireWriter().integer(1, 9).finish(), /holds no graph/],
    ["a number of more than ten bytes", new Uint8Array(20).fill(0xff), /more than ten bytes/],
  ])("%s", (_, file, message) => {
    expect(() => inspectOnnx(file)).toThrow(ModelFileError);
    expect(() => inspectOnnx(file)).toThrow(message);
  });

  test("any bytes, and any damage, end in a named error or a summary", () => {
    const whole = fileWith((graph) => graph.message(5, external("w.bin")));
    const survives = (file: Uint8Array) => {
      try {
        inspectOnnx(file);
      } catch (error) {
        if (!(error instanceof ModelFileError)) throw error;
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const damaged = whole.slice(0, length);
        if (at < length) damaged[at] = byte;
        survives(damaged);
      }),
      { numRuns: 500 },
    );
  });
});
