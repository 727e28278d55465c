// Learning and validation curves, and cross-validation on splits of one's own.
import { describe, expect, it } from "vitest";
import {
  createRuntime,
  crossValidate,
  learningCurve,
  mainInterval,
  ParamError,
  timeSeriesSplit,
  validationCurve,
} from "../../src/index.ts";

const ROWS = 60;
const x = Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i * 1.7) * 3);
const y = x.map((value, i) => 2 * value + 1 + ((i * 37) % 11) / 20);
const rows = {
  table: { rows: ROWS, columns: [{ kind: "number" as const, name: "x", values: x }] },
  target: { kind: "number" as const, name: "y", values: y },
};
const context = { runtime: createRuntime({ threads: 1 }), seed: 3, report: async () => {} };
const ridge = { steps: [], estimator: { type: "Ridge", params: { alpha: 1 } } };
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("curves", () => {
  it("tell what more rows give", async () => {
    const points = await learningCurve(ridge, rows, { ...context, folds: 4, sizes: [0.1, 10, 1] });
    expect(points.map(({ at }) => at)).toEqual([4, 10, 45]);
    expect(points.every(({ train, test }) => train.length === 4 && test.length === 4)).toBe(true);
    expect(mean(points[2].test)).toBeLessThan(mean(points[0].test));
    // All training rows are what cross-validation learns from.
    const whole = await crossValidate(ridge, rows, { ...context, folds: 4 });
    points[2].test.forEach((value, fold) => {
      expect(value).toBeCloseTo(whole.folds[fold].rmse, 12);
    });
  });

  it("tell what a parameter does", async () => {
    const points = await validationCurve(ridge, rows, { ...context, param: "alpha", values: [0.001, 1000], folds: 3 });
    expect(mean(points[0].test)).toBeLessThan(mean(points[1].test));
    const scaled = { steps: [{ type: "PCA", columns: "number" as const, params: {} }], estimator: { type: "Ridge" } };
    const steps = await validationCurve(scaled, rows, { ...context, param: "steps.0.whiten", values: [true, false] });
    expect(steps.map(({ at }) => at)).toEqual([true, false]);
  });

  it("refuse sizes, parameters and metrics that cannot be", async () => {
    await expect(learningCurve(ridge, rows, { ...context, sizes: [49] })).rejects.toThrow(/from 2 to 48, got 49/);
    await expect(learningCurve(ridge, rows, { ...context, metric: "f1" })).rejects.toThrow(ParamError);
    await expect(validationCurve(ridge, rows, { ...context, param: "beta", values: [1] })).rejects.toThrow(/beta/);
    await expect(validationCurve(ridge, rows, { ...context, param: "steps.2.a", values: [1] })).rejects.toThrow(
      /step 2/,
    );
  });
});

it("cross-validates on splits that do not test every row", async () => {
  const found = await crossValidate(ridge, rows, { ...context, splits: timeSeriesSplit(ROWS, { folds: 3 }) });
  expect(found.folds).toHaveLength(3);
  expect([found.tested[0], found.tested.length]).toEqual([15, 45]);
  expect(found.prediction.kind === "number" && found.prediction.values).toHaveLength(45);
});

it("gives the interval of the figure that ranks", () => {
  const off = y.map((value, i) => value + (i % 5) / 10);
  const found = mainInterval(rows.target, { kind: "number", values: off });
  expect(found).toMatchObject({ metric: "rmse", confidence: 0.95 });
  expect(found?.value).toBeCloseTo(Math.sqrt(0.06), 12);
  expect(found?.low).toBeLessThan(found?.value ?? 0);
  // A prediction that is right everywhere has no spread to tell of.
  expect(mainInterval(rows.target, { kind: "number", values: y })?.high ?? 0).toBe(0);
});
