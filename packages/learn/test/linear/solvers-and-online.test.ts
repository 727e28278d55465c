// The solvers of logistic regression, row weights and learners of single rows against scikit-learn
// (bench/peers/linear_models_reference.py).
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/base/random.ts";
import { takeRows, takeTarget } from "../../src/base/take-rows.ts";
import {
  type FitContext,
  GradientDescentRegressor,
  LinearRegression,
  LogisticRegression,
  type PartialContext,
  PassiveAggressiveClassifier,
  PassiveAggressiveRegressor,
  Perceptron,
} from "../../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";

interface Learned {
  readonly coefficients: number[];
  readonly intercepts: number[];
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/linear-models.json", import.meta.url), "utf8")) as {
  logistic: Record<string, Learned>;
  online: Record<string, Learned>;
};
const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

/** Of every seventh row 0, of the others 1, 2 and 3. */
const weightsOf = (rows: number) => Float64Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 3)));

describe("LogisticRegression", () => {
  it.each(Object.keys(fixture.logistic))("agrees to 1e-6, by saga to 1e-4, %s", async (key) => {
    const [name, penalty, c, weighted] = key.split("-") as [string, "l1" | "l2" | "elasticnet", string, string];
    const data = example(name, true);
    const model = new LogisticRegression({
      c: Number(c),
      penalty,
      l1Ratio: 0.3,
      solver: penalty === "l2" ? "newton-cg" : "saga",
      tolerance: penalty === "l2" ? 1e-10 : 1e-7,
      maxIterations: 20_000,
    });
    const weights = weighted === undefined ? undefined : weightsOf(data.table.rows);
    await model.fit(data.table, classTargetOf(data), { ...context, weights });
    expect(model.getState().meta.converged).toBe(true);
    const expected = fixture.logistic[key];
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(penalty === "l2" ? 1e-6 : 1e-4);
    expect(distance(model.intercepts, expected.intercepts)).toBeLessThan(penalty === "l2" ? 1e-6 : 1e-4);
    const zeros = expected.coefficients.map((w) => Math.abs(w) < 1e-9);
    expect(Array.from(model.coefficients, (w) => w === 0)).toEqual(zeros);
  });

  it.each(["breast_cancer", "iris"])("finds the weighted minimum by L-BFGS too, on %s", async (name) => {
    const data = example(name, true);
    const weights = weightsOf(data.table.rows);
    const model = new LogisticRegression({ tolerance: 1e-8 });
    await model.fit(data.table, classTargetOf(data), { ...context, weights });
    expect(distance(model.coefficients, fixture.logistic[`${name}-l2-1-weighted`].coefficients)).toBeLessThan(1e-4);
  });

  it("finds the same minimum by every solver", async () => {
    const data = example("iris", true);
    const fit = (solver: "lbfgs" | "newton-cg" | "saga") =>
      new LogisticRegression({ solver, tolerance: 1e-7 }).fit(data.table, classTargetOf(data), context);
    const [lbfgs, newton, saga] = [await fit("lbfgs"), await fit("newton-cg"), await fit("saga")];
    expect(distance(lbfgs.coefficients, newton.coefficients)).toBeLessThan(1e-4);
    expect(distance(saga.coefficients, newton.coefficients)).toBeLessThan(1e-4);
  });

  it("without a penalty has a gradient of 0", async () => {
    const data = example("iris", true);
    const codes = classTargetOf(data).codes.map((code) => (code === 1 ? 1 : 0));
    const target = { kind: "class", name: "species", codes, classes: ["other", "versicolor"] } as const;
    const models = (["lbfgs", "newton-cg"] as const).map(
      (solver) => new LogisticRegression({ penalty: "none", solver }),
    );
    for (const model of models) {
      const prediction = (await model.fit(data.table, target, context)).predict(data.table);
      if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
      const rest = Float64Array.from(codes, (code, i) => (prediction.probabilities[2 * i + 1] - code) / codes.length);
      for (const column of data.table.columns) {
        if (column.kind !== "number") continue;
        expect(Math.abs(column.values.reduce((sum, x, i) => sum + x * rest[i], 0))).toBeLessThan(1.1e-4);
      }
    }
  });

  it("says which solver a penalty needs", async () => {
    const data = example("iris", true);
    const fit = new LogisticRegression({ penalty: "l1" }).fit(data.table, classTargetOf(data), context);
    await expect(fit).rejects.toThrow('`penalty` "l1" of LogisticRegression needs `solver` "saga"');
  });
});

