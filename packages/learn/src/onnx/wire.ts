// The protobuf wire format (protobuf.dev, "Encoding"), as much of it as ONNX files need: a reader that copies nothing
// and believes nothing, and a writer. It knows no message by name.
import { ModelFileError } from "../model/model-file-error.ts";

/** One field of a message: its number and its value, of which the wire type decides one. */
export interface WireField {
  readonly number: number;
  /** Varints and fixed numbers, as they stand. */
  readonly value: bigint;
  /** Bytes of strings, messages and packed numbers; absent for numbers. */
  readonly bytes?: Uint8Array;
}

/** Fields of a message, in order. `where` names the message in errors. Throws ModelFileError. */
export function* wireFields(message: Uint8Array, where: string): Generator<WireField> {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const key = Number(varint(message, cursor, where));
    const number = Math.floor(key / 8);
    if (number < 1 || number > LARGEST_FIELD) throw broken(where, `has a field with the number ${number}`);
    yield { number, ...payload(message, cursor, { type: key % 8, where }) };
  }
}

/** A varint field as a signed 64-bit number. */
export function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

/** The text of a field. Throws ModelFileError when it is not UTF-8. */
export function textOf(field: WireField, where: string): string {
  try {
    return UTF8.decode(bytesOf(field, where));
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    throw new ModelFileError(`${where} holds text that is not UTF-8`, { cause });
  }
}

/** The bytes of a field. Throws ModelFileError when it is a number. */
export function bytesOf({ bytes, number }: WireField, where: string): Uint8Array {
  if (bytes === undefined) throw broken(where, `has a number in field ${number}, where bytes belong`);
  return bytes;
}

/** The varints of a field that may be packed or single. */
export function varintsOf(field: WireField, where: string): bigint[] {
  if (field.bytes === undefined) return [field.value];
  const cursor = { at: 0 };
  const values: bigint[] = [];
  while (cursor.at < field.bytes.length) values.push(varint(field.bytes, cursor, where));
  return values;
}

/** Writes a message field by field; what is written later comes later. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A whole number; negative ones take ten bytes, as the format has it. */
  integer(number: number, value: number | bigint): this {
    return this.#add(encodeVarint(BigInt(number * 8))).#add(encodeVarint(BigInt.asUintN(64, BigInt(value))));
  }

  /** A 32-bit floating point number. */
  float(number: number, value: number): this {
    return this.#add(encodeVarint(BigInt(number * 8 + 5))).#add(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(number: number, value: Uint8Array): this {
    return this.#add(encodeVarint(BigInt(number * 8 + 2)))
      .#add(encodeVarint(BigInt(value.length)))
      .#add(value);
  }

  text(number: number, value: string): this {
    return this.bytes(number, TO_UTF8.encode(value));
  }

  message(number: number, message: WireWriter): this {
    return this.bytes(number, message.finish());
  }

  /** 32-bit floating point numbers, packed. */
  floats(number: number, values: ArrayLike<number>): this {
    return this.bytes(number, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** Whole numbers, packed. */
  integers(number: number, values: ArrayLike<number>): this {
    // A forest has millions of them; ten bytes is the longest that one can be.
    const packed = new Uint8Array(values.length * 10);
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      let rest = values[i];
      if (rest < 0 || rest > 0x7fff_ffff) {
        const encoded = encodeVarint(BigInt.asUintN(64, BigInt(rest)));
        packed.set(encoded, at);
        at += encoded.length;
        continue;
      }
      for (; rest > 0x7f; rest >>>= 7) packed[at++] = (rest & 0x7f) | 0x80;
      packed[at++] = rest;
    }
    return this.bytes(number, packed.slice(0, at));
  }

  /** The message's bytes. */
  finish(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  // Internal

  #add(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

// Internal

const LARGEST_FIELD = 2 ** 29 - 1;
const UTF8 = new TextDecoder("utf-8", { fatal: true });
const TO_UTF8 = new TextEncoder();

interface Cursor {
  at: number;
}

function payload(
  message: Uint8Array,
  cursor: Cursor,
  { type, where }: { type: number; where: string },
): Omit<WireField, "number"> {
  switch (type) {
    case 0:
      return { value: varint(message, cursor, where) };
    case 1:
      return { value: fixed(take(message, cursor, { length: 8, where })) };
    case 2: {
      const length = Number(varint(message, cursor, where));
      return { value: 0n, bytes: take(message, cursor, { length, where }) };
    }
    case 5:
      return { value: fixed(take(message, cursor, { length: 4, where })) };
    default:
      // 3 and 4 are groups, which ONNX never had.
      throw broken(where, `has a field of the wire type ${type}`);
  }
}

function take(message: Uint8Array, cursor: Cursor, { length, where }: { length: number; where: string }): Uint8Array {
  const left = message.length - cursor.at;
  if (length > left)
    throw broken(where, `announces ${length} bytes where ${left} are left: it is cut short or damaged`);
  cursor.at += length;
  return message.subarray(cursor.at - length, cursor.at);
}

function varint(message: Uint8Array, cursor: Cursor, where: string): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (cursor.at >= message.length) throw broken(where, "ends in the middle of a number: it is cut short or damaged");
    const byte = message[cursor.at++];
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw broken(where, "holds a number of more than ten bytes");
}

function fixed(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function broken(where: string, problem: string): ModelFileError {
  return new ModelFileError(`${where} ${problem}`);
}
