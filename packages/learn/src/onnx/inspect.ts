// What an ONNX file (onnx.proto of ONNX 1.20) says about itself, read without running anything: what it takes and
// gives, which operators it needs, and whether it reaches for other files. Weights are passed over, not copied.
import { ModelFileError } from "../model/model-file-error.ts";
import { bytesOf, signed, textOf, varintsOf, type WireField, wireFields } from "./wire.ts";

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType; undefined when it is no tensor. */
  readonly elementType: number | undefined;
  /** Extents: a number, a name for a variable one, or null for one that is not said; undefined: not even the rank. */
  readonly shape: readonly (number | string | null)[] | undefined;
  /** What it is instead of a tensor, in words. */
  readonly other: string | undefined;
}

/** A tensor whose elements are said to be in another file. */
export interface ExternalTensor {
  readonly name: string;
  readonly location: string;
}

/** What a file says. */
export interface OnnxSummary {
  readonly irVersion: number;
  readonly producer: string;
  /** Operator sets by domain; the standard one is "ai.onnx". */
  readonly opsets: Readonly<Record<string, number>>;
  /** Operators used, by domain; those of functions in the file itself are not among them. */
  readonly operators: ReadonlyMap<string, ReadonlySet<string>>;
  readonly nodes: number;
  /** Elements of all weights. */
  readonly parameters: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly external: readonly ExternalTensor[];
}

/** Reads a file's own description. Throws ModelFileError saying what is wrong with which part. */
export function inspectOnnx(file: Uint8Array): OnnxSummary {
  refuseOthers(file);
  return new Inspection().model(file);
}

// Internal

/** Graphs inside nodes of graphs; no real model nests deeper than a handful. */
const MOST_DEPTH = 32;

/** Files that people take for ONNX, by their first bytes. */
const OTHERS: readonly (readonly [string, readonly number[]])[] = [
  ["a ZIP archive (a PyTorch or Keras file?): export the model to ONNX first", [0x50, 0x4b, 0x03, 0x04]],
  ["a gzip archive: unpack it first", [0x1f, 0x8b]],
  ["an HDF5 file (a Keras model?): export the model to ONNX first", [0x89, 0x48, 0x44, 0x46]],
  ["a Python pickle: export the model to ONNX first", [0x80, 0x04, 0x95]],
  ["a text (a Git LFS pointer?)", [...new TextEncoder().encode("version https://git-lfs")]],
];

function refuseOthers(file: Uint8Array): void {
  if (file.length === 0) throw new ModelFileError("the file is empty: it has 0 bytes");
  for (const [what, start] of OTHERS) {
    if (start.every((byte, i) => file[i] === byte)) throw new ModelFileError(`this is no ONNX file but ${what}`);
  }
}

class Inspection {
  readonly #operators = new Map<string, Set<string>>();
  readonly #functions = new Set<string>();
  readonly #external: ExternalTensor[] = [];
  #nodes = 0;
  #parameters = 0;

  model(file: Uint8Array): OnnxSummary {
    let irVersion = 0;
    let producer = "";
    let graph: Uint8Array | undefined;
    const opsets: Record<string, number> = {};
    for (const field of wireFields(file, "this is no ONNX file, or a damaged one: it")) {
      if (field.number === 1) irVersion = signed(field.value);
      else if (field.number === 2) producer = textOf(field, "the producer's name");
      else if (field.number === 7) {
        // The format would join them, and what is looked at must be what is run.
        if (graph !== undefined) throw new ModelFileError("the file holds more than one graph");
        graph = bytesOf(field, "the graph");
      } else if (field.number === 8) this.#opset(field, opsets);
      else if (field.number === 25) this.#function(bytesOf(field, "a function"));
    }
    if (graph === undefined) throw new ModelFileError("this is no ONNX model: it holds no graph");
    if (irVersion < 1 || Object.keys(opsets).length === 0) {
      throw new ModelFileError("this is no ONNX model: it names no format version or no operator set");
    }
    const { inputs, outputs } = this.#graph(graph, "the graph", 0);
    if (outputs.length === 0) throw new ModelFileError("the graph has no outputs");
    for (const name of this.#functions) {
      const [domain, operator] = name.split("\n");
      this.#operators.get(domain)?.delete(operator);
      if (this.#operators.get(domain)?.size === 0) this.#operators.delete(domain);
    }
    const [external, operators] = [this.#external, this.#operators];
    const [nodes, parameters] = [this.#nodes, this.#parameters];
    return { irVersion, producer, opsets, operators, nodes, parameters, inputs, outputs, external };
  }

  #opset(field: WireField, opsets: Record<string, number>): void {
    let domain = "";
    let version = 0;
    for (const part of wireFields(bytesOf(field, "an operator set"), "an operator set")) {
      if (part.number === 1) domain = textOf(part, "an operator set");
      else if (part.number === 2) version = signed(part.value);
    }
    opsets[standard(domain)] = version;
  }

  /** Functions are operators that the file itself defines from others. */
  #function(bytes: Uint8Array): void {
    let [name, domain] = ["", ""];
    for (const field of wireFields(bytes, "a function")) {
      if (field.number === 1) name = textOf(field, "a function's name");
      else if (field.number === 10) domain = textOf(field, "a function's domain");
      else if (field.number === 7) this.#node(bytesOf(field, "a function's node"), 0);
    }
    this.#functions.add(`${standard(domain)}\n${name}`);
  }

  #graph(bytes: Uint8Array, where: string, depth: number): { inputs: OnnxValue[]; outputs: OnnxValue[] } {
    if (depth > MOST_DEPTH) throw new ModelFileError(`graphs are nested more than ${MOST_DEPTH} deep`);
    const inputs: OnnxValue[] = [];
    const outputs: OnnxValue[] = [];
    const weights = new Set<string>();
    for (const field of wireFields(bytes, where)) {
      if (field.number === 1) this.#node(bytesOf(field, `a node of ${where}`), depth);
      else if (field.number === 5) weights.add(this.#tensor(bytesOf(field, `a weight of ${where}`)));
      else if (field.number === 11) inputs.push(valueInfo(bytesOf(field, `an input of ${where}`), "an input"));
      else if (field.number === 12) outputs.push(valueInfo(bytesOf(field, `an output of ${where}`), "an output"));
      else if (field.number === 15) this.#sparse(bytesOf(field, `a sparse weight of ${where}`));
    }
    // Until IR 4 weights had to be listed among the inputs.
    return { inputs: inputs.filter(({ name }) => !weights.has(name)), outputs };
  }

  #node(bytes: Uint8Array, depth: number): void {
    let [operator, domain] = ["", ""];
    this.#nodes++;
    for (const field of wireFields(bytes, "a node")) {
      if (field.number === 4) operator = textOf(field, "a node's operator");
      else if (field.number === 7) domain = textOf(field, "a node's domain");
      else if (field.number === 5) this.#attribute(bytesOf(field, "an attribute"), depth);
    }
    const used = this.#operators.get(standard(domain)) ?? new Set();
    used.add(operator);
    this.#operators.set(standard(domain), used);
  }

