// Builds an ONNX file (onnx.proto of ONNX 1.20) node by node: the few messages an inference graph of ours needs.
import { VERSION } from "../version.ts";
import { WireWriter } from "./wire.ts";

/** Element types of tensors: TensorProto.DataType. */
export const ELEMENT = { float: 1, int64: 7, string: 8, bool: 9, double: 11 } as const;

/** The name of an element type. */
export type ElementName = keyof typeof ELEMENT;

/** An attribute's value; the key says of which of ONNX's types it is. */
export type Attribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly text: string }
  | { readonly floats: ArrayLike<number> }
  | { readonly ints: ArrayLike<number> }
  | { readonly texts: readonly string[] }
  | { readonly tensor: Weight };

/** A constant of the graph. */
export interface Weight {
  readonly shape: readonly number[];
  readonly type: ElementName;
  readonly data: ArrayLike<number> | readonly string[];
}

/** What a node is, beside its operator and inputs. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Default: the standard operators. */
  readonly domain?: "ai.onnx.ml" | (string & {});
  /** How many outputs it has. Default 1. */
  readonly outputs?: number;
  /** Names of its outputs; made up by default. */
  readonly names?: readonly string[];
}

/** Versions that are written: read by ONNX Runtime from 1.17 on (2024), and all operators used here are in them. */
const IR_VERSION = 9;
const OPSETS = { "": 20, "ai.onnx.ml": 3 } as const;

/** A graph under construction; values are named by strings. */
export class OnnxGraph {
  readonly #nodes = new WireWriter();
  readonly #rest = new WireWriter();
  #names = 0;

  constructor(name: string) {
    this.#rest.text(2, name);
  }

  /** An input; an extent that is a text is variable. Gives its name. */
  input(name: string, type: ElementName, shape: readonly (number | string)[]): string {
    this.#rest.message(11, valueInfo(name, type, shape));
    return name;
  }

  output(name: string, type: ElementName, shape: readonly (number | string)[]): void {
    this.#rest.message(12, valueInfo(name, type, shape));
  }

  /** A constant; gives the name of its value. */
  weight(weight: Weight): string {
    const name = this.#name("weight");
    this.#rest.message(5, tensorOf(weight).text(8, name));
    return name;
  }

  /** A node; gives the name of its first output. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.nodes(operator, inputs, options)[0];
  }

  /** A node with several outputs; gives their names. */
  nodes(operator: string, inputs: readonly string[], options: NodeOptions = {}): readonly string[] {
    const { attributes = {}, domain = "", outputs = 1 } = options;
    const names = options.names ?? Array.from({ length: outputs }, () => this.#name(operator));
    const node = new WireWriter();
    for (const input of inputs) node.text(1, input);
    for (const output of names) node.text(2, output);
    node.text(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    if (domain !== "") node.text(7, domain);
    this.#nodes.message(1, node);
    return names;
  }

  /** The file. */
  finish(): Uint8Array {
    const file = new WireWriter().integer(1, IR_VERSION).text(2, "massif").text(3, VERSION);
    // Fields of a message may come in any order.
    file.bytes(7, joined(this.#nodes.finish(), this.#rest.finish()));
    for (const [domain, version] of Object.entries(OPSETS)) {
      file.message(8, new WireWriter().text(1, domain).integer(2, version));
    }
    return file.finish();
  }

  // Internal

  /** Inputs have the names that columns have, which may be anything but begin like this. */
  #name(what: string): string {
    return `\u2060${what.toLowerCase()}_${this.#names++}`;
  }
}

// Internal

const TO_UTF8 = new TextEncoder();

function valueInfo(name: string, type: ElementName, shape: readonly (number | string)[]): WireWriter {
  const dims = new WireWriter();
  for (const extent of shape) {
    const dim = new WireWriter();
    dims.message(1, typeof extent === "number" ? dim.integer(1, extent) : dim.text(2, extent));
  }
  const tensor = new WireWriter().integer(1, ELEMENT[type]).message(2, dims);
  return new WireWriter().text(1, name).message(2, new WireWriter().message(1, tensor));
}

function tensorOf({ shape, type, data }: Weight): WireWriter {
  const tensor = new WireWriter().integers(1, shape).integer(2, ELEMENT[type]);
  if (type !== "string") return tensor.bytes(9, rawBytes(type, data as ArrayLike<number>));
  for (const text of data as readonly string[]) tensor.bytes(6, TO_UTF8.encode(text));
  return tensor;
}

function rawBytes(type: Exclude<ElementName, "string">, data: ArrayLike<number>): Uint8Array {
  switch (type) {
    case "float":
      return bytesOf(Float32Array.from(data));
    case "double":
      return bytesOf(Float64Array.from(data));
    case "bool":
      return Uint8Array.from(data);
    case "int64":
      return bytesOf(BigInt64Array.from(Array.from(data, (value) => BigInt(value))));
  }
}

/** The format is little-endian, as every machine is on which a JavaScript engine with WebAssembly runs. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** AttributeProto: its value's field, and the number of its type in field 20. */
function attribute(name: string, value: Attribute): WireWriter {
  const message = new WireWriter().text(1, name);
  if ("float" in value) return message.float(2, value.float).integer(20, 1);
  if ("int" in value) return message.integer(3, value.int).integer(20, 2);
  if ("text" in value) return message.bytes(4, TO_UTF8.encode(value.text)).integer(20, 3);
  if ("floats" in value) return message.floats(7, value.floats).integer(20, 6);
  if ("tensor" in value) return message.message(5, tensorOf(value.tensor)).integer(20, 4);
  if ("ints" in value) return message.integers(8, value.ints).integer(20, 7);
  for (const text of value.texts) message.bytes(9, TO_UTF8.encode(text));
  return message.integer(20, 8);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
