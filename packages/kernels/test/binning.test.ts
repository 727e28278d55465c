import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.ts";
import { binReference } from "../src/reference/histogram.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

const value = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.double(), fc.constant(Number.NaN));

function bin(values: readonly number[], cuts: readonly number[], stride: number): number[] {
  return runtime.scope((memory) => {
    const source = memory.alloc(values.length * 8);
    runtime.f64(source, values.length).set(values);
    const table = memory.alloc(Math.max(8, cuts.length * 8));
    runtime.f64(table, cuts.length).set(cuts);
    const out = memory.alloc(values.length * stride);
    runtime.parallel("binNumbers", [source, table, cuts.length, out, stride], values.length, 7);
    return values.map((_, i) => runtime.u8(out + i * stride, 1)[0]);
  });
}

describe("binning", () => {
  it("gives a number 1 + the count of cuts below it, and NaN 0", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), cuts, fc.integer({ min: 1, max: 9 }), (v, c, s) => {
        const sorted = c.toSorted((a, b) => a - b);
        expect(bin(v, sorted, s)).toEqual(v.map((x) => binReference(x, sorted)));
      }),
    );
  });

  it("puts a value that equals a cut into the bin below it, at both ends of 254 cuts", () => {
    const cuts = Array.from({ length: 254 }, (_, i) => i);
    expect(bin([-1, 0, 0.5, 253, 253.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], cuts, 1)).toEqual([
      1, 1, 2, 254, 255, 255, 1,
    ]);
  });

  it("gives a category the code of the map, and one outside the map 0", () => {
    const codes = [0, 2, -1, 1, 3];
    const out = runtime.scope((memory) => {
      const source = memory.alloc(codes.length * 4);
      runtime.i32(source, codes.length).set(codes);
      const map = memory.alloc(8);
      runtime.u8(map, 3).set([7, 9, 255]);
      const target = memory.alloc(codes.length * 2);
      runtime.parallel("binCategories", [source, map, 3, target, 2], codes.length, 2);
      return codes.map((_, i) => runtime.u8(target + i * 2, 1)[0]);
    });
    expect(out).toEqual([7, 255, 0, 9, 0]);
  });
});
