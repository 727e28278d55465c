// What our encoder writes is read by another's decoder, generated from ONNX's own schema (onnx-buf), field by field.
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataType, AttributeProto_AttributeType as Type } from "onnx-buf";
import { expect, test } from "vitest";
import { OnnxGraph } from "../../src/onnx/graph.ts";

const graph = new OnnxGraph("all kinds");
const x = graph.input("x", "double", ["n", 3]);
const words = graph.weight({ type: "string", shape: [2], data: ["a", "ü"] });
const whole = graph.weight({ type: "int64", shape: [3], data: [-1, 2 ** 40, 0] });
graph.node("Odd", [x, words, whole], {
  domain: "ai.onnx.ml",
  names: ["y"],
  attributes: {
    f: { float: 0.5 },
    i: { int: -7 },
    s: { text: "sum" },
    floats: { floats: [1.5, -2] },
    ints: { ints: [0, 127, 128, 300, -1, 2 ** 35] },
    strings: { texts: ["p", ""] },
    t: { tensor: { type: "double", shape: [2], data: [Math.PI, Number.NaN] } },
  },
});
graph.output("y", "float", []);
const model = fromBinary(ModelProtoSchema, graph.finish());

test("the model names its version, its producer and its operator sets", () => {
  expect(model).toMatchObject({ irVersion: 9n, producerName: "massif" });
  expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ["", 20n],
    ["ai.onnx.ml", 3n],
  ]);
});

test("inputs, outputs and constants have their types, shapes and elements", () => {
  const { input, output, initializer } = model.graph ?? {};
  const shapeOf = (value: typeof input) => {
    const type = value?.[0].type?.value;
    if (type?.case !== "tensorType") throw new Error("a tensor is wanted");
    return [type.value.elemType, type.value.shape?.dim.map((dim) => dim.value.value)];
  };
  expect(shapeOf(input)).toEqual([TensorProto_DataType.DOUBLE, ["n", 3n]]);
  expect(shapeOf(output)).toEqual([TensorProto_DataType.FLOAT, []]);
  const [texts, numbers] = initializer ?? [];
  expect(texts.stringData.map((bytes) => new TextDecoder().decode(bytes))).toEqual(["a", "ü"]);
  expect([...new BigInt64Array(numbers.rawData.slice().buffer)]).toEqual([-1n, 1_099_511_627_776n, 0n]);
});

test("a node has its operator, its inputs and attributes of every kind", () => {
  const node = model.graph?.node[0];
  expect(node).toMatchObject({ opType: "Odd", domain: "ai.onnx.ml", output: ["y"] });
  expect(node?.input[0]).toBe("x");
  const by = Object.fromEntries((node?.attribute ?? []).map((attribute) => [attribute.name, attribute]));
  expect(by.f).toMatchObject({ type: Type.FLOAT, f: 0.5 });
  expect(by.i).toMatchObject({ type: Type.INT, i: -7n });
  expect(new TextDecoder().decode(by.s.s)).toBe("sum");
  expect(by.floats).toMatchObject({ type: Type.FLOATS, floats: [1.5, -2] });
  expect(by.ints).toMatchObject({ type: Type.INTS, ints: [0n, 127n, 128n, 300n, -1n, 2n ** 35n] });
  expect(by.strings.strings.map((bytes) => new TextDecoder().decode(bytes))).toEqual(["p", ""]);
  expect([...new Float64Array(by.t.t?.rawData.slice().buffer as ArrayBuffer)]).toEqual([Math.PI, Number.NaN]);
});
