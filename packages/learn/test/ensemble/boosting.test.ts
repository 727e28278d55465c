import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type FitContext,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  type NumberTarget,
  ParamError,
  type Prediction,
  type Progress,
} from "../../src/index.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { categories, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

function recording(): { context: FitContext; progress: Progress[] } {
  const progress: Progress[] = [];
  const report = async (step: Progress): Promise<void> => {
    progress.push(step);
  };
  return { context: { runtime, seed: 3, report }, progress };
}

const target = (values: readonly number[]): NumberTarget => {
  return { kind: "number", name: "y", values: Float64Array.from(values) };
};

function numbersOf(prediction: Prediction): Float64Array {
  if (prediction.kind !== "number") throw new Error("not numbers");
  return prediction.values;
}

function meanSquaredError(actual: Float64Array, predicted: Float64Array): number {
  return actual.reduce((sum, y, i) => sum + (y - predicted[i]) ** 2, 0) / actual.length;
}

describe("boosting for numbers", () => {
  it("takes the leaf means in one full step of one round", async () => {
    const x = table(numbers("x", [1, 2, 3, 4, 5, 6]));
    const params = { nEstimators: 1, learningRate: 1, minSamplesLeaf: 1, maxLeaves: 2 };
    const { context } = recording();
    const model = await new GradientBoostingRegressor(params).fit(x, target([1, 1, 1, 5, 6, 7]), context);
    for (const [i, value] of numbersOf(model.predict(x)).entries()) expect(value).toBeCloseTo(i < 3 ? 1 : 6, 6);
  });

  it("shrinks leaves by l2: sum of residuals over rows + l2", async () => {
    const x = table(numbers("x", [0, 0, 1, 1]));
    const params = { nEstimators: 1, learningRate: 0.5, minSamplesLeaf: 1, l2: 3 };
    const { context } = recording();
    const model = await new GradientBoostingRegressor(params).fit(x, target([-10, -10, 10, 10]), context);
    expect(numbersOf(model.predict(x))[3]).toBeCloseTo((0.5 * 20) / (2 + 3), 6);
  });

  it.each(["leaf", "depth"] as const)("reports the loss that its predictions have, growing by %s", async (growth) => {
    // 53,940 rows: enough for the copies of sparse nodes.
    const { whole } = regressionData("diamonds", "price");
    const { context, progress } = recording();
    const model = await new GradientBoostingRegressor({ nEstimators: 8, growth, maxLeaves: 60 }).fit(
      whole.table,
      whole.target,
      context,
    );
    const loss = meanSquaredError(whole.target.values, numbersOf(model.predict(whole.table)));
    expect(progress.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const last = progress[7].loss as number;
    expect(Math.abs(last / loss - 1)).toBeLessThan(1e-12);
    for (let i = 1; i < 8; i++) expect(progress[i].loss).toBeLessThan(progress[i - 1].loss as number);
  });

  it("reports the loss of all rows also when each round sees a sample of rows and columns", async () => {
    const { whole } = regressionData("diabetes", "progression");
    const { context, progress } = recording();
    const params = { nEstimators: 20, subsample: 0.4, columnSample: 0.5 };
    const model = await new GradientBoostingRegressor(params).fit(whole.table, whole.target, context);
    const loss = meanSquaredError(whole.target.values, numbersOf(model.predict(whole.table)));
    expect(Math.abs((progress[19].loss as number) / loss - 1)).toBeLessThan(1e-12);
  });

  it("stops early and keeps the best round", async () => {
    const { train } = regressionData("diabetes", "progression");
    const { context, progress } = recording();
    const params = { nEstimators: 500, earlyStopping: true, patience: 7, validationFraction: 0.25 };
    const model = await new GradientBoostingRegressor(params).fit(train.table, train.target, context);
    const losses = progress.map(({ validationLoss }) => validationLoss as number);
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(progress.length).toBe(best + 7);
    expect(model.getState().tensors.nodeOffsets.shape).toEqual([best + 1]);
  });

  it("limits leaves and depth", async () => {
    const { whole } = regressionData("diabetes", "progression");
    for (const growth of ["leaf", "depth"] as const) {
      const { context } = recording();
      const params = { nEstimators: 3, growth, maxLeaves: 5, maxDepth: 3, minSamplesLeaf: 1 };
      const model = await new GradientBoostingRegressor(params).fit(whole.table, whole.target, context);
      expect(model.getState().tensors.leafOffsets.data).toEqual(Uint32Array.of(0, 5, 10, 15));
      const deep = { nEstimators: 1, growth, maxLeaves: null, maxDepth: 2, minSamplesLeaf: 1 };
      const shallow = await new GradientBoostingRegressor(deep).fit(whole.table, whole.target, context);
      expect(shallow.getState().tensors.values.shape).toEqual([4, 1]);
    }
    const { context } = recording();
    const unlimited = new GradientBoostingRegressor({ maxLeaves: null, maxDepth: null });
    await expect(unlimited.fit(whole.table, whole.target, context)).rejects.toThrow(ParamError);
  });

  it("predicts the mean when nothing can be learned: constant target, constant columns, one row", async () => {
    const { context } = recording();
    const cases: [ReturnType<typeof table>, number[], number][] = [
      [table(numbers("x", [1, 2, 3])), [4, 4, 4], 4],
      [table(numbers("x", [1, 1, 1]), numbers("m", [null, null, null])), [1, 2, 6], 3],
      [table(numbers("x", [1]), categories("c", ["a"])), [7], 7],
    ];
    for (const [x, y, mean] of cases) {
      const model = await new GradientBoostingRegressor({ minSamplesLeaf: 1 }).fit(x, target(y), context);
      for (const value of numbersOf(model.predict(x))) expect(value).toBeCloseTo(mean, 12);
    }
  });

  it("learns targets as small as 1e-30 and as large as 1e30", async () => {
    const x = table(numbers("x", [1, 2, 3, 4]));
    for (const unit of [1e-30, 1e30]) {
      const { context } = recording();
      const model = await new GradientBoostingRegressor({ minSamplesLeaf: 1 }).fit(
        x,
        target([0, 0, unit, unit]),
        context,
      );
      expect(numbersOf(model.predict(x))[3] / unit).toBeCloseTo(1, 3);
    }
  });
});

describe("boosting for classes", () => {
  it.each([
    ["breast_cancer", "diagnosis"],
    ["iris", "species"],
  ])("reports the log loss that its probabilities have on %s", async (name, column) => {
    const { whole } = classData(name, column);
    const { context, progress } = recording();
    const model = await new GradientBoostingClassifier({ nEstimators: 12 }).fit(whole.table, whole.target, context);
    const prediction = model.predict(whole.table);
    if (prediction.kind !== "class") throw new Error("not classes");
    const width = prediction.classes.length;
    let loss = 0;
    for (const [row, code] of whole.target.codes.entries()) {
      loss -= Math.log(prediction.probabilities[row * width + code]) / whole.table.rows;
    }
    expect(Math.abs((progress[11].loss as number) / loss - 1)).toBeLessThan(1e-9);
  });

  it("is sure of the only class that occurs", async () => {
    const x = table(numbers("x", [1, 2, 3]));
    const { context } = recording();
    for (const classes of [["a"], ["a", "b"], ["a", "b", "c"]]) {
      const y = { kind: "class", name: "y", codes: Int32Array.of(0, 0, 0), classes } as const;
      const prediction = (await new GradientBoostingClassifier().fit(x, y, context)).predict(x);
      expect(prediction.kind === "class" && prediction.probabilities[0]).toBeGreaterThan(1 - 1e-9);
    }
  });
});

describe("memory", () => {
  it("is freed after a fit, after a refused one and after one that its host stops", async () => {
    const { whole } = regressionData("diabetes", "progression");
    const { context } = recording();
    const before = runtime.allocatedBytes;
    await new GradientBoostingRegressor({ nEstimators: 5 }).fit(whole.table, whole.target, context);
    expect(runtime.allocatedBytes).toBe(before);
    const stop = async ({ step }: Progress): Promise<void> => {
      if (step === 3) throw new Error("stopped by the host");
    };
    const stopped = new GradientBoostingRegressor().fit(whole.table, whole.target, { ...context, report: stop });
    await expect(stopped).rejects.toThrow("stopped by the host");
    expect(runtime.allocatedBytes).toBe(before);
  });
});
