// Naive Bayes against scikit-learn (bench/peers/features_reference.py).
import { describe, expect, it } from "vitest";
import { type Estimator, GaussianNB, MultinomialNB } from "../../src/index.ts";
import { classTargetOf, distance, example } from "../example-data.ts";
import fixture from "../fixtures/features.json" with { type: "json" };
import { noKernels, numbers, table } from "../tables.ts";

async function probabilitiesOf(estimator: Estimator, name: string, every: number) {
  const data = example(name, false);
  const target = classTargetOf(data);
  const prediction = (await estimator.fit(data.table, target, noKernels)).predict(data.table);
  if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
  const { classes, probabilities, codes } = prediction;
  const shown = Array.from({ length: Math.ceil(codes.length / every) }, (_, i) =>
    probabilities.subarray(i * every * classes.length, (i * every + 1) * classes.length),
  );
  const right = codes.reduce((count, code, row) => count + (code === target.codes[row] ? 1 : 0), 0);
  return { shown, accuracy: right / codes.length };
}

describe("naive Bayes", () => {
  it("of normal distributions agrees to 1e-9 on iris", async () => {
    const { shown } = await probabilitiesOf(new GaussianNB(), "iris", 10);
    for (const [i, row] of shown.entries()) expect(distance(row, fixture.bayes.gaussian[i])).toBeLessThan(1e-9);
  });

  it("of counts agrees to 1e-9 on digits", async () => {
    const { shown, accuracy } = await probabilitiesOf(new MultinomialNB({ alpha: 0.5 }), "digits", 200);
    for (const [i, row] of shown.entries()) expect(distance(row, fixture.bayes.multinomial[i])).toBeLessThan(1e-9);
    expect(accuracy).toBeCloseTo(fixture.bayes.multinomialAccuracy, 12);
  });

  it("of counts refuses a number below 0", async () => {
    const codes = Int32Array.of(0, 1);
    const target = { kind: "class", name: "y", codes, classes: ["a", "b"] } as const;
    const fit = new MultinomialNB().fit(table(numbers("x", [1, -1])), target, noKernels);
    await expect(fit).rejects.toThrow('row 1 of "x" is -1');
  });
});
