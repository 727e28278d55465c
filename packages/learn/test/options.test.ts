// Options that other tests leave at their defaults, against scikit-learn (bench/peers/options_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  BernoulliNB,
  type ClassTarget,
  type Estimator,
  ExtraTreesClassifier,
  ExtraTreesRegressor,
  GradientBoostingRegressor,
  IsolationForest,
  LinearDiscriminantAnalysis,
  LinearSVC,
  LinearSVR,
  MultinomialNB,
  PassiveAggressiveClassifier,
  PassiveAggressiveRegressor,
  Perceptron,
  type Prediction,
  QuadraticDiscriminantAnalysis,
  RandomForestClassifier,
  RandomForestRegressor,
  rocAuc,
  type Table,
  type Target,
  takeRows,
  takeTarget,
} from "../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "./example-data.ts";
import fixture from "./fixtures/options.json" with { type: "json" };
import { regressionData } from "./mixed-data.ts";

const runtime = createRuntime({ threads: 2 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const pick = <T extends Target>(table: Table, target: T, of: (row: number) => boolean) => {
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row).filter(of);
  return { table: takeRows(table, rows), target: takeTarget(target, rows) as T };
};

function sharesOf(prediction: Prediction): { probabilities: Float64Array; width: number } {
  if (prediction.kind !== "class") throw new Error("not classes");
  return { probabilities: prediction.probabilities, width: prediction.classes.length };
}

function numbersOf(prediction: Prediction): Float64Array {
  if (prediction.kind !== "number") throw new Error("not numbers");
  return prediction.values;
}

describe("classes taken to be alike in number, though they are not", () => {
  const { priors } = fixture;
  const [digits, wine] = [example("digits", false), example("wine", false)];
  const digit = classTargetOf(digits);
  const uneven = pick(digits.table, digit, (row) => digit.codes[row] < 5 || row % 3 === 0);
  const whole = { table: wine.table, target: classTargetOf(wine) };

  it.each([
    ["multinomial", () => new MultinomialNB({ alpha: 0.3, fitPrior: false }), uneven, 100],
    ["bernoulli", () => new BernoulliNB({ alpha: 0.3, threshold: 7, fitPrior: false }), uneven, 100],
    ["linear", () => new LinearDiscriminantAnalysis({ fitPrior: false }), whole, 12],
    ["quadratic", () => new QuadraticDiscriminantAnalysis({ fitPrior: false }), whole, 12],
  ] as const)("have scikit-learn's probabilities to 1e-8: %s", async (name, make, { table, target }, every) => {
    const model: Estimator = make();
    const { probabilities, width } = sharesOf((await model.fit(table, target, context)).predict(table));
    priors[name].forEach((row, i) => {
      expect(distance(probabilities.subarray(i * every * width, (i * every + 1) * width), row)).toBeLessThan(1e-8);
    });
  });
});

describe("planes and lines through the origin", () => {
  const { throughOrigin } = fixture;
  const [cancer, diabetes] = [example("breast_cancer", true), example("diabetes", true)];
  const disease = numberTargetOf(diabetes);
  const hundredth = { ...disease, values: disease.values.map((value) => value / 100) };
  const steps = { epochs: 2, tolerance: null, shuffle: false, fitIntercept: false };
  const exact = { c: 0.5, tolerance: 1e-8, maxIterations: 100_000, fitIntercept: false };
  const margin = { ...exact, calibrationFolds: 0 };

  it.each([
    ["perceptron", () => new Perceptron(steps), 1e-9],
    ["aggressive", () => new PassiveAggressiveClassifier({ ...steps, c: 0.05 }), 1e-9],
    // Rows are float32 there.
    ["margin", () => new LinearSVC({ ...margin, loss: "hinge" }), 1e-4],
    ["squaredMargin", () => new LinearSVC(margin), 1e-4],
  ] as const)("are scikit-learn's: %s", async (name, make, most) => {
    const model = await make().fit(cancer.table, classTargetOf(cancer), context);
    expect(distance(model.coefficients, throughOrigin[name])).toBeLessThan(most);
    expect([...model.intercepts]).toEqual([0]);
  });

  it.each([
    [
      "aggressiveRegressor",
      () => new PassiveAggressiveRegressor({ ...steps, c: 0.5, epsilon: 2, loss: "epsilonInsensitive" }),
      disease,
      1e-9,
    ],
    ["tube", () => new LinearSVR({ ...exact, epsilon: 0.2, loss: "epsilonInsensitive" }), hundredth, 1e-4],
    [
      "squaredTube",
      () => new LinearSVR({ ...exact, epsilon: 0.2, loss: "squaredEpsilonInsensitive" }),
      hundredth,
      1e-4,
    ],
  ] as const)("of numbers are scikit-learn's: %s", async (name, make, target, most) => {
    const model = await make().fit(diabetes.table, target, context);
    expect(distance(model.coefficients, throughOrigin[name])).toBeLessThan(most);
    expect(model.intercept).toBe(0);
  });
});

describe("boosting on bins of single values", () => {
  const { table, target } = regressionData("diabetes", "progression", 250).whole;
  const fixed = { nEstimators: 30, minSamplesLeaf: 1 };

  it.each([
    ["l2", { l2: 1, maxLeaves: 8 }],
    ["maxDepth", { maxDepth: 3, maxLeaves: null, learningRate: 0.3 }],
    ["minSamplesLeaf", { minSamplesLeaf: 12, maxLeaves: 8 }],
  ] as const)("predicts what HistGradientBoostingRegressor does, to 1e-6: %s", async (name, params) => {
    const model = await new GradientBoostingRegressor({ ...fixed, ...params }).fit(table, target, context);
    const ours = numbersOf(model.predict(table)).filter((_, row) => row % 5 === 0);
    expect(distance(ours, fixture.boosting[name])).toBeLessThan(1e-6);
  });

  it("errs no more than 3 % beyond it where columns are monotone", async () => {
    const params = { ...fixed, maxLeaves: 8, increasing: ["bmi"], decreasing: ["s3"] };
    const said = numbersOf((await new GradientBoostingRegressor(params).fit(table, target, context)).predict(table));
    const error = said.reduce((sum, value, i) => sum + (value - target.values[i]) ** 2, 0) / said.length;
    expect(error).toBeLessThan(1.03 * fixture.boosting.monotoneError);
  });
});

describe("forests with limits, on rows that they have not seen", () => {
  const plain = { bootstrap: false, nEstimators: 60 };
  const numbers = example("diabetes", false);
  const ofNumbers = (own: number) =>
    pick(numbers.table, numberTargetOf(numbers), (row) => (row % 3 === 0) === (own === 1));
  const cells = example("breast_cancer", false);
  const ofCells = (own: number) => pick(cells.table, classTargetOf(cells), (row) => (row % 3 === 0) === (own === 1));
  /** Of the losses' range over seeds, at both ends: a single seed of ours may lie so far beyond four of theirs. */
  const margin = 0.05;

  it.each(
    Object.entries({
      depth: { maxDepth: 3, bootstrap: true },
      leaves: { maxLeaves: 12, maxFeatures: 0.5 },
      leaf: { minSamplesLeaf: 8, maxFeatures: 0.4 },
      split: { minSamplesSplit: 40, maxFeatures: 0.4 },
      decrease: { minImpurityDecrease: 30, maxFeatures: 0.5 },
      pruned: { ccpAlpha: 20, maxFeatures: 0.5 },
      absolute: { criterion: "absolute_error", maxDepth: 4, maxFeatures: 0.5 },
      poisson: { criterion: "poisson", maxDepth: 4, maxFeatures: 0.5 },
    } as const),
  )("err as scikit-learn's do, within 5 %: numbers by %s", async (name, params) => {
    const [train, test] = [ofNumbers(0), ofNumbers(1)];
    const key = name as keyof typeof fixture.forests.diabetes.forest;
    for (const [kind, make] of [
      ["forest", () => new RandomForestRegressor({ ...plain, ...params })],
      ["extra", () => new ExtraTreesRegressor({ ...plain, ...params })],
    ] as const) {
      const said = numbersOf((await make().fit(train.table, train.target, context)).predict(test.table));
      const error = said.reduce((sum, value, i) => sum + (value - test.target.values[i]) ** 2, 0) / said.length;
      const [low, high] = fixture.forests.diabetes[kind][key];
      expect.soft(error, kind).toBeGreaterThan(low * (1 - margin));
      expect.soft(error, kind).toBeLessThan(high * (1 + margin));
    }
  });

  it.each(
    Object.entries({
      entropy: { criterion: "entropy", maxDepth: 3, bootstrap: true },
      leaf: { minSamplesLeaf: 8 },
      split: { minSamplesSplit: 60 },
      decrease: { minImpurityDecrease: 0.01 },
      pruned: { ccpAlpha: 0.01 },
    } as const),
  )("err as scikit-learn's do, within 5 %: classes by %s", async (name, params) => {
    const [train, test] = [ofCells(0), ofCells(1)];
    const key = name as keyof typeof fixture.forests.breast_cancer.forest;
    for (const [kind, make] of [
      ["forest", () => new RandomForestClassifier({ ...plain, ...params })],
      ["extra", () => new ExtraTreesClassifier({ ...plain, ...params })],
    ] as const) {
      const fitted = await make().fit(train.table, train.target as ClassTarget, context);
      const { probabilities, width } = sharesOf(fitted.predict(test.table));
      const { codes } = test.target;
      const wrong = probabilities.map(
        (share, i) => (share - (codes[Math.floor(i / width)] === i % width ? 1 : 0)) ** 2,
      );
      const loss = wrong.reduce((sum, square) => sum + square, 0) / wrong.length;
      const [low, high] = fixture.forests.breast_cancer[kind][key];
      expect.soft(loss, kind).toBeGreaterThan(low * (1 - margin));
      expect.soft(loss, kind).toBeLessThan(high * (1 + margin));
    }
  });
});

describe("IsolationForest of a third of the columns and 100 rows", () => {
  it("finds malignant cells as unusual as scikit-learn's does", async () => {
    const cancer = example("breast_cancer", true);
    const { aucs, shares } = fixture.isolation;
    const model = await new IsolationForest({ maxFeatures: 1 / 3, maxSamples: 100 }).fit(
      cancer.table,
      undefined,
      context,
    );
    const scores = numbersOf(model.predict(cancer.table));
    const actual = Int32Array.from(cancer.labels, (label) => (label === "malignant" ? 1 : 0));
    const probabilities = Float64Array.from([...scores].flatMap((score) => [1 - score, score]));
    const auc = rocAuc({ actual, probabilities, classes: 2 });
    expect(auc).toBeGreaterThan(Math.min(...aucs) - 0.03);
    expect(auc).toBeLessThan(Math.max(...aucs) + 0.03);
    const share = scores.filter((score) => score > 0).length / scores.length;
    expect(share).toBeGreaterThan(Math.min(...shares) - 0.03);
    expect(share).toBeLessThan(Math.max(...shares) + 0.03);
  });
});
