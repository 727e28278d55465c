// Tensors as JSON: nested lists by input name, read against the model's signature with the place of every refused
// value, and outputs as nested lists. JSON has no NaN and no infinities: null stands for what is no number.
import type { ErrorDetail, TensorInfo } from "@massif/api";
import type { NamedTensor } from "../runtime/replica.ts";
import { ARRAYS, type Datatype, type Elements, elementCount, inWords, MOST_ELEMENTS } from "../runtime/tensors.ts";
import { halfBits, halfValue } from "./half-float.ts";

/** JSON as an answer carries it. */
export type Nested = null | boolean | number | string | Nested[];

/** Tensors, or everything wrong with them. */
export type ReadTensors =
  | { readonly ok: true; readonly tensors: readonly NamedTensor[] }
  | { readonly ok: false; readonly problems: readonly ErrorDetail[] };

/** Reads nested lists by name; what `wanted` does not name is refused, what is missing is named. */
export function tensorsFromJson(wanted: readonly TensorInfo[], given: Readonly<Record<string, unknown>>): ReadTensors {
  const problems: ErrorDetail[] = [];
  const tensors: NamedTensor[] = [];
  const names = wanted.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    problems.push({
      field: `inputs.${name}`,
      problem: `is not an input of the model; its inputs are ${names.join(", ")}`,
    });
  }
  for (const info of wanted) {
    const value = Object.hasOwn(given, info.name) ? given[info.name] : undefined;
    try {
      if (value === undefined) throw new Misfit("", `is missing; it is ${inWords(info)}`);
      tensors.push(readTensor(info, value));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const { place, message, value: shown } = error;
      problems.push({
        field: `inputs.${info.name}${place}`,
        problem: message,
        ...(shown === undefined ? {} : { value: shown }),
      });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, tensors };
}

/** The elements of a tensor as nested lists; a scalar is its one element. */
export function tensorToJson({ datatype, shape, data }: NamedTensor): Nested {
  const read = reader(datatype as Datatype, data);
  let at = 0;
  const level = (axis: number): Nested => {
    if (axis === shape.length) return read(at++);
    return Array.from({ length: shape[axis] }, () => level(axis + 1));
  };
  return level(0);
}

/** A value of JSON as an element of `datatype`; throws a Misfit that says what it must be. */
export function elementFromJson(datatype: Datatype, value: unknown): number | bigint | string {
  switch (datatype) {
    case "BYTES":
      if (typeof value === "string") return value;
      throw new Misfit("", "must be a text", value);
    case "BOOL":
      if (typeof value === "boolean") return value ? 1 : 0;
      throw new Misfit("", "must be true or false", value);
    case "FP16":
    case "FP32":
    case "FP64":
      return float(datatype, value);
    case "INT64":
    case "UINT64":
      return whole64(datatype, value);
    default: {
      const [low, high] = RANGES[datatype];
      if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
      throw new Misfit("", `must be a whole number from ${low} to ${high}`, value);
    }
  }
}

/** A value that does not fit, and where it stands: `[0][3]`. */
export class Misfit extends Error {
  override readonly name = "Misfit";
  readonly place: string;
  readonly value: unknown;

  constructor(place: string, message: string, value?: unknown) {
    super(message);
    this.place = place;
    this.value = shown(value);
  }
}

// Internal

const MAX_SHOWN = 80;
const RANGES = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
} as const;
const LARGEST = { FP16: 65_504, FP32: 3.4028234663852886e38, FP64: Number.MAX_VALUE } as const;
const BITS_64 = { INT64: [-(2n ** 63n), 2n ** 63n - 1n], UINT64: [0n, 2n ** 64n - 1n] } as const;

