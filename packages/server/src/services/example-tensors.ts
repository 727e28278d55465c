// Small tensors that fit a signature, as nested lists, for showing how to call a model.
import type { TensorInfo } from "@massif/api";
import type { Nested } from "./tensor-json.ts";

/** Extents of an example beyond this are not spelt out: the lists are shortened, and the caller fills them in. */
const MOST_SHOWN = 8;

/** Zeros, false or empty texts; one in every variable extent. */
export function exampleTensors(inputs: readonly TensorInfo[]): Record<string, Nested> {
  return Object.fromEntries(inputs.map(({ name, datatype, shape }) => [name, filled(shape, STAND_IN[datatype] ?? 0)]));
}

// Internal

const STAND_IN: Readonly<Record<string, Nested>> = { BYTES: "", BOOL: false };

function filled(shape: readonly number[], element: Nested): Nested {
  return shape.reduceRight<Nested>((inner, extent) => {
    const length = extent === -1 ? 1 : Math.min(extent, MOST_SHOWN);
    return Array.from({ length }, () => inner);
  }, element);
}
