// Losses, optimisers and penalties of gradient descent beyond the kernels' own, against scikit-learn and papers' formulas
// (bench/peers/linear_models_reference.py).
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { takeRows, takeTarget } from "../../src/base/take-rows.ts";
import {
  type Checkpoint,
  DivergenceError,
  ElasticNet,
  type FitContext,
  type FittedState,
  GradientDescentClassifier,
  GradientDescentRegressor,
  ParamError,
  type PartialContext,
} from "../../src/index.ts";
import { hashState } from "../../src/testing/check.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";

interface Learned {
  readonly coefficients: number[];
  readonly intercept: number;
  readonly intercepts: number[];
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/linear-models.json", import.meta.url), "utf8")) as {
  sparse: { diabetes: Record<string, Learned> };
  losses: Record<string, Learned>;
  optimizers: Record<string, number[]>;
  minima: { median: Learned & { loss: number }; poisson: Learned };
};
const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const diabetes = example("diabetes", true);
const target = numberTargetOf(diabetes);
const OPTIMIZERS = ["momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"] as const;
const inOrder = { method: "sgd", epochs: 3, tolerance: null, shuffle: false, schedule: "constant" } as const;

describe("single rows in order make scikit-learn's updates", () => {
  it.each([
    ["huber", { loss: "huber", epsilon: 20, learningRate: 0.01 }],
    ["epsilonInsensitive", { loss: "epsilonInsensitive", epsilon: 5, learningRate: 0.1 }],
    ["averaging", { averaging: true, learningRate: 0.001 }],
  ] as const)("with %s", async (name, params) => {
    const model = await new GradientDescentRegressor({ ...inOrder, ...params }).fit(diabetes.table, target, context);
    // Columns are float32.
    expect(distance(model.coefficients, fixture.losses[name].coefficients)).toBeLessThan(1e-5);
    expect(distance([model.intercept], [fixture.losses[name].intercept])).toBeLessThan(1e-5);
  });

  it.each(["hinge", "squaredHinge"] as const)("with the %s, of two classes and of three", async (loss) => {
    for (const name of ["breast_cancer", "iris"]) {
      const data = example(name, true);
      const model = new GradientDescentClassifier({ ...inOrder, loss, learningRate: 0.01 });
      await model.fit(data.table, classTargetOf(data), context);
      const expected = fixture.losses[`${loss}-${name}`];
      expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-5);
      expect(distance(model.intercepts, expected.intercepts)).toBeLessThan(1e-5);
    }
  });
});

it.each(Object.keys(fixture.optimizers))("%s makes its paper's steps", async (name) => {
  const optimizer = name as (typeof OPTIMIZERS)[number];
  const own = name === "nesterov" ? { momentum: 0.9, learningRate: 0.01 } : { learningRate: 0.5 };
  const model = new GradientDescentRegressor({
    method: "batch",
    epochs: 20,
    tolerance: null,
    l2: 0.1,
    optimizer,
    ...own,
  });
  await model.fit(diabetes.table, target, context);
  expect(distance([...model.coefficients, model.intercept], fixture.optimizers[name])).toBeLessThan(1e-5);
});

describe("converged", () => {
  it("the L1 penalty gives the lasso, with its zeros", async () => {
    const model = new GradientDescentRegressor({ method: "batch", l1: 10, epochs: 5000, tolerance: null });
    await model.fit(diabetes.table, target, context);
    const expected = fixture.sparse.diabetes["lasso-10"];
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-4);
    expect(Array.from(model.coefficients, (w) => w === 0)).toEqual(expected.coefficients.map((w) => w === 0));
  });

  it("both penalties give the elastic net", async () => {
    const penalties = { alpha: 2, l1Ratio: 0.3 };
    const exact = await new ElasticNet({ ...penalties, tolerance: 1e-12 }).fit(diabetes.table, target, context);
    const [l1, l2] = [penalties.alpha * penalties.l1Ratio, penalties.alpha * (1 - penalties.l1Ratio)];
    const model = new GradientDescentRegressor({ method: "batch", l1, l2, epochs: 2000, tolerance: 1e-12 });
    await model.fit(diabetes.table, target, context);
    expect(distance(model.coefficients, exact.coefficients)).toBeLessThan(1e-3);
  });

  it("the Poisson loss gives scikit-learn's weights, and predicts positive numbers by table as by row", async () => {
    const model = new GradientDescentRegressor({ loss: "poisson", method: "batch", epochs: 20_000, tolerance: 1e-12 });
    await model.fit(diabetes.table, target, context);
    const { coefficients, intercept } = fixture.minima.poisson;
    expect(distance([...model.coefficients, model.intercept], [...coefficients, intercept])).toBeLessThan(0.01);
    const prediction = model.predict(diabetes.table);
    if (prediction.kind !== "number") throw new Error("a regression predicts numbers");
    const mean = prediction.values.reduce((sum, value) => sum + value, 0) / diabetes.table.rows;
    expect(mean).toBeCloseTo(target.values.reduce((sum, value) => sum + value, 0) / diabetes.table.rows, 0);
    const out = new Float64Array(1);
    const slots = diabetes.table.columns.map(({ name }, slot) => ({ name, kind: "number", slot }) as const);
    model.compileRow(slots)(
      Float64Array.from(diabetes.table.columns, (column) => (column.kind === "number" ? column.values[3] : Number.NaN)),
      out,
    );
    expect(out[0]).toBe(prediction.values[3]);
  });

  it("the quantile loss of a half comes within 1% of the least absolute error", async () => {
    const model = new GradientDescentRegressor({ loss: "quantile", epochs: 300 });
    await model.fit(diabetes.table, target, context);
    const loss = (model.getState().meta.history as { loss: number[] }).loss;
    expect(loss[loss.length - 1]).toBeLessThan(1.01 * fixture.minima.median.loss);
  });

  it.each(OPTIMIZERS)("%s with its own rate comes within 5% of least squares", async (optimizer) => {
    const model = new GradientDescentRegressor({ optimizer, momentum: 0.5, averaging: optimizer === "adam" });
    await model.fit(diabetes.table, target, context);
    const prediction = model.predict(diabetes.table);
    if (prediction.kind !== "number") throw new Error("a regression predicts numbers");
    const error = prediction.values.reduce((sum, value, i) => sum + (value - target.values[i]) ** 2, 0);
    // Least squares leaves a mean squared error of 2859.7.
    expect(error / diabetes.table.rows).toBeLessThan(1.05 * 2859.7);
  });
});