describe("gradient descent with weights", () => {
  const data = example("diabetes", true);
  const target = numberTargetOf(data);
  const weights = weightsOf(data.table.rows);

  it.each(["batch", "minibatch", "sgd"] as const)("comes near the weighted least squares, by %s", async (method) => {
    const exact = await new LinearRegression().fit(data.table, target, { ...context, weights });
    const epochs = method === "batch" ? 4000 : 400;
    const settings = { method, epochs, tolerance: null, momentum: method === "batch" ? 0.9 : 0 };
    const model = await new GradientDescentRegressor(settings).fit(data.table, target, { ...context, weights });
    const [ours, best] = [model, exact].map((each) => {
      const prediction = each.predict(data.table);
      if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
      return weights.reduce((sum, weight, i) => sum + weight * (prediction.values[i] - target.values[i]) ** 2, 0);
    });
    expect(ours / best).toBeLessThan(method === "batch" ? 1.0001 : 1.02);
  });

  it("stops by rows held out, which count by their weights", async () => {
    const model = new GradientDescentRegressor({ earlyStopping: true, epochs: 100 });
    await model.fit(data.table, target, { ...context, weights });
    expect(model.getState().meta.history).toHaveProperty("validationLoss");
  });

  it("is refused for rows in parts", async () => {
    const model = new GradientDescentRegressor();
    await expect(model.beginPartial(data.table, target, { ...context, weights })).rejects.toThrow("at once");
  });
});

describe("learners of single rows make scikit-learn's updates", () => {
  const inOrder = { epochs: 2, tolerance: null, shuffle: false };
  const models = {
    perceptron: () => new Perceptron(inOrder),
    hinge: () => new PassiveAggressiveClassifier({ ...inOrder, c: 0.05 }),
    squaredHinge: () => new PassiveAggressiveClassifier({ ...inOrder, c: 0.05, loss: "squaredHinge" }),
  };

  it.each(Object.keys(fixture.online).filter((key) => key.includes("-")))("%s, to 1e-9", async (key) => {
    const [kind, name] = key.split("-") as [keyof typeof models, string];
    const data = example(name, true);
    const model = await models[kind]().fit(data.table, classTargetOf(data), context);
    expect(distance(model.coefficients, fixture.online[key].coefficients)).toBeLessThan(1e-9);
    expect(distance(model.intercepts, fixture.online[key].intercepts)).toBeLessThan(1e-9);
  });

  it.each(["epsilonInsensitive", "squaredEpsilonInsensitive"] as const)("%s, to 1e-9", async (loss) => {
    const data = example("diabetes", true);
    const model = new PassiveAggressiveRegressor({ ...inOrder, c: 0.5, epsilon: 2, loss });
    await model.fit(data.table, numberTargetOf(data), context);
    expect(distance(model.coefficients, fixture.online[loss].coefficients)).toBeLessThan(1e-9);
    expect(distance([model.intercept], fixture.online[loss].intercepts)).toBeLessThan(1e-9);
  });

  it("and learn from parts of the rows what they learn from all", async () => {
    const data = example("breast_cancer", true);
    const target = classTargetOf(data);
    const whole = await models.hinge().fit(data.table, target, context);
    const parts = await models.hinge().beginPartial(data.table, target);
    const half = data.table.rows >> 1;
    const all = Uint32Array.from({ length: data.table.rows }, (_, i) => i);
    for (let pass = 0; pass < 2; pass++) {
      for (const rows of [all.subarray(0, half), all.subarray(half)]) {
        const endsPass = rows[0] > 0;
        const part: PartialContext = { ...context, pass, passes: 2, endsPass, share: 1 };
        await parts.partialFit(takeRows(data.table, rows), takeTarget(target, rows), part);
      }
    }
    expect(parts.coefficients).toEqual(whole.coefficients);
  });

  it("and stop once every row is right", async () => {
    const random = new Random(2);
    const values = Float64Array.from({ length: 100 }, () => random.normal());
    const codes = Int32Array.from(values, (x) => (x > 0.3 ? 1 : 0));
    const x = { kind: "number", name: "x", values: values.map((v) => (v > 0.3 ? v + 0.5 : v)) } as const;
    const model = new Perceptron();
    await model.fit({ rows: 100, columns: [x] }, { kind: "class", name: "y", codes, classes: ["no", "yes"] }, context);
    expect(model.getState().meta).toMatchObject({ converged: true, loss: 0 });
  });
});
