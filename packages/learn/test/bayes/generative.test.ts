// Naive Bayes for counts and discriminant analysis against scikit-learn (bench/peers/generative_reference.py).
import { describe, expect, it } from "vitest";
import {
  BernoulliNB,
  ComplementNB,
  type Estimator,
  GaussianNB,
  LinearDiscriminantAnalysis,
  QuadraticDiscriminantAnalysis,
} from "../../src/index.ts";
import { classTargetOf, distance, example } from "../example-data.ts";
import fixture from "../fixtures/generative.json" with { type: "json" };
import { noKernels } from "../tables.ts";

/** Largest difference from `shown`, which holds every so-many-th row's probabilities, and the share of right rows. */
async function compare(
  estimator: Estimator,
  { name, every, shown }: { name: string; every: number; shown: readonly (readonly number[])[] },
  weights?: Float64Array,
) {
  const data = example(name, false);
  const target = classTargetOf(data);
  const context = weights === undefined ? noKernels : Object.assign(Object.create(noKernels), { weights });
  const prediction = (await estimator.fit(data.table, target, context)).predict(data.table);
  if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
  const { probabilities, codes, classes } = prediction;
  const k = classes.length;
  const differences = shown.map((row, i) => distance(probabilities.subarray(i * every * k, (i * every + 1) * k), row));
  const right = codes.reduce((count, code, row) => count + (code === target.codes[row] ? 1 : 0), 0);
  return { difference: Math.max(...differences), accuracy: right / codes.length };
}

describe("naive Bayes", () => {
  it.each([
    ["complement", new ComplementNB({ alpha: 0.5 }), fixture.complement],
    ["normalised complement", new ComplementNB({ alpha: 0.5, normalize: true }), fixture.complementNormed],
    ["Bernoulli", new BernoulliNB({ alpha: 0.5, threshold: 7 }), fixture.bernoulli],
  ])("of the %s kind agrees to 1e-9 on digits", async (_, estimator, { shown, accuracy }) => {
    const found = await compare(estimator, { name: "digits", every: 200, shown });
    expect(found.difference).toBeLessThan(1e-9);
    expect(found.accuracy).toBeCloseTo(accuracy, 12);
  });

  it("of normal distributions agrees to 1e-9 where rows have weights", async () => {
    const weights = Float64Array.from({ length: 150 }, (_, row) => (row % 3) + 0.5);
    const { shown, accuracy } = fixture.gaussianWeighed;
    const found = await compare(new GaussianNB(), { name: "iris", every: 10, shown }, weights);
    expect(found.difference).toBeLessThan(1e-9);
    expect(found.accuracy).toBeCloseTo(accuracy, 12);
  });
});

describe("discriminant analysis", () => {
  const lda = (shrinkage = 0) => new LinearDiscriminantAnalysis({ shrinkage });
  const qda = (shrinkage = 0) => new QuadraticDiscriminantAnalysis({ shrinkage });

  it.each([
    ["linear", lda(), "iris", 10, fixture.linear, 1e-8],
    ["linear, of two classes", lda(), "breast_cancer", 50, fixture.linearTwo, 1e-8],
    ["linear, of dependent columns", lda(), "digits", 200, fixture.linearDependent, 1e-8],
    ["quadratic", qda(), "iris", 10, fixture.quadratic, 1e-8],
    ["shrunk quadratic", qda(0.2), "breast_cancer", 50, fixture.quadraticShrunk, 1e-8],
  ])("%s agrees", async (_, estimator, name, every, { shown, accuracy }, tolerance) => {
    const found = await compare(estimator, { name, every, shown });
    expect(found.difference).toBeLessThan(tolerance);
    expect(found.accuracy).toBeCloseTo(accuracy, 12);
  });

  it("linear and shrunk agrees with the formula to 1e-9", async () => {
    const { difference } = await compare(lda(0.3), { name: "iris", every: 10, shown: fixture.linearShrunk });
    expect(difference).toBeLessThan(1e-9);
  });
});
