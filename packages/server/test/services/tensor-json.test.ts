// Nested lists to tensors and back, for any shape and every element type.
import type { TensorInfo } from "@massif/api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { halfBits, halfValue } from "../../src/services/half-float.ts";
import { type Nested, tensorsFromJson, tensorToJson } from "../../src/services/tensor-json.ts";

const ELEMENTS: Readonly<Record<TensorInfo["datatype"], fc.Arbitrary<Nested>>> = {
  BOOL: fc.boolean(),
  BYTES: fc.string(),
  UINT8: fc.nat(255),
  UINT16: fc.nat(65_535),
  UINT32: fc.nat(4_294_967_295),
  UINT64: fc.bigInt(0n, 2n ** 64n - 1n).map(exact),
  INT8: fc.integer({ min: -128, max: 127 }),
  INT16: fc.integer({ min: -32_768, max: 32_767 }),
  INT32: fc.integer(),
  INT64: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(exact),
  FP16: fc.integer({ min: -2048, max: 2048 }),
  FP32: fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
  FP64: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
};

test.each(Object.entries(ELEMENTS))("%s elements come back as they went, in any shape", (datatype, element) => {
  const shape = fc.array(fc.nat(3), { maxLength: 3 });
  fc.assert(
    fc.property(
      shape.chain((extents) => fc.record({ extents: fc.constant(extents), value: nested(extents, element) })),
      ({ extents, value }) => {
        // Below an empty list nothing says how long the inner ones would be.
        const filled = extents.includes(0) ? extents : extents.map(() => -1);
        const info = { name: "x", datatype, shape: filled } as TensorInfo;
        const read = tensorsFromJson([info], { x: value });
        expect(read).toMatchObject({ ok: true, tensors: [{ shape: extents }] });
        if (read.ok) expect(JSON.stringify(tensorToJson(read.tensors[0]))).toBe(JSON.stringify(value));
      },
    ),
    { numRuns: 60 },
  );
});

describe("lists that do not fit", () => {
  const info: TensorInfo = { name: "x", datatype: "FP32", shape: [-1, -1, -1, -1, -1] };

  test("are refused before memory is taken for what a few first lists claim", () => {
    let value: unknown = new Array(200).fill(0);
    for (let i = 0; i < 4; i++) value = [value, ...new Array(199).fill(0)];
    const read = tensorsFromJson([info], { x: value });
    expect(read).toMatchObject({ ok: false, problems: [{ field: "inputs.x" }] });
    expect(read.ok === false && read.problems[0].problem).toMatch(/more than 16000000 elements/);
  });

  test("name each wrong input, with a value shown short", () => {
    const wanted: TensorInfo[] = [
      { name: "a", datatype: "INT8", shape: [2] },
      { name: "b", datatype: "UINT64", shape: [] },
    ];
    const read = tensorsFromJson(wanted, { a: [1, 128], b: "x".repeat(300) });
    expect(read).toEqual({
      ok: false,
      problems: [
        { field: "inputs.a[1]", value: 128, problem: "must be a whole number from -128 to 127" },
        {
          field: "inputs.b",
          value: `${"x".repeat(80)}…`,
          problem: "must be a whole number of UINT64; beyond 2^53 as a text of digits",
        },
      ],
    });
  });
});

test("half floats of all 65536 bit patterns are read and written back, and ties round to even", () => {
  for (let bits = 0; bits < 65_536; bits++) {
    const value = halfValue(bits);
    if (!Number.isNaN(value)) expect(halfBits(value)).toBe(bits);
  }
  expect(halfValue(0x3555)).toBeCloseTo(1 / 3, 3);
  expect(halfBits(1 + 2 ** -11)).toBe(halfBits(1));
  expect(halfBits(1 + 3 * 2 ** -11)).toBe(halfBits(1 + 2 ** -9));
  expect(halfBits(65_519.9)).toBe(0x7bff);
  expect(halfBits(65_520)).toBe(0x7c00);
  expect(Number.isNaN(halfValue(halfBits(Number.NaN)))).toBe(true);
});

// Internal

/** Beyond 2^53 as a text. */
function exact(value: bigint): Nested {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function nested(extents: readonly number[], element: fc.Arbitrary<Nested>): fc.Arbitrary<Nested> {
  return extents.reduceRight<fc.Arbitrary<Nested>>(
    (inner, extent) => fc.array(inner, { minLength: extent, maxLength: extent }),
    element,
  );
}