function readTensor(info: TensorInfo, value: unknown): NamedTensor {
  const shape = shapeOf(info, value);
  const count = elementCount(shape);
  // Before memory is taken for it: a few short first lists can claim any number of elements.
  if (count > MOST_ELEMENTS)
    throw new Misfit("", `has more than ${MOST_ELEMENTS} elements: the shape [${shape.join(", ")}]`);
  const { datatype, name } = info;
  const type = ARRAYS[datatype];
  const data = (type === undefined ? new Array<string>(count) : new type(count)) as Array<unknown>;
  let at = 0;
  const fill = (part: unknown, axis: number, place: string): void => {
    if (axis === shape.length) {
      data[at++] = element(datatype, part, place);
      return;
    }
    if (!Array.isArray(part)) throw new Misfit(place, `must be a list of ${shape[axis]} values`, part);
    if (part.length !== shape[axis]) {
      throw new Misfit(place, `has ${part.length} values where ${shape[axis]} are expected`);
    }
    for (let i = 0; i < part.length; i++) fill(part[i], axis + 1, `${place}[${i}]`);
  };
  fill(value, 0, "");
  return { name, datatype, shape, data: data as unknown as Elements };
}

/** The extents that the first list of each level has; the rest is checked against them when it is read. */
function shapeOf({ shape: wanted, ...info }: TensorInfo, value: unknown): number[] {
  const shape: number[] = [];
  let part = value;
  for (const [axis, extent] of wanted.entries()) {
    if (!Array.isArray(part)) {
      const words = `must be nested lists of the shape [${wanted.join(", ")}]`;
      throw new Misfit("[0]".repeat(axis), axis === 0 ? `${words}, ${info.datatype}` : words, part);
    }
    if (extent !== -1 && part.length !== extent) {
      throw new Misfit("[0]".repeat(axis), `has ${part.length} values where ${extent} are expected`);
    }
    shape.push(part.length);
    // Below an empty list there is nothing to look at: what is variable there has no extent.
    if (part.length === 0) return [...shape, ...wanted.slice(axis + 1).map((inner) => Math.max(0, inner))];
    part = part[0];
  }
  return shape;
}

function element(datatype: Datatype, value: unknown, place: string): number | bigint | string {
  try {
    const read = elementFromJson(datatype, value);
    return datatype === "FP16" ? halfBits(read as number) : read;
  } catch (error) {
    if (error instanceof Misfit) throw new Misfit(place, error.message, value);
    throw error;
  }
}

function float(datatype: keyof typeof LARGEST, value: unknown): number {
  if (value === null) return Number.NaN;
  if (typeof value !== "number") throw new Misfit("", "must be a number", value);
  if (Math.abs(value) > LARGEST[datatype]) throw new Misfit("", `is beyond the range of ${datatype}`, value);
  return value;
}

/** JSON's numbers are exact up to 2^53; larger ones are written as texts of digits. */
function whole64(datatype: keyof typeof BITS_64, value: unknown): bigint {
  const exact =
    typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string" && /^-?\d{1,20}$/.test(value);
  const [low, high] = BITS_64[datatype];
  if (exact) {
    const number = BigInt(value as number | string);
    if (number >= low && number <= high) return number;
  }
  throw new Misfit("", `must be a whole number of ${datatype}; beyond 2^53 as a text of digits`, value);
}

function reader(datatype: Datatype, data: Elements): (i: number) => Nested {
  const elements = data as ArrayLike<number | bigint | string | boolean>;
  switch (datatype) {
    case "BOOL":
      return (i) => Boolean(elements[i]);
    case "BYTES":
      return (i) => String(elements[i]);
    case "INT64":
    case "UINT64":
      return (i) => {
        const number = Number(elements[i]);
        return Number.isSafeInteger(number) ? number : String(elements[i]);
      };
    case "FP16":
      return (i) => finite(halfValue(elements[i] as number));
    default:
      return (i) => finite(elements[i] as number);
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function shown(value: unknown): unknown {
  if (typeof value !== "string" && typeof value !== "object") return value;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text !== undefined && text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : value;
}
