import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/index.ts";
import { findColumnCuts } from "../../src/tree/cuts.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

const findCuts = (values: Float64Array, maxBins: number, seed: number): Float64Array =>
  findColumnCuts(runtime, [values], { maxBins, seed })[0];

const number = fc.oneof(fc.integer({ min: -30, max: 30 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

describe("findColumnCuts", () => {
  it("cuts between all distinct values when they are few", () => {
    expect([...findCuts(Float64Array.of(3, 1, Number.NaN, 1, 2), 255, 0)]).toEqual([1.5, 2.5]);
    expect([...findCuts(Float64Array.of(7, 7), 255, 0)]).toEqual([]);
    expect([...findCuts(Float64Array.of(Number.NaN), 255, 0)]).toEqual([]);
  });

  it("separates the two largest numbers and numbers next to each other", () => {
    const next = 1 + Number.EPSILON;
    for (const [low, high] of [
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [1, next],
      [0, 5e-324],
    ]) {
      const [cut] = findCuts(Float64Array.of(high, low), 2, 0);
      expect(low <= cut && cut < high).toBe(true);
    }
  });

  it("gives ascending cuts, fewer than the bins, each with values on both sides", () => {
    const values = fc.array(number, { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 40 }), (list, maxBins) => {
        const cuts = [...findCuts(Float64Array.from(list), maxBins, 0)];
        expect(cuts.length).toBeLessThan(maxBins);
        const edges = [Number.NEGATIVE_INFINITY, ...cuts, Number.POSITIVE_INFINITY];
        for (let k = 0; k + 1 < edges.length; k++) {
          expect(list.some((value) => value > edges[k] && value <= edges[k + 1])).toBe(true);
        }
      }),
    );
  });

  it("puts about equally many rows into each bin, and a very frequent value into its own", () => {
    const values = Float64Array.from({ length: 30_000 }, (_, i) => (i % 3 === 0 ? 500 : (i * 7919) % 10_007));
    const cuts = [...findCuts(values, 100, 0)];
    const bin = (value: number) => cuts.filter((cut) => cut < value).length;
    const counts = new Array<number>(cuts.length + 1).fill(0);
    for (const value of values) counts[bin(value)]++;
    const others = counts.filter((_, k) => k !== bin(500));
    expect(Math.max(...others)).toBeLessThan(420); // 20,000 rows over 99 bins are 202
    expect(counts[bin(500)]).toBeLessThan(10_400);
  });

  it("looks at a sample of a long column, from every part of it", () => {
    const values = Float64Array.from({ length: 500_000 }, (_, i) => i);
    const cuts = findCuts(values, 5, 1);
    for (const [k, cut] of cuts.entries()) expect(Math.abs(cut - 100_000 * (k + 1))).toBeLessThan(500);
  });

  it("gives each of many columns the cuts it has alone", () => {
    const columns = Array.from({ length: 9 }, (_, k) =>
      Float64Array.from({ length: 999 }, (_, i) => (i * (k + 7)) % 641),
    );
    const alone = columns.map((column) => findCuts(column, 50, 0));
    expect(findColumnCuts(runtime, columns, { maxBins: 50, seed: 0 })).toEqual(alone);
    expect(findColumnCuts(runtime, [], { maxBins: 50, seed: 0 })).toEqual([]);
  });

  it("lets weights count as repeated rows do, also where values are missing", () => {
    const random = new Random(9);
    const values = Float64Array.from({ length: 600 }, (_, row) => (row % 11 === 0 ? Number.NaN : random.uniform()));
    const weights = values.map((_, row) => 1 + (row % 4));
    const repeated = Float64Array.from([...values].flatMap((value, row) => new Array(weights[row]).fill(value)));
    const [weighed] = findColumnCuts(runtime, [values], { maxBins: 30, seed: 0, weights });
    expect(weighed).toEqual(findCuts(repeated, 30, 0));
    expect(weighed).not.toEqual(findCuts(values, 30, 0));
  });
});
