// Support vector machines against scikit-learn (bench/peers/features_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { type Estimator, LinearSVC, SVC } from "../../src/index.ts";
import { classTargetOf, distance, example } from "../example-data.ts";
import fixture from "../fixtures/features.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const names = ["breast_cancer", "iris"] as const;

async function accuracyOf(estimator: Estimator, name: string) {
  const data = example(name, true);
  const target = classTargetOf(data);
  const prediction = (await estimator.fit(data.table, target, context)).predict(data.table);
  if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
  return (
    prediction.codes.reduce((count, code, row) => count + (code === target.codes[row] ? 1 : 0), 0) / data.table.rows
  );
}

describe.each(names)("on %s", (name) => {
  it.each(["hinge", "squared_hinge"] as const)("LinearSVC with %s has the same hyperplanes to 1e-4", async (key) => {
    const expected = fixture.margins[`${name}-${key}`];
    const loss = key === "hinge" ? "hinge" : "squaredHinge";
    const model = new LinearSVC({ c: 0.5, loss, tolerance: 1e-7, maxIterations: 100_000, calibrationFolds: 0 });
    const accuracy = await accuracyOf(model, name);
    // Rows are float32, which moves a hyperplane by about their rounding over the flattest curvature.
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-4);
    expect(distance(model.intercepts, expected.intercepts)).toBeLessThan(1e-4);
    expect(accuracy).toBeCloseTo(expected.accuracy, 12);
  });

  it("SVC has as many support vectors, and as many rows right", async () => {
    const expected = fixture.margins[`${name}-rbf`];
    const model = new SVC({ c: 2, tolerance: 1e-6 });
    expect(await accuracyOf(model, name)).toBeCloseTo(expected.accuracy, 12);
    const { meta } = model.getState();
    expect(Math.abs(Number(meta.count) - expected.support)).toBeLessThanOrEqual(2);
  });

  it("probabilities of held-out scores are better than those of shares alone", async () => {
    const data = example(name, true);
    const target = classTargetOf(data);
    for (const model of [new SVC(), new LinearSVC()]) {
      const prediction = (await model.fit(data.table, target, context)).predict(data.table);
      if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
      const { probabilities, classes } = prediction;
      let loss = 0;
      target.codes.forEach((code, row) => {
        loss -= Math.log(probabilities[row * classes.length + code]) / data.table.rows;
      });
      expect(loss).toBeLessThan(0.3);
    }
  });
});

describe("SVC", () => {
  it.each([0, 3])("predicts the one class that has rows, with %i folds", async (calibrationFolds) => {
    const { table } = example("iris", true);
    const codes = new Int32Array(table.rows);
    const target = { kind: "class", name: "species", codes, classes: ["only", "none"] } as const;
    const model = await new SVC({ calibrationFolds }).fit(table, target, context);
    expect(model.predict(table)).toMatchObject({ codes });
  });

  it("separates what no line can: a disc from the ring around it", async () => {
    const rows = 300;
    const angle = (i: number) => (2 * Math.PI * i * 17) / rows;
    const radius = (i: number) => (i % 2 === 0 ? 0.5 : 2) + 0.2 * Math.sin(i);
    const column = (name: string, of: (i: number) => number) =>
      ({ kind: "number", name, values: Float64Array.from({ length: rows }, (_, i) => of(i)) }) as const;
    const table = {
      rows,
      columns: [column("x", (i) => radius(i) * Math.cos(angle(i))), column("y", (i) => radius(i) * Math.sin(angle(i)))],
    };
    const codes = Int32Array.from({ length: rows }, (_, i) => i % 2);
    const model = await new SVC().fit(table, { kind: "class", name: "c", codes, classes: ["in", "out"] }, context);
    expect((model.predict(table) as { codes: Int32Array }).codes).toEqual(codes);
  });

  it("finds the same when its cache does not hold the whole matrix", async () => {
    const data = example("breast_cancer", true);
    const fit = (cacheMegabytes: number) =>
      new SVC({ cacheMegabytes, calibrationFolds: 0 }).fit(data.table, classTargetOf(data), context);
    const [wide, tight] = [await fit(100), await fit(1)];
    expect(tight.getState().tensors.biases.data).toEqual(wide.getState().tensors.biases.data);
  });
});
