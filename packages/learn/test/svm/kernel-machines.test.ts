// Machines with every kernel, and linear ones, against scikit-learn (bench/peers/svm_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { LinearSVC, LinearSVR, type NumberTarget, OneClassSVM, SVC, SVR } from "../../src/index.ts";
import { alikeRows } from "../../src/svm/alike-rows.ts";
import { expNegative } from "../../src/svm/row-kernel.ts";
import { unpackVectors, valuesOfRows } from "../../src/svm/support-vectors.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import fixture from "../fixtures/svm.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const cancer = example("breast_cancer", true);
const diabetes = example("diabetes", true);
const disease: NumberTarget = (({ values, ...rest }) => ({ ...rest, values: values.map((value) => value / 100) }))(
  numberTargetOf(diabetes),
);
const KERNELS = {
  rbf: { kernel: "rbf" },
  linear: { kernel: "linear" },
  poly: { kernel: "poly", degree: 3, coef0: 0.5 },
  sigmoid: { kernel: "sigmoid", gamma: 0.01, coef0: 0.1 },
} as const;
const names = ["rbf", "linear", "poly", "sigmoid"] as const;
/** Kernels are kept as float32, as LIBSVM keeps them. */
const TOLERANCE = 1e-3;
const weightsOf = (rows: number) => Float64Array.from({ length: rows }, (_, i) => 0.5 + (i % 3));
const every15th = (values: Float64Array) => values.filter((_, i) => i % 15 === 0);

/** scikit-learn's decisions speak for the second class, ours for the first. */
function decisions(model: SVC): Float64Array {
  const columns = cancer.table.columns.map((column) => (column as { values: Float64Array }).values);
  const machines = unpackVectors(model.getState(), "SVC", { features: columns.length, machines: 1 });
  return every15th(valuesOfRows(machines, { columns, count: cancer.table.rows }, runtime)).map((value) => -value);
}

describe.each(["plain", "weighted"] as const)("linear machines with %s rows", (key) => {
  it.each(["epsilon_insensitive", "squared_epsilon_insensitive"] as const)(
    "LinearSVR has scikit-learn's line for %s",
    async (name) => {
      const loss = name === "epsilon_insensitive" ? "epsilonInsensitive" : "squaredEpsilonInsensitive";
      const model = new LinearSVR({ c: 0.5, epsilon: 0.2, loss, tolerance: 1e-8, maxIterations: 100_000 });
      const weights = key === "plain" ? undefined : weightsOf(diabetes.table.rows);
      await model.fit(diabetes.table, disease, { ...context, weights });
      const found = Float64Array.of(...model.coefficients, model.intercept);
      // Rows are float32, which moves a line by about their rounding over the flattest curvature.
      expect(distance(found, fixture.linearSvr[`${name}-${key}`])).toBeLessThan(1e-4);
      expect(model.getState().meta.converged).toBe(true);
    },
  );
});

it.each(["hinge", "squared_hinge"] as const)(
  "LinearSVC with weighted rows has scikit-learn's plane for %s",
  async (name) => {
    const loss = name === "hinge" ? "hinge" : "squaredHinge";
    const model = new LinearSVC({ c: 0.5, loss, tolerance: 1e-8, maxIterations: 100_000, calibrationFolds: 0 });
    await model.fit(cancer.table, classTargetOf(cancer), { ...context, weights: weightsOf(cancer.table.rows) });
    const found = Float64Array.of(...model.coefficients, ...model.intercepts);
    expect(distance(found, fixture.linearSvc[name])).toBeLessThan(1e-4);
  },
);

