// Nearest neighbours against scikit-learn (bench/peers/linear_reference.py).
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { type FitContext, KNeighborsClassifier, KNeighborsRegressor, takeRows } from "../../src/index.ts";
import { distance, example } from "../example-data.ts";

interface Expected {
  readonly accuracy: number;
  readonly probabilities: number[];
  readonly values: number[];
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/neighbors.json", import.meta.url), "utf8")) as Record<
  "uniform" | "distance",
  Expected
>;
const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const digits = example("digits", false);
const rows = Uint32Array.from(digits.labels, (_, i) => i);
const training = rows.filter((i) => i % 4 !== 0);
const held = rows.filter((i) => i % 4 === 0);
const train = takeRows(digits.table, training);
const test = takeRows(digits.table, held);
const classes = Array.from({ length: 10 }, (_, digit) => String(digit));
const codes = Int32Array.from(training, (i) => Number(digits.labels[i]));

describe.each(["uniform", "distance"] as const)("with %s weights", (weights) => {
  describe.each(["brute", "kdtree", "auto"] as const)("by %s", (algorithm) => {
    it("the classifier gives scikit-learn's shares and accuracy on the digits", async () => {
      const model = new KNeighborsClassifier({ weights, algorithm });
      await model.fit(train, { kind: "class", name: "digit", codes, classes }, context);
      const prediction = model.predict(test);
      if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
      const right = prediction.codes.filter((code, i) => code === Number(digits.labels[held[i]])).length;
      expect(right / held.length).toBe(fixture[weights].accuracy);
      const { probabilities } = fixture[weights];
      expect(distance(prediction.probabilities.subarray(0, probabilities.length), probabilities)).toBeLessThan(1e-12);
    });

    it("the regressor gives scikit-learn's values on the digits, row by row too", async () => {
      const model = new KNeighborsRegressor({ weights, algorithm });
      await model.fit(train, { kind: "number", name: "digit", values: Float64Array.from(codes) }, context);
      const prediction = model.predict(test);
      if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
      expect(distance(prediction.values, fixture[weights].values)).toBeLessThan(1e-12);
      const one = takeRows(test, Uint32Array.of(7));
      expect(model.predict(one)).toEqual({ kind: "number", values: prediction.values.slice(7, 8) });
    });
  });
});
