// The losses of boosting, weights and monotone columns, against scikit-learn and against what they must mean.
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  ALONE,
  type Column,
  type FitContext,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  type NumberTarget,
  ParamError,
  type Prediction,
  type Progress,
  Random,
  type Table,
  takeRows,
  takeTarget,
} from "../../src/index.ts";
import fixture from "../fixtures/boosting.json" with { type: "json" };
import { regressionData } from "../mixed-data.ts";
import { bitsOf, fitOnRanks, fitting } from "../ranks/shares.ts";
import { categories, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 2 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const { whole: diabetes } = regressionData("diabetes", "progression", 250);
const y = diabetes.target.values;
const small = { nEstimators: 30, maxLeaves: 8, minSamplesLeaf: 1 };

function valuesOf(prediction: Prediction): Float64Array {
  if (prediction.kind === "class") return prediction.probabilities;
  if (prediction.kind !== "number") throw new Error("not numbers");
  return prediction.values;
}

async function fitted(
  params: ConstructorParameters<typeof GradientBoostingRegressor>[0],
  more: Partial<FitContext> = {},
) {
  const model = await new GradientBoostingRegressor({ ...small, ...params }).fit(diabetes.table, diabetes.target, {
    ...context,
    ...more,
  });
  return valuesOf(model.predict(diabetes.table));
}

const target = (values: readonly number[]): NumberTarget => ({
  kind: "number",
  name: "y",
  values: Float64Array.from(values),
});

describe("losses against scikit-learn's HistGradientBoostingRegressor", () => {
  it.each([
    ["absolute", { loss: "absolute" }, fixture.absolute, undefined],
    ["squared, weighted", {}, fixture.weighted, y.map((_, i) => 1 + (i % 3))],
    ["poisson", { loss: "poisson" }, fixture.poisson.values, undefined],
  ] as const)("predicts the same with %s, but for a millionth", async (_, params, theirs, weights) => {
    const ours = await fitted(params, { weights });
    for (const [row, value] of ours.entries()) expect(Math.abs(value / theirs[row] - 1)).toBeLessThan(1e-6);
  });

  it("lowers the gamma deviance as far, within 3 %, though it estimates rows of leaves from hessians", async () => {
    const deviance = (values: ArrayLike<number>) =>
      y.reduce((sum, own, i) => sum + 2 * (own / values[i] - 1 - Math.log(own / values[i])), 0) / y.length;
    const ours = deviance(await fitted({ loss: "gamma" }));
    expect(ours).toBeLessThan(1.03 * fixture.gamma.deviance);
    expect(deviance(fixture.gamma.values)).toBeCloseTo(fixture.gamma.deviance, 6);
  });

  it("lowers the pinball loss as far, within 3 %, though quantiles between two rows are chosen otherwise", async () => {
    expect(pinball(await fitted({ loss: "quantile", quantile: 0.83 }), 0.83)).toBeLessThan(
      1.03 * pinball(fixture.quantile, 0.83),
    );
  });
});

function pinball(values: ArrayLike<number>, quantile: number): number {
  return y.reduce((sum, own, i) => {
    const above = own - values[i];
    return sum + (above >= 0 ? quantile * above : (quantile - 1) * above) / y.length;
  }, 0);
}

describe("losses", () => {
  it.each([
    ["absolute", (values: Float64Array) => 2 * pinball(values, 0.5)],
    ["quantile", (values: Float64Array) => pinball(values, 0.9)],
    [
      "poisson",
      (values: Float64Array) =>
        y.reduce((sum, own, i) => sum + 2 * (own * Math.log(own / values[i]) - own + values[i]), 0) / y.length,
    ],
    [
      "gamma",
      (values: Float64Array) =>
        y.reduce((sum, own, i) => sum + 2 * (own / values[i] - 1 - Math.log(own / values[i])), 0) / y.length,
    ],
    [
      "tweedie",
      (values: Float64Array) =>
        y.reduce((sum, own, i) => sum + (4 * (Math.sqrt(own) - Math.sqrt(values[i])) ** 2) / Math.sqrt(values[i]), 0) /
        y.length,
    ],
  ] as const)("tell the mean %s loss of the model's predictions", async (loss, meanLoss) => {
    const told: Progress[] = [];
    const report = async (progress: Progress) => void told.push(progress);
    const values = await fitted({ loss, quantile: 0.9, power: 1.5, subsample: 0.8 }, { report });
    expect(told[29].loss as number).toBeCloseTo(meanLoss(values), 8);
    expect(told[29].loss as number).toBeLessThan(told[0].loss as number);
  });

  it("take the quantile of a leaf's rows, weighted, in one full step", async () => {
    const row = fc.record({
      x: fc.integer({ min: 0, max: 1 }),
      y: fc.integer({ min: -50, max: 50 }),
      w: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 2, maxLength: 30 }),
        fc.constantFrom(0.1, 0.5, 0.75),
        async (rows, q) => {
          const x = table(
            numbers(
              "x",
              rows.map((each) => each.x),
            ),
          );
          const params = { nEstimators: 1, learningRate: 1, maxLeaves: 2, minSamplesLeaf: 1, l2: 0 };
          const weights = Float64Array.from(rows, ({ w }) => w);
          const model = await new GradientBoostingRegressor({ ...params, loss: "quantile", quantile: q }).fit(
            x,
            target(rows.map((each) => each.y)),
            { ...context, weights },
          );
          const values = valuesOf(model.predict(x));
          // A minimum of the weighted pinball loss: no value of any row is better for those who share the prediction.
          for (const value of new Set(values)) {
            const own = rows.filter((_, i) => values[i] === value);
            const loss = (at: number) =>
              own.reduce((sum, { y: each, w }) => sum + w * (each >= at ? q * (each - at) : (1 - q) * (at - each)), 0);
            for (const { y: other } of own) expect(loss(value)).toBeLessThan(loss(other) + 1e-9);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuse targets they are not for, naming the row", async () => {
    const x = table(numbers("x", [1, 2, 3]));
    for (const [loss, values] of [
      ["poisson", [1, -2, 3]],
      ["gamma", [1, 0, 2]],
      ["poisson", [0, 0, 0]],
    ] as const) {
      const fit = new GradientBoostingRegressor({ loss }).fit(x, target(values), context);
      await expect(fit).rejects.toThrow(ParamError);
    }
  });

  it("stay finite where a leaf is a thousandth or a thousandfold of the mean", async () => {
    const x = table(
      numbers(
        "x",
        Array.from({ length: 60 }, (_, i) => i),
      ),
    );
    const values = Array.from({ length: 60 }, (_, i) => (i < 25 ? 0.001 : i < 50 ? 1 : 1000));
    for (const loss of ["poisson", "gamma", "tweedie"] as const) {
      const model = await new GradientBoostingRegressor({ loss, minSamplesLeaf: 1 }).fit(x, target(values), context);
      for (const [i, value] of valuesOf(model.predict(x)).entries())
        expect(Math.abs(Math.log(value / values[i]))).toBeLessThan(3);
    }
  });
});

describe("weights of rows", () => {
  // 100 trees: equal gains of cuts that part the rows alike, the heavier child of fewer rows, and the weights of bins each
  // once let later trees differ.
  it.each([
    ["squared", 1, 255],
    ["squared", 15, 40],
    ["absolute", 15, 255],
    ["poisson", 15, 40],
  ] as const)("count as repetition does: %s, leaves from %i rows, %i bins", async (loss, minSamplesLeaf, maxBins) => {
    const weights = y.map((_, row) => (row % 7 === 0 ? 0 : 1 + (row % 3)));
    const repeated = Uint32Array.from([...weights].flatMap((weight, row) => new Array(weight).fill(row)));
    const params = { loss, nEstimators: 100, minSamplesLeaf, maxBins };
    const weighed = await fitted(params, { weights });
    const model = await new GradientBoostingRegressor({ ...small, ...params }).fit(
      takeRows(diabetes.table, repeated),
      takeTarget(diabetes.target, repeated),
      context,
    );
    const there = valuesOf(model.predict(diabetes.table));
    for (const [row, value] of weighed.entries()) expect(Math.abs(value / there[row] - 1)).toBeLessThan(1e-6);
  });

  it("that leave no room for a split are refused with the cure", async () => {
    const weights = y.map(() => 1 / y.length);
    await expect(fitted({ minSamplesLeaf: 20 }, { weights })).rejects.toThrow("minSamplesLeaf");
  });
});

describe("monotone columns", () => {
  const random = new Random(4);
  const rows = 400;
  const draw = () => Float64Array.from({ length: rows }, () => random.normal());
  const [a, b, noise] = [draw(), draw(), draw()];
  const column = (name: string, values: Float64Array): Column => ({ kind: "number", name, values });
  const withGaps = a.map((value, i) => (i % 9 === 0 ? Number.NaN : value));
  const data: Table = {
    rows,
    columns: [
      column("a", withGaps),
      column("b", b),
      categories(
        "c",
        Array.from(a, (_, i) => "xyz"[i % 3]),
      ),
    ],
  };
  const signal = a.map((value, i) => Math.sin(2 * value) + value - b[i] ** 3 / 4 + (i % 3) + noise[i]);
  const constrained = { increasing: ["a"], decreasing: ["b"], minSamplesLeaf: 3, nEstimators: 60 };

  /** The largest step against the direction of column `j` along a line through each of some rows. */
  function worstStep(predict: (table: Table) => Float64Array, j: number, direction: number): number {
    let worst = 0;
    for (let row = 0; row < 25; row++) {
      const steps = Array.from({ length: 60 }, (_, k) => -3 + k / 10);
      const same = new Uint32Array(60).fill(row);
      const { columns } = takeRows(data, same);
      const moved = columns.map((own, i) => (i === j ? column(own.name, Float64Array.from(steps)) : own));
      const values = predict({ rows: 60, columns: moved });
      for (let k = 1; k < 60; k++) worst = Math.max(worst, -direction * (values[k] - values[k - 1]));
    }
    return worst;
  }

  it.each(["squared", "poisson"] as const)("are kept to with the %s loss, and matter", async (loss) => {
    const values = loss === "squared" ? signal : signal.map((value) => Math.exp(value / 2));
    const own = target([...values]);
    for (const growth of ["leaf", "depth"] as const) {
      const model = await new GradientBoostingRegressor({ ...constrained, loss, growth }).fit(data, own, context);
      const predict = (part: Table) => valuesOf(model.predict(part));
      expect(worstStep(predict, 0, 1)).toBeLessThan(1e-12);
      expect(worstStep(predict, 1, -1)).toBeLessThan(1e-12);
    }
    const free = await new GradientBoostingRegressor({ ...constrained, loss, increasing: [], decreasing: [] }).fit(
      data,
      own,
      context,
    );
    expect(worstStep((part) => valuesOf(free.predict(part)), 0, 1)).toBeGreaterThan(0.01);
  });

  it("are kept to by the probability of the second class", async () => {
    const codes = Int32Array.from(signal, (value) => (value > 0.5 ? 1 : 0));
    const classes = { kind: "class", name: "y", codes, classes: ["no", "yes"] } as const;
    const model = await new GradientBoostingClassifier(constrained).fit(data, classes, context);
    const second = (part: Table) => valuesOf(model.predict(part)).filter((_, i) => i % 2 === 1);
    expect(worstStep(second, 0, 1)).toBeLessThan(1e-12);
    expect(worstStep(second, 1, -1)).toBeLessThan(1e-12);
  });

  it("that are absent, of categories, named twice or with a loss or classes they do not go with are refused", async () => {
    const own = target([...signal]);
    for (const params of [
      { increasing: ["z"] },
      { decreasing: ["c"] },
      { increasing: ["a"], decreasing: ["a"] },
      { increasing: ["a"], loss: "absolute" },
    ] as const) {
      await expect(new GradientBoostingRegressor(params).fit(data, own, context)).rejects.toThrow(ParamError);
    }
    const codes = Int32Array.from(signal, (_, i) => i % 3);
    const classes = { kind: "class", name: "y", codes, classes: ["p", "q", "r"] } as const;
    await expect(new GradientBoostingClassifier(constrained).fit(data, classes, context)).rejects.toThrow(ParamError);
  });
});

describe("losses on ranks", () => {
  it.each([
    ["absolute", {}],
    ["poisson", {}],
    ["squared", { increasing: ["bmi"] }],
  ] as const)("give the model of one process, bit for bit: %s", async (loss, more) => {
    const make = () => new GradientBoostingRegressor({ ...small, nEstimators: 5, loss, ...more });
    const alone = await fitting(make, runtime)(diabetes, ALONE);
    const states = await fitOnRanks(3, diabetes, fitting(make, runtime));
    expect(states.map(bitsOf)).toEqual(new Array(3).fill(bitsOf(alone)));
  });
});
