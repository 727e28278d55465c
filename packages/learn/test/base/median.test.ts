import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median } from "../../src/base/median.ts";

describe("median", () => {
  it("is the middle of the sorted numbers, or the mean of the two", () => {
    const finite = fc.double({ noNaN: true, min: -1e100, max: 1e100 });
    const few = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.oneof(finite, few), { minLength: 1, maxLength: 60 }), (values) => {
        const sorted = Float64Array.from(values).sort();
        const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
        expect(median(Float64Array.from(values)) + 0).toBe((lower === upper ? upper : (lower + upper) / 2) + 0);
      }),
      { numRuns: 500 },
    );
  });

  it("copes with infinities, and gives NaN for nothing", () => {
    expect(median(Float64Array.of(Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY))).toBe(1);
    expect(median(new Float64Array())).toBeNaN();
  });

  it("stays linear on sorted, reversed and constant numbers", () => {
    const n = 300_000;
    for (const of of [(i: number) => i, (i: number) => n - 1 - i, () => 7]) {
      const values = Float64Array.from({ length: n }, (_, i) => of(i));
      const sorted = values.slice().sort();
      expect(median(values)).toBe((sorted[n / 2 - 1] + sorted[n / 2]) / 2);
    }
  });
});