it("gradient noise has the variance that is asked for", async () => {
  const [learningRate, gradientNoise] = [0.01, 4];
  const step = async (noise: number, seed: number) => {
    const settings = { method: "batch", epochs: 1, tolerance: null, learningRate, gradientNoise: noise } as const;
    const model = await new GradientDescentRegressor(settings).fit(diabetes.table, target, { ...context, seed });
    return [...model.coefficients, model.intercept];
  };
  const plain = await step(0, 1);
  const noises: number[] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const noisy = await step(gradientNoise, seed);
    noises.push(...noisy.map((weight, j) => (weight - plain[j]) / learningRate));
  }
  const mean = noises.reduce((sum, noise) => sum + noise, 0) / noises.length;
  const variance = noises.reduce((sum, noise) => sum + (noise - mean) ** 2, 0) / noises.length;
  // Of 1100 draws the mean strays by 0.06 and the variance by 0.17.
  expect(Math.abs(mean)).toBeLessThan(0.25);
  expect(Math.abs(variance - gradientNoise)).toBeLessThan(0.7);
});

describe("whatever the optimiser", () => {
  const variants = OPTIMIZERS.map((optimizer) => ({
    optimizer,
    momentum: 0.5,
    averaging: optimizer === "rmsprop" || optimizer === "nesterov",
    gradientNoise: 0.1,
    l1: 0.01,
    epochs: 8,
    earlyStopping: optimizer === "adam",
  }));

  it.each(variants)("$optimizer resumes from a checkpoint to the same bits", async (params) => {
    for (const method of ["batch", "minibatch"] as const) {
      const make = () => new GradientDescentRegressor({ ...params, method, loss: "huber", epsilon: 30 });
      const whole = await make().fit(diabetes.table, target, context);
      let saved: FittedState | undefined;
      let epoch = 0;
      const checkpoint: Checkpoint = {
        load: async () => saved,
        save: async (state) => {
          epoch++;
          if (epoch === 3) saved = state();
        },
      };
      await make().fit(diabetes.table, target, { ...context, checkpoint });
      const resumed = await make().fit(diabetes.table, target, { ...context, checkpoint });
      expect(await hashState(resumed.getState())).toBe(await hashState(whole.getState()));
    }
  });

  it.each(variants)("$optimizer learns in parts: a full batch as from all rows at once", async (params) => {
    const settings = {
      ...params,
      gradientNoise: 0,
      earlyStopping: false,
      method: "batch",
      learningRate: 0.01,
    } as const;
    const whole = await new GradientDescentRegressor(settings).fit(diabetes.table, target, context);
    const model = new GradientDescentRegressor(settings);
    await model.beginPartial(diabetes.table, target, context);
    const halves = [0, 1].map((half) => Uint32Array.from({ length: 221 }, (_, i) => 221 * half + i));
    for (let pass = 0; pass < 8; pass++) {
      for (const [part, rows] of halves.entries()) {
        const place: PartialContext = { ...context, pass, passes: 8, endsPass: part === 1, share: 1 };
        await model.partialFit(takeRows(diabetes.table, rows), takeTarget(target, rows), place);
      }
    }
    expect(distance(model.coefficients, whole.coefficients)).toBeLessThan(1e-9);
  });

  it.each(OPTIMIZERS)("%s says when it diverges", async (optimizer) => {
    const params = { optimizer, momentum: 0.5, learningRate: 1e5, method: "batch", averaging: true } as const;
    const model = new GradientDescentRegressor(params);
    await expect(model.fit(diabetes.table, target, context)).rejects.toThrow(DivergenceError);
    await expect(model.fit(diabetes.table, target, context)).rejects.toThrow(/diverged in epoch \d+: .*`learningRate`/);
  });
});

it("refuses counts below 0 under the Poisson loss, naming the row", async () => {
  const values = target.values.map((value, i) => (i === 7 ? -1 : value));
  const fit = new GradientDescentRegressor({ loss: "poisson" }).fit(diabetes.table, { ...target, values }, context);
  await expect(fit).rejects.toThrow(ParamError);
  await expect(fit).rejects.toThrow("row 7");
});
