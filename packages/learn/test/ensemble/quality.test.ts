// Quality on real data against current scikit-learn, XGBoost and LightGBM with the same rows held out.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type ClassTarget,
  type Estimator,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  type FitContext,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
} from "../../src/index.ts";
import fixture from "../fixtures/trees.json" with { type: "json" };
import { classData, type Part, regressionData } from "../mixed-data.ts";

const runtime = createRuntime({ threads: 2 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

function r2(actual: Float64Array, predicted: Float64Array): number {
  const mean = actual.reduce((sum, y) => sum + y, 0) / actual.length;
  let left = 0;
  let all = 0;
  for (let i = 0; i < actual.length; i++) {
    left += (actual[i] - predicted[i]) ** 2;
    all += (actual[i] - mean) ** 2;
  }
  return 1 - left / all;
}

function quality(model: Estimator, { table, target }: Part<ClassTarget>): { accuracy: number; logLoss: number } {
  const prediction = model.predict(table);
  if (prediction.kind !== "class") throw new Error("not classes");
  const { probabilities, classes, codes } = prediction;
  let loss = 0;
  for (const [row, code] of target.codes.entries()) {
    loss -= Math.log(Math.max(1e-15, probabilities[row * classes.length + code])) / table.rows;
  }
  const right = codes.filter((code, row) => code === target.codes[row]).length;
  return { accuracy: right / table.rows, logLoss: loss };
}

describe("diamonds", () => {
  const { train, test } = regressionData("diamonds", "price");
  const peers = fixture.ensembles.diamonds;

  it("is explained by boosting as well as by XGBoost and LightGBM: R² within 0.001 of the better", async () => {
    const model = await new GradientBoostingRegressor().fit(train.table, train.target, context);
    const prediction = model.predict(test.table);
    const score = prediction.kind === "number" ? r2(test.target.values, prediction.values) : Number.NaN;
    expect(score).toBeGreaterThan(Math.max(peers.lightgbm.r2, peers.xgboost.r2) - 0.001);
    expect(score).toBeGreaterThan(0.975);
  });

  it("is explained by a forest of 30 trees as well as by 100 of scikit-learn: R² within 0.001", async () => {
    const forest = new RandomForestRegressor({ nEstimators: 30 });
    const prediction = (await forest.fit(train.table, train.target, context)).predict(test.table);
    const score = prediction.kind === "number" ? r2(test.target.values, prediction.values) : Number.NaN;
    expect(score).toBeGreaterThan(peers.forest.r2 - 0.001);
  });

  it("is explained by 30 trees with random cuts as well as by 100 of scikit-learn: R² within 0.002", async () => {
    const forest = new ExtraTreesRegressor({ nEstimators: 30 });
    const prediction = (await forest.fit(train.table, train.target, context)).predict(test.table);
    const score = prediction.kind === "number" ? r2(test.target.values, prediction.values) : Number.NaN;
    expect(score).toBeGreaterThan(peers.extra.r2 - 0.002);
  });
});

describe.each(["breast_cancer", "penguins", "digits"] as const)("%s", (name) => {
  const peers = fixture.ensembles[name];
  const { train, test } = classData(name, peers.target);
  /** Three test rows, and half of the log loss: both are that noisy on a few hundred rows. */
  const rows = 3 / test.table.rows;

  it("is classified by boosting about as well as by XGBoost and LightGBM", async () => {
    const model = await new GradientBoostingClassifier().fit(train.table, train.target, context);
    const ours = quality(model, test);
    expect(ours.accuracy).toBeGreaterThan(Math.max(peers.lightgbm.accuracy, peers.xgboost.accuracy) - rows);
    expect(ours.logLoss).toBeLessThan(1.5 * Math.max(peers.lightgbm.logLoss, peers.xgboost.logLoss));
  });

  it("is classified by a forest about as well as by scikit-learn's", async () => {
    const model = await new RandomForestClassifier().fit(train.table, train.target, context);
    const ours = quality(model, test);
    expect(ours.accuracy).toBeGreaterThan(peers.forest.accuracy - rows);
    expect(ours.logLoss).toBeLessThan(1.5 * peers.forest.logLoss);
  });

  it("is classified by trees with random cuts about as well as by scikit-learn's", async () => {
    const model = await new ExtraTreesClassifier().fit(train.table, train.target, context);
    const ours = quality(model, test);
    expect(ours.accuracy).toBeGreaterThan(peers.extra.accuracy - rows);
    expect(ours.logLoss).toBeLessThan(1.5 * peers.extra.logLoss);
  });
});
