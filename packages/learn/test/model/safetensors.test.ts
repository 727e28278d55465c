import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/base/component.ts";
import { ModelFileError } from "../../src/model/model-file-error.ts";
import { readTensors, writeTensors } from "../../src/model/safetensors.ts";

const dataArbitrary = fc.oneof(
  fc.float64Array({ maxLength: 20 }),
  fc.float32Array({ maxLength: 20 }),
  fc.int32Array({ maxLength: 20 }),
  fc.uint32Array({ maxLength: 20 }),
  fc.uint16Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }),
);

const tensorArbitrary = dataArbitrary.map((data): Tensor => {
  return { data, shape: data.length % 2 === 0 ? [2, data.length / 2] : [data.length] };
});

const fileArbitrary = fc.record({
  tensors: fc
    .array(
      fc.tuple(
        fc.string().filter((name) => name !== "__metadata__"),
        tensorArbitrary,
      ),
      { maxLength: 6 },
    )
    .map((entries) => new Map(entries)),
  metadata: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 4 }).map((entries) => new Map(entries)),
});

function file(header: string | object, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (begin: number, end: number, more: object = {}) => ({
  dtype: "F64",
  shape: [(end - begin) / 8],
  data_offsets: [begin, end],
  ...more,
});

describe("a safetensors file", () => {
  it("gives back what was written, bit by bit", () => {
    fc.assert(
      fc.property(fileArbitrary, (original) => {
        const read = readTensors(writeTensors(original));
        expect(read.metadata).toEqual(original.metadata);
        expect(new Set(read.tensors.keys())).toEqual(new Set(original.tensors.keys()));
        for (const [name, { shape, data }] of original.tensors) {
          const found = read.tensors.get(name) as Tensor;
          expect(found.shape).toEqual(shape);
          expect(found.data.constructor).toBe(data.constructor);
          expect(Buffer.from(found.data.buffer)).toEqual(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
        }
      }),
    );
  });

  it("does not depend on the order in which its parts were named", () => {
    fc.assert(
      fc.property(fileArbitrary, ({ tensors, metadata }) => {
        const turned = { tensors: new Map([...tensors].reverse()), metadata: new Map([...metadata].reverse()) };
        expect(writeTensors(turned)).toEqual(writeTensors({ tensors, metadata }));
      }),
    );
  });

  it("aligns the data to eight bytes and every tensor to its elements", () => {
    fc.assert(
      fc.property(fileArbitrary, (original) => {
        const bytes = writeTensors(original);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(length % 8).toBe(0);
        const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
        for (const [name, { data }] of original.tensors) {
          expect(header[name].data_offsets[0] % data.BYTES_PER_ELEMENT).toBe(0);
        }
      }),
    );
  });

  it("is read from a view into a larger buffer, and does not share its memory", () => {
    const tensors = new Map([["a", { shape: [2], data: Float64Array.of(1, 2) }]]);
    const bytes = writeTensors({ tensors, metadata: new Map() });
    const view = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
    const read = readTensors(view).tensors.get("a");
    view.fill(0);
    expect(read?.data).toEqual(Float64Array.of(1, 2));
  });

  it("refuses every shortened copy and nothing else than ModelFileError comes out", () => {
    const tensors = new Map([["a", { shape: [3], data: Float64Array.of(1, 2, 3) }]]);
    const bytes = writeTensors({ tensors, metadata: new Map([["k", "v"]]) });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readTensors(bytes.subarray(0, length))).toThrow(ModelFileError);
    }
    expect(() => readTensors(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow("1 bytes after its last tensor");
  });

  it("answers random bytes and random damage by ModelFileError or by a valid file", () => {
    const whole = writeTensors({
      tensors: new Map([["a", { shape: [3], data: Float64Array.of(1, 2, 3) }]]),
      metadata: new Map([["k", "v"]]),
    });
    const survives = (bytes: Uint8Array) => {
      try {
        readTensors(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), survives));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = whole.slice();
        damaged[at] = byte;
        survives(damaged);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["a header longer than any file", Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127), "header claims"],
    ["a header longer than the file", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0), "cut short"],
    ["a header that is not JSON", file("{oops"), "not JSON"],
    ["a header that is not UTF-8", Buffer.concat([file("  "), Buffer.from([0xff])]).fill(0xff, 8), "not JSON"],
    ["a header that is a list", file("[]"), "not a JSON object"],
    ["a tensor that is null", file({ a: null }), "dtype undefined"],
    ["a dtype of no model", file({ a: entry(0, 8, { dtype: "BF16" }) }, new Uint8Array(8)), "dtype BF16"],
    [
      "a dtype from the prototype",
      file({ a: entry(0, 8, { dtype: "toString" }) }, new Uint8Array(8)),
      "dtype toString",
    ],
    ["a shape of text", file({ a: entry(0, 8, { shape: "1" }) }, new Uint8Array(8)), "shape"],
    ["a negative shape", file({ a: entry(0, 8, { shape: [-1] }) }, new Uint8Array(8)), "shape"],
    ["a shape that overflows", file({ a: entry(0, 8, { shape: [2 ** 52, 2 ** 52] }) }, new Uint8Array(8)), "needs"],
    ["a shape that disagrees with the bytes", file({ a: entry(0, 8, { shape: [2] }) }, new Uint8Array(8)), "needs 16"],
    ["falling offsets", file({ a: entry(0, 8, { data_offsets: [8, 0] }) }, new Uint8Array(8)), "rising"],
    ["offsets beyond the end", file({ a: entry(0, 800) }, new Uint8Array(8)), "cut short"],
    ["overlapping tensors", file({ a: entry(0, 16), b: entry(8, 24) }, new Uint8Array(24)), "overlaps"],
    ["a gap between tensors", file({ a: entry(0, 8), b: entry(16, 24) }, new Uint8Array(24)), "gap"],
    ["metadata that are not texts", file({ __metadata__: { a: 1 } }), "metadata"],
  ])("refuses %s", (_, bytes, reason) => {
    expect(() => readTensors(bytes)).toThrow(ModelFileError);
    expect(() => readTensors(bytes)).toThrow(reason);
  });
});
