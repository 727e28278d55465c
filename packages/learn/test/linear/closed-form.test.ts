import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type FitContext, LinearRegression, Ridge, ShapeError } from "../../src/index.ts";
import { distance } from "../example-data.ts";
import { categories, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const target = (values: number[]) => ({ kind: "number", name: "y", values: Float64Array.from(values) }) as const;

describe("least squares", () => {
  it("recovers the weights of an exact linear relation", async () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true });
    const scene = fc.integer({ min: 1, max: 6 }).chain((columns) =>
      fc.record({
        weights: fc.array(value, { minLength: columns, maxLength: columns }),
        intercept: value,
        seed: fc.integer({ min: 1, max: 1000 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(scene, async ({ weights, intercept, seed }) => {
        const rows = Array.from({ length: 40 }, (_, i) =>
          weights.map((_, j) => Math.sin(seed * (i + 1) * (j + 1) * 1.7) * 5),
        );
        const x = table(
          ...weights.map((_, j) =>
            numbers(
              `x${j}`,
              rows.map((row) => row[j]),
            ),
          ),
        );
        const y = rows.map((row) => row.reduce((sum, v, j) => sum + v * weights[j], intercept));
        const model = await new LinearRegression().fit(x, target(y), context);
        const predicted = model.predict(x);
        if (predicted.kind !== "number") throw new Error("a regressor predicts numbers");
        expect(distance(predicted.values, y)).toBeLessThan(1e-7);
      }),
      { numRuns: 50 },
    );
  });

  it("gives dependent and constant columns no weight and still predicts as well", async () => {
    const a = [1, 2, 3, 4, 5, 6];
    const x = table(
      numbers("a", a),
      numbers(
        "twice",
        a.map((v) => 2 * v),
      ),
      numbers(
        "constant",
        a.map(() => 3),
      ),
    );
    const model = await new LinearRegression().fit(x, target(a.map((v) => 7 * v - 1)), context);
    expect(distance(model.coefficients, [7, 0, 0])).toBeLessThan(1e-12);
    expect(model.intercept).toBeCloseTo(-1, 10);
  });

  it("splits the weight of equal columns under a penalty", async () => {
    const a = [-2, -1, 1, 2];
    const model = await new Ridge({ alpha: 1 }).fit(table(numbers("a", a), numbers("b", a)), target(a), context);
    // w = (X'X + I)^-1 X'y with X'X = 10 in every entry: both weights are 10 / 21.
    expect(distance(model.coefficients, [10 / 21, 10 / 21])).toBeLessThan(1e-12);
  });
});

describe("columns that are not finite numbers", () => {
  const y = target([1, 2, 3]);
  const cases = [
    [table(numbers("a", [1, null, 3])), /missing values: row 1 of "a"; add a SimpleImputer step/],
    [table(numbers("a", [1, 2, Number.POSITIVE_INFINITY])), /row 2 of "a" is Infinity/],
    [table(categories("c", ["u", "v", "u"])), /"c" is a category column; add a OneHotEncoder/],
  ] as const;

  it.each(cases)("are refused with the column's name and the cure (%#)", async (columns, message) => {
    const fit = new LinearRegression().fit(columns, y, context);
    await expect(fit).rejects.toThrow(ShapeError);
    await expect(fit).rejects.toThrow(message);
  });
});
