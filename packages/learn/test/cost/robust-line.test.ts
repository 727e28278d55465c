// The line through measurements: found through noise and outliers, never negative, with an honest band.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addEstimates, banded, estimate, fitLine, type Measurement, Random, workOf } from "../../src/index.ts";

const line = (fixed: number, rate: number, units: readonly number[]): Measurement[] =>
  units.map((u) => ({ units: u, value: fixed + rate * u }));

describe("fitLine", () => {
  test("finds an exact line, whatever its two parts", () => {
    const parts = fc.tuple(
      fc.double({ min: 0, max: 10, noNaN: true }),
      fc.double({ min: 1e-9, max: 1e-3, noNaN: true }),
    );
    fc.assert(
      fc.property(parts, ([fixed, rate]) => {
        const found = fitLine(line(fixed, rate, [1e3, 1e4, 1e5, 1e6]));
        expect(found?.rate).toBeCloseTo(rate, 9);
        expect(found?.fixed).toBeCloseTo(fixed, 6);
      }),
    );
  });

  test("is not led astray by a third of wild measurements", () => {
    const good = line(0.5, 1e-6, [1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7]);
    const wild = line(0.5, 1e-6, [1e6, 3e6, 8e6, 1e7]).map(({ units, value }) => ({ units, value: value * 6 }));
    const found = fitLine([...good, ...wild]);
    expect(found?.rate).toBeGreaterThan(0.8e-6);
    expect(found?.rate).toBeLessThan(1.35e-6);
  });

  test("never gives a negative part, and needs no more than one measurement", () => {
    expect(fitLine([])).toBeUndefined();
    expect(fitLine([{ units: 1000, value: 2 }])).toMatchObject({ fixed: 0, rate: 0.002 });
    expect(fitLine([{ units: 0, value: 2 }])).toMatchObject({ fixed: 2, rate: 0 });
    const falling = fitLine([
      { units: 10, value: 5 },
      { units: 1000, value: 1 },
    ]);
    expect(falling?.rate).toBe(0);
    expect(falling?.fixed).toBeGreaterThan(0);
  });

  test("nine of ten new measurements of the same noise lie within the band", () => {
    const random = new Random(3);
    const noisy = (units: number) => ({ units, value: (0.3 + 2e-6 * units) * Math.exp(0.25 * random.normal()) });
    const found = fitLine(Array.from({ length: 40 }, () => noisy(10 ** (4 + 3 * random.uniform()))));
    const inside = Array.from({ length: 1000 }, () => {
      const { units, value } = noisy(10 ** (4 + 3 * random.uniform()));
      const { low, high } = estimate(found as NonNullable<typeof found>, units);
      return value >= low && value <= high;
    }).filter(Boolean).length;
    expect(inside).toBeGreaterThan(840);
    expect(inside).toBeLessThan(980);
  });

  test("the band widens beyond what was measured", () => {
    const found = fitLine(line(1, 1e-6, [1e5, 1e6, 1e7]));
    if (found === undefined) throw new Error("no line");
    const width = (units: number) => estimate(found, units).high / estimate(found, units).expected;
    expect(width(1e9)).toBeGreaterThan(width(1e7) * 1.5);
  });

  test("estimates of parts add up, their bands as independent errors", () => {
    const sum = addEstimates([banded(1, 0.2), banded(3, 0.2)]);
    expect(sum.expected).toBe(4);
    expect(sum.high).toBeLessThan(banded(4, 0.2).high);
    expect(sum.high).toBeGreaterThan(3 + (banded(3, 0.2).high - 3));
    expect(addEstimates([])).toEqual({ expected: 0, low: 0, high: 0 });
  });
});

describe("workOf", () => {
  const shape = { rows: 10_000, testRows: 2000, columns: 9, features: 8, classes: 0 };
  const work = (type: string, params = {}, more = {}) =>
    workOf({ steps: [], estimator: { type, params } }, { ...shape, ...more });

  test("grows with what the algorithm loops over", () => {
    const rate = { learningRate: 0.1 };
    const descent = work("GradientDescentRegressor", { epochs: 10, ...rate }).fit;
    expect(work("GradientDescentRegressor", { epochs: 20, ...rate }).fit).toBe(2 * descent);
    expect(work("GradientDescentRegressor", { epochs: 10, ...rate }, { rows: 20_000 }).fit).toBe(2 * descent);
    const boost = work("GradientBoostingRegressor").fit;
    expect(work("GradientBoostingClassifier", {}, { classes: 3 }).fit).toBeGreaterThan(2.5 * boost);
    expect(work("KNeighborsRegressor").evaluate).toBeGreaterThan(10 * work("KNeighborsRegressor").fit);
  });

  test("says what may stop early, and tells methods apart", () => {
    expect(work("GradientDescentRegressor").stopsEarly).toBe(false);
    expect(work("GradientDescentRegressor", { method: "batch" })).toMatchObject({
      stopsEarly: true,
      family: "GradientDescentRegressor/batch",
    });
    expect(work("GradientBoostingRegressor", { earlyStopping: true }).stopsEarly).toBe(true);
  });
});
