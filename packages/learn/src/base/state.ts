// Reading a fitted state that may come from a file: every tensor and value is checked before it is used.
import type { FittedState, Json, Tensor, TensorData } from "./component.ts";
import { ShapeError } from "./errors.ts";

/** A one-dimensional or row-major tensor over `data`; the shape defaults to its length. */
export function tensor(data: TensorData, shape: readonly number[] = [data.length]): Tensor {
  return { shape, data };
}

/**
 * The state's tensor `name` as an array of `type`; with `length`, of just that many elements. Throws ShapeError naming
 * `owner` when it is absent or different.
 */
export function readTensor<A extends TensorData>(
  state: FittedState,
  name: string,
  { owner, type, length }: { owner: string; type: new (length: number) => A; length?: number },
): A {
  const found = Object.hasOwn(state.tensors, name) ? state.tensors[name] : undefined;
  if (!(found?.data instanceof type)) throw new ShapeError(`the state of ${owner} lacks a ${type.name} "${name}"`);
  if (length !== undefined && found.data.length !== length) {
    throw new ShapeError(`"${name}" in the state of ${owner} has ${found.data.length} elements instead of ${length}`);
  }
  return found.data;
}

/** The state's JSON value `name`; throws ShapeError naming `owner` when it is absent. */
export function readMeta(state: FittedState, name: string, owner: string): Json {
  const value = Object.hasOwn(state.meta, name) ? state.meta[name] : undefined;
  if (value === undefined) throw new ShapeError(`the state of ${owner} lacks "${name}"`);
  return value;
}

/** The state's JSON value `name` as a list of strings; throws ShapeError naming `owner` when it is not one. */
export function readStrings(state: FittedState, name: string, owner: string): readonly string[] {
  const value = readMeta(state, name, owner);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new ShapeError(`"${name}" in the state of ${owner} must be a list of strings`);
}

/** A tensor cut into parts of these lengths. */
export function pieces(tensors: FittedState["tensors"], name: string, lengths: readonly number[]): Float64Array[] {
  const all = tensors[name].data as Float64Array;
  let next = 0;
  return lengths.map((length) => {
    next += length;
    return all.slice(next - length, next);
  });
}
