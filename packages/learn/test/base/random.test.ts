import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/base/random.ts";

describe("Random", () => {
  it("gives the same stream for the same seed and another for another", () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 8 },
        (
          (random) => () =>
            random.uint32()
        )(new Random(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7)).not.toEqual(draw(7 + 2 ** 32));
  });

  it("stays below every bound and above zero", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (bound, seed) => {
        const drawn = new Random(seed).below(bound);
        return Number.isInteger(drawn) && drawn >= 0 && drawn < bound;
      }),
    );
  });

  it.each([2, 3, 7, 10, 100])("draws every whole number below %i equally often", (bound) => {
    const random = new Random(11);
    const counts = new Array<number>(bound).fill(0);
    const draws = 20_000 * bound;
    for (let i = 0; i < draws; i++) counts[random.below(bound)] += 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 20_000) ** 2 / 20_000, 0);
    // Mean bound − 1, variance 2 (bound − 1): five standard deviations.
    expect(chiSquared).toBeLessThan(bound - 1 + 5 * Math.sqrt(2 * (bound - 1)));
  });

  it("draws uniform and normal numbers of the right mean and variance", () => {
    const random = new Random(3);
    const n = 100_000;
    const moments = (draw: () => number) => {
      const values = Array.from({ length: n }, draw);
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n };
    };
    const uniform = moments(() => random.uniform());
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.variance).toBeCloseTo(1 / 12, 2);
    const normal = moments(() => random.normal());
    expect(Math.abs(normal.mean)).toBeLessThan(0.02);
    expect(Math.abs(normal.variance - 1)).toBeLessThan(0.02);
  });

  it("permutes without losing or repeating", () => {
    const order = new Random(1).permutation(1000);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect([...order]).not.toEqual([...order].sort((a, b) => a - b));
  });
});
