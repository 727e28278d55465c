// Values as TypeScript source that gives the same bits when it is read.
import { ParamError } from "../base/errors.ts";

/** Arrays up to this length are lists that people can read; longer ones are base64 of their bytes. */
const MOST_LISTED = 24;

/** Bytes of arrays that one module may hold: compilers and browsers read it as one text. */
const MOST_BYTES = 128 * 2 ** 20;

/** The arrays that a module can hold, and the functions of the module that decode them. */
const DECODERS = { Float64Array: "f64", Uint32Array: "u32", Uint8Array: "u8" } as const;

/** A number's source. */
export function numberLiteral(value: number): string {
  if (Object.is(value, -0)) return "-0";
  return String(value);
}

/** A text's source. */
export function textLiteral(text: string): string {
  return JSON.stringify(text);
}

/** A list of texts or `undefined` values by their sources. */
export function listLiteral(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** A typed array's source; `bytes` counts what the module holds so far. Throws ParamError where that is too much. */
export function arrayLiteral(array: Float64Array | Uint32Array | Uint8Array, held: { bytes: number }): string {
  const type = array.constructor.name as keyof typeof DECODERS;
  if (array.length <= MOST_LISTED) return `${type}.of(${Array.from(array, numberLiteral).join(", ")})`;
  held.bytes += array.byteLength;
  if (held.bytes > MOST_BYTES) {
    const problem = `the model has more than ${MOST_BYTES / 2 ** 20} MiB of numbers, too much for one TypeScript module`;
    throw new ParamError("estimator", `${problem}; train fewer or smaller trees, or export it to ONNX`);
  }
  return `${DECODERS[type]}("${base64(array)}")`;
}

// Internal

/** Characters made at a time: arguments of a call are limited. Divisible by 3, so that pieces of base64 join up. */
const PIECE = 24_576;

function base64(array: Float64Array | Uint32Array | Uint8Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return text;
}