describe.each(names)("with the kernel %s", (name) => {
  it("SVC has scikit-learn's decision values", async () => {
    const model = new SVC({ c: 0.7, tolerance: 1e-6, calibrationFolds: 0, ...KERNELS[name] });
    await model.fit(cancer.table, classTargetOf(cancer), context);
    expect(distance(decisions(model), fixture.svc[name])).toBeLessThan(TOLERANCE);
  });

  it("SVR has scikit-learn's predictions", async () => {
    const model = new SVR({ c: 0.7, tolerance: 1e-6, ...KERNELS[name] });
    const prediction = (await model.fit(diabetes.table, disease, context)).predict(diabetes.table);
    if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
    expect(distance(every15th(prediction.values), fixture.svr[name])).toBeLessThan(TOLERANCE);
  });

  it("OneClassSVM has scikit-learn's decision values with their signs turned", async () => {
    const model = new OneClassSVM({ nu: 0.1, tolerance: 1e-6, ...KERNELS[name] });
    const prediction = (await model.fit(cancer.table, undefined, context)).predict(cancer.table);
    if (prediction.kind !== "number") throw new Error("a detector gives numbers");
    const expected = fixture.oneClass[name].map((value) => -value);
    const scale = Math.max(...expected.map(Math.abs), 1);
    expect(distance(every15th(prediction.values), expected) / scale).toBeLessThan(TOLERANCE);
  });

  it("predicts by row the bits that it predicts by table", async () => {
    const model = new SVR({ ...KERNELS[name] });
    const { table } = diabetes;
    const prediction = (await model.fit(table, disease, context)).predict(table);
    const { columns } = model.getState().meta as unknown as { columns: { kind: "number"; name: string }[] };
    const predict = model.compileRow(columns.map((column, slot) => ({ ...column, slot })));
    const out = new Float64Array(1);
    for (let row = 0; row < 50; row++) {
      predict(
        Float64Array.from(table.columns, (column) => (column as { values: Float64Array }).values[row]),
        out,
      );
      expect(out[0]).toBe((prediction as { values: Float64Array }).values[row]);
    }
  });
});

describe("weights", () => {
  it("of rows make SVC and SVR what they make scikit-learn's", async () => {
    const svc = new SVC({ c: 0.7, gamma: 0.03, tolerance: 1e-6, calibrationFolds: 0 });
    await svc.fit(cancer.table, classTargetOf(cancer), { ...context, weights: weightsOf(cancer.table.rows) });
    expect(distance(decisions(svc), fixture.svc.weighted)).toBeLessThan(TOLERANCE);
    const svr = new SVR({ c: 0.7, gamma: 0.03, tolerance: 1e-6 });
    await svr.fit(diabetes.table, disease, { ...context, weights: weightsOf(diabetes.table.rows) });
    const { values } = svr.predict(diabetes.table) as { values: Float64Array };
    expect(distance(every15th(values), fixture.svr.weighted)).toBeLessThan(TOLERANCE);
  });

  it("of classes balance them as scikit-learn's do", async () => {
    const model = new SVC({ c: 0.7, tolerance: 1e-6, calibrationFolds: 0, classWeight: ["balanced"] });
    await model.fit(cancer.table, classTargetOf(cancer), context);
    expect(distance(decisions(model), fixture.svc.balanced)).toBeLessThan(TOLERANCE);
  });
});

describe("alikeRows", () => {
  it("joins rows that are alike, adds their weights and leaves out those without", () => {
    const columns = [Float64Array.of(1, 2, 1, 0, 2), Float64Array.of(5, 5, 5, 0, 5)];
    const { rows, weights } = alikeRows(columns, Float64Array.of(1, 2, 3, 0, 0.5));
    expect([...rows]).toEqual([0, 1]);
    expect([...weights]).toEqual([4, 2.5]);
    expect([...alikeRows([Float64Array.of(0, -0)]).weights]).toEqual([2]);
  });
});

describe("expNegative", () => {
  it("is the exponential to within a few units of the last place", () => {
    for (let z = 0; z > -700; z -= 0.37) expect(Math.abs(expNegative(z) / Math.exp(z) - 1)).toBeLessThan(1e-15);
  });
});
