// Linear models against scikit-learn (bench/peers/linear_reference.py).
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type FitContext,
  GradientDescentClassifier,
  GradientDescentRegressor,
  LinearRegression,
  LogisticRegression,
  Ridge,
} from "../../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";

interface Learned {
  readonly coefficients: number[];
  readonly intercepts: number[];
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/linear.json", import.meta.url), "utf8")) as {
  closedForms: Record<"raw" | "scaled", Record<"leastSquares" | "ridge1" | "ridge100NoIntercept", Learned>>;
  logistic: Record<string, Learned & { probabilities: number[] }>;
  sgd: Record<"constant" | "invscaling" | "logistic", Learned>;
};
const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

describe.each(["raw", "scaled"] as const)("on %s diabetes columns", (scale) => {
  const data = example("diabetes", scale === "scaled");
  const expected = fixture.closedForms[scale];

  it.each([
    ["leastSquares", new LinearRegression()],
    ["leastSquares", new Ridge({ alpha: 0 })],
    ["ridge1", new Ridge()],
    ["ridge100NoIntercept", new Ridge({ alpha: 100, fitIntercept: false })],
  ] as const)("the closed form of %s agrees to 1e-8", async (name, model) => {
    await model.fit(data.table, numberTargetOf(data), context);
    expect(distance(model.coefficients, expected[name].coefficients)).toBeLessThan(1e-8);
    expect(distance([model.intercept], expected[name].intercepts)).toBeLessThan(1e-8);
  });
});

describe("LogisticRegression", () => {
  it.each(Object.keys(fixture.logistic))("agrees to 1e-4 on %s", async (key) => {
    const [name, c] = key.split("-");
    const data = example(name, true);
    const model = new LogisticRegression({ c: Number(c), tolerance: 1e-9 });
    await model.fit(data.table, classTargetOf(data), context);
    const expected = fixture.logistic[key];
    // Columns are float32 in the passes, which moves the minimum by about their rounding over the flattest curvature.
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-4);
    expect(distance(model.intercepts, expected.intercepts)).toBeLessThan(1e-4);
    const prediction = model.predict(data.table);
    if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
    const shown = prediction.probabilities.subarray(0, expected.probabilities.length);
    expect(distance(shown, expected.probabilities)).toBeLessThan(1e-5);
  });
});

describe("SGD over rows in order makes scikit-learn's updates", () => {
  const common = { method: "sgd", epochs: 3, tolerance: null, shuffle: false } as const;
  const diabetes = example("diabetes", true);

  it("with a constant rate", async () => {
    const model = new GradientDescentRegressor({ ...common, schedule: "constant", learningRate: 0.001 });
    await model.fit(diabetes.table, numberTargetOf(diabetes), context);
    expect(distance(model.coefficients, fixture.sgd.constant.coefficients)).toBeLessThan(1e-6);
    expect(distance([model.intercept], fixture.sgd.constant.intercepts)).toBeLessThan(1e-6);
  });

  it("with an inversely scaled rate and a penalty", async () => {
    const model = new GradientDescentRegressor({ ...common, schedule: "invscaling", learningRate: 0.01, l2: 0.01 });
    await model.fit(diabetes.table, numberTargetOf(diabetes), context);
    expect(distance(model.coefficients, fixture.sgd.invscaling.coefficients)).toBeLessThan(1e-6);
    expect(distance([model.intercept], fixture.sgd.invscaling.intercepts)).toBeLessThan(1e-6);
  });

  it("with the logistic loss", async () => {
    const data = example("breast_cancer", true);
    const model = new GradientDescentClassifier({ ...common, schedule: "constant", learningRate: 0.01, l2: 0.001 });
    await model.fit(data.table, classTargetOf(data), context);
    expect(distance(model.coefficients, fixture.sgd.logistic.coefficients)).toBeLessThan(1e-6);
    expect(distance(model.intercepts, fixture.sgd.logistic.intercepts)).toBeLessThan(1e-6);
  });
});