  #attribute(bytes: Uint8Array, depth: number): void {
    for (const field of wireFields(bytes, "an attribute")) {
      const { number } = field;
      if (number === 5 || number === 10) this.#tensor(bytesOf(field, "an attribute's tensor"));
      else if (number === 6 || number === 11)
        this.#graph(bytesOf(field, "an inner graph"), "an inner graph", depth + 1);
      else if (number === 22 || number === 23) this.#sparse(bytesOf(field, "an attribute's tensor"));
    }
  }

  #sparse(bytes: Uint8Array): void {
    for (const field of wireFields(bytes, "a sparse tensor")) {
      if (field.number === 1 || field.number === 2) this.#tensor(bytesOf(field, "a sparse tensor"));
    }
  }

  /** Notes a tensor and gives its name; one that claims more elements than it has bytes for is refused. */
  #tensor(bytes: Uint8Array): string {
    const dims: number[] = [];
    let name = "";
    let stored = 0;
    let isExternal = false;
    let location = "";
    for (const field of wireFields(bytes, "a weight")) {
      const { number } = field;
      if (number === 1) for (const extent of varintsOf(field, "a weight's shape")) dims.push(signed(extent));
      else if (number === 8) name = textOf(field, "a weight's name");
      else if (number === 13) location = locationOf(field, location);
      else if (number === 14) isExternal = field.value === 1n;
      else if (PAYLOADS.has(number)) stored += field.bytes?.length ?? 8;
      if (number === 13) isExternal = true;
    }
    if (dims.some((extent) => extent < 0)) throw new ModelFileError(`the weight "${name}" has the shape [${dims}]`);
    const elements = dims.reduce((product, extent) => product * extent, 1);
    if (isExternal) this.#external.push({ name, location });
    // Elements of four bits, the smallest there are, take half a byte each.
    else if (elements > stored * 2) {
      throw new ModelFileError(
        `the weight "${name}" claims ${elements} elements (shape [${dims}]) but holds ${stored} bytes`,
      );
    }
    this.#parameters += elements;
    return name;
  }
}

/** Fields of TensorProto that hold elements. */
const PAYLOADS: ReadonlySet<number> = new Set([4, 5, 6, 7, 9, 10, 11]);

function locationOf(field: WireField, before: string): string {
  let [key, value] = ["", ""];
  for (const part of wireFields(bytesOf(field, "external data"), "external data")) {
    if (part.number === 1) key = textOf(part, "external data");
    else if (part.number === 2) value = textOf(part, "external data");
  }
  return key === "location" ? value : before;
}

function valueInfo(bytes: Uint8Array, where: string): OnnxValue {
  let name = "";
  let type: Uint8Array | undefined;
  for (const field of wireFields(bytes, where)) {
    if (field.number === 1) name = textOf(field, `${where}'s name`);
    else if (field.number === 2) type = bytesOf(field, `${where}'s type`);
  }
  for (const field of type === undefined ? [] : wireFields(type, `${where}'s type`)) {
    const other = OTHER_TYPES[field.number];
    if (other !== undefined) return { name, elementType: undefined, shape: undefined, other };
    if (field.number === 1) return { name, other: undefined, ...tensorType(bytesOf(field, where), where) };
  }
  return { name, elementType: undefined, shape: undefined, other: "a value of no stated type" };
}

const OTHER_TYPES: Readonly<Record<number, string>> = {
  4: "a sequence",
  5: "a map",
  8: "a sparse tensor",
  9: "an optional value",
};

function tensorType(bytes: Uint8Array, where: string): Pick<OnnxValue, "elementType" | "shape"> {
  let elementType = 0;
  let shape: OnnxValue["shape"];
  for (const field of wireFields(bytes, where)) {
    if (field.number === 1) elementType = signed(field.value);
    else if (field.number === 2)
      shape = [...wireFields(bytesOf(field, where), where)].map((dim) => extentOf(dim, where));
  }
  return { elementType, shape };
}

function extentOf(field: WireField, where: string): number | string | null {
  for (const part of wireFields(bytesOf(field, where), where)) {
    if (part.number === 1) return signed(part.value);
    if (part.number === 2) return textOf(part, where);
  }
  return null;
}

function standard(domain: string): string {
  return domain === "" ? "ai.onnx" : domain;
}
