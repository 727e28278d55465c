// Tensors as bytes: which array holds which datatype, and whether tensors fit what a model takes. It parses no JSON.
import type { ErrorDetail, TensorInfo } from "@massif/api";
import type { NamedTensor } from "./replica.ts";

/** Element types as the Open Inference Protocol spells them. */
export type Datatype = TensorInfo["datatype"];

/** The elements of a tensor; half floats are their bits, BOOL is 0 or 1, BYTES are texts. */
export type Elements = NamedTensor["data"];

/** Most elements of all inputs, or of all outputs, of one request: about what a machine can hold as JSON. */
export const MOST_ELEMENTS = 16_000_000;

/** The array type that holds a datatype's elements; undefined for BYTES, which are texts. */
export const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
  BYTES: undefined,
} as const satisfies Record<Datatype, unknown>;

/** How many elements a shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Everything wrong with tensors given to a model that takes `wanted`: names, datatypes, shapes, lengths. */
export function tensorProblems(wanted: readonly TensorInfo[], given: readonly NamedTensor[]): ErrorDetail[] {
  const problems: ErrorDetail[] = [];
  const names = wanted.map(({ name }) => name);
  for (const [i, { name }] of given.entries()) {
    if (!names.includes(name)) {
      problems.push({
        field: fieldOf(name),
        problem: `is not an input of the model; its inputs are ${names.join(", ")}`,
      });
    } else if (given.findIndex((other) => other.name === name) !== i) {
      problems.push({ field: fieldOf(name), problem: "is given twice" });
    }
  }
  for (const info of wanted) {
    const tensor = given.find(({ name }) => name === info.name);
    const problem = tensor === undefined ? `is missing; it is ${inWords(info)}` : misfit(info, tensor);
    if (problem !== undefined) problems.push({ field: fieldOf(info.name), problem });
  }
  const total = given.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  if (total > MOST_ELEMENTS) {
    problems.push({ field: "inputs", value: total, problem: `hold more than ${MOST_ELEMENTS} elements` });
  }
  return problems;
}

/** A tensor in words: "FP32 [-1, 4]". */
export function inWords({ datatype, shape }: Pick<TensorInfo, "shape"> & { readonly datatype: string }): string {
  return `${datatype} [${shape.join(", ")}]`;
}

// Internal

function fieldOf(name: string): string {
  return `inputs.${name}`;
}

function misfit(info: TensorInfo, { datatype, shape, data }: NamedTensor): string | undefined {
  if (datatype !== info.datatype) return `must be ${inWords(info)}, got the datatype ${datatype}`;
  const fits =
    shape.length === info.shape.length &&
    shape.every((extent, i) => Number.isInteger(extent) && extent >= 0 && [-1, extent].includes(info.shape[i]));
  if (!fits) return `must be ${inWords(info)}, got the shape [${shape.join(", ")}]`;
  const type = ARRAYS[info.datatype];
  if (type === undefined ? !Array.isArray(data) : !(data instanceof type)) {
    return `does not hold its elements as ${type?.name ?? "texts"}`;
  }
  const { length } = data as { readonly length: number };
  const wanted = elementCount(shape);
  return length === wanted ? undefined : `has ${length} elements, its shape [${shape.join(", ")}] has ${wanted}`;
}
