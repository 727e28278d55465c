import { describe, expect, it } from "vitest";
import { MajorityClassifier, MeanRegressor } from "../../src/index.ts";
import { noKernels, numbers, table } from "../tables.ts";

const x = table(numbers("a", [1, 2, 3, 4]));

describe("MeanRegressor", () => {
  it("predicts the mean, or the median, for every row", async () => {
    const y = { kind: "number", name: "y", values: Float64Array.of(1, 2, 3, 10) } as const;
    const mean = await new MeanRegressor().fit(x, y, noKernels);
    expect(mean.predict(x)).toEqual({ kind: "number", values: Float64Array.of(4, 4, 4, 4) });
    const median = await new MeanRegressor({ strategy: "median" }).fit(x, y, noKernels);
    expect(median.predict(x)).toEqual({ kind: "number", values: Float64Array.of(2.5, 2.5, 2.5, 2.5) });
  });
});

describe("MajorityClassifier", () => {
  it("predicts the most frequent class with all classes' shares", async () => {
    const y = { kind: "class", name: "y", codes: Int32Array.of(1, 1, 0, 1), classes: ["no", "yes"] } as const;
    const model = await new MajorityClassifier().fit(x, y, noKernels);
    expect(model.predict(table(numbers("a", [9])))).toEqual({
      kind: "class",
      classes: ["no", "yes"],
      codes: Int32Array.of(1),
      probabilities: Float64Array.of(0.25, 0.75),
    });
  });
});
