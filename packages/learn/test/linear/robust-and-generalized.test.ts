// Robust, quantile and generalised linear models against scikit-learn (bench/peers/linear_models_reference.py) and their
// own conditions.
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/base/random.ts";
import {
  type Estimator,
  type FitContext,
  GammaRegressor,
  HuberRegressor,
  PoissonRegressor,
  QuantileRegressor,
  Ridge,
  TweedieRegressor,
} from "../../src/index.ts";
import { halfDeviance } from "../../src/linear/deviances.ts";
import { distance, example, numberTargetOf } from "../example-data.ts";

interface Learned {
  readonly coefficients: number[];
  readonly intercept: number;
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/linear-models.json", import.meta.url), "utf8")) as {
  generalized: Record<string, Learned>;
  huber: Record<string, Learned & { scale: number }>;
  quantiles: Record<string, Learned & { objective: number }>;
};
const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const data = example("diabetes", true);
const target = numberTargetOf(data);
const rows = data.table.rows;
/** Of every seventh row 0, of the others 1, 2 and 3. */
const weights = Float64Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 3)));
const exact = { tolerance: 1e-11, maxIterations: 1000 };

function regressorOf(key: string): PoissonRegressor | GammaRegressor | TweedieRegressor {
  const [kind, number, variant] = key.split("-");
  if (kind === "poisson") {
    return new PoissonRegressor({ ...exact, alpha: Number(number), fitIntercept: variant !== "noIntercept" });
  }
  if (kind === "gamma") return new GammaRegressor({ ...exact, alpha: Number(number) });
  const alpha = { "tweedie-0": 0.5, "tweedie-1.5": 0.2, "tweedie-3": 1e-4, "tweedie-1-identity": 0.01 };
  const name = key.replace("-weighted", "") as keyof typeof alpha;
  const link = name.endsWith("identity") ? "identity" : name.endsWith("log") ? "log" : "auto";
  return new TweedieRegressor({ ...exact, power: Number(number), link, alpha: alpha[name] ?? 1 });
}

describe("generalised linear models agree to 1e-7", () => {
  it.each(Object.keys(fixture.generalized))("as %s", async (key) => {
    const model = regressorOf(key);
    await model.fit(data.table, target, key.endsWith("weighted") ? { ...context, weights } : context);
    expect(model.getState().meta.converged).toBe(true);
    const expected = fixture.generalized[key];
    const scale = Math.max(1, ...expected.coefficients.map(Math.abs));
    expect(distance(model.coefficients, expected.coefficients) / scale).toBeLessThan(1e-7);
    expect(distance([model.intercept], [expected.intercept]) / Math.abs(expected.intercept || 1)).toBeLessThan(1e-7);
  });

  it("with more columns than Newton's method is for", async () => {
    const random = new Random(3);
    const columns = Array.from({ length: 405 }, (_, j) => {
      return {
        kind: "number",
        name: `x${j}`,
        values: Float64Array.from({ length: 60 }, () => random.normal()),
      } as const;
    });
    const values = Float64Array.from(columns[0].values, (x) => Math.round(5 * Math.exp(x / 2)));
    const counts = { kind: "number", name: "count", values } as const;
    const model = new PoissonRegressor({ alpha: 1, tolerance: 1e-8, maxIterations: 500 });
    await model.fit({ rows: 60, columns }, counts, context);
    const mean = model.predict({ rows: 60, columns });
    if (mean.kind !== "number") throw new Error("a regressor predicts numbers");
    for (const [j, { values: x }] of columns.entries()) {
      const slope = x.reduce((sum, value, i) => sum + (value * (mean.values[i] - values[i])) / 60, 0);
      expect(Math.abs(slope + model.coefficients[j])).toBeLessThan(1e-6);
    }
  });

  it("and say what targets they cannot have", async () => {
    const negative = { ...target, values: target.values.map((value, i) => (i === 2 ? -1 : value)) };
    const fit = (model: Estimator) => model.fit(data.table, negative, context);
    await expect(fit(new PoissonRegressor())).rejects.toThrow(/row 2 of the target .* is -1/);
    await expect(fit(new GammaRegressor())).rejects.toThrow("numbers above 0");
    await expect(fit(new TweedieRegressor({ power: 1.5 }))).rejects.toThrow("numbers of 0 and more");
    await expect(fit(new TweedieRegressor({ power: 0.5 }))).rejects.toThrow("`power` of TweedieRegressor must be");
    const free = new TweedieRegressor({ power: 1, link: "identity", fitIntercept: false });
    await expect(fit(free)).rejects.toThrow("`fitIntercept` of TweedieRegressor must be true");
  });
});

it("half deviances have the slopes and curvatures of their losses", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 1.5, 2, 3, -1),
      fc.constantFrom("identity" as const, "log" as const),
      fc.double({ min: 0.3, max: 3, noNaN: true }),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      (power, link, z, y) => {
        const loss = halfDeviance(power, link);
        const at = (score: number) => {
          const out = new Float64Array(3);
          loss.at(score, y, out);
          return out;
        };
        const h = 1e-5;
        expect(Math.abs((at(z + h)[0] - at(z - h)[0]) / (2 * h) - at(z)[1])).toBeLessThan(
          1e-6 * (1 + Math.abs(at(z)[1])),
        );
        const bend = (at(z + h)[1] - at(z - h)[1]) / (2 * h);
        // Where it bends down another curvature stands for it.
        if (bend > 1e-6) expect(Math.abs(bend - at(z)[2])).toBeLessThan(1e-5 * (1 + bend));
        else expect(at(z)[2]).toBeGreaterThan(0);
      },
    ),
  );
});

describe("HuberRegressor", () => {
  const wild = { ...target, values: target.values.map((y, i) => (i % 10 === 0 ? y + 500 : y)) };
  const models: Record<string, HuberRegressor> = {
    default: new HuberRegressor(exact),
    wide: new HuberRegressor({ ...exact, epsilon: 2.5, alpha: 100 }),
    noIntercept: new HuberRegressor({ ...exact, fitIntercept: false }),
    weighted: new HuberRegressor({ ...exact, epsilon: 1.1 }),
  };

  it.each(Object.keys(models))("agrees to 1e-5, %s", async (key) => {
    const model = await models[key].fit(data.table, wild, key === "weighted" ? { ...context, weights } : context);
    const expected = fixture.huber[key];
    const { converged, scale } = model.getState().meta;
    expect(converged).toBe(true);
    expect(distance(model.coefficients, expected.coefficients)).toBeLessThan(1e-5);
    expect(distance([model.intercept], [expected.intercept])).toBeLessThan(1e-5);
    expect(Math.abs(Number(scale) / expected.scale - 1)).toBeLessThan(1e-5);
  });

  it("fits rows without errors exactly, and counts the others", async () => {
    const x = data.table.columns[2];
    if (x.kind !== "number") throw new Error("the column has numbers");
    const values = x.values.map((value, i) => 3 * value - 1 + (i < 20 ? 100 : 0));
    const model = await new HuberRegressor().fit({ rows, columns: [x] }, { ...target, values }, context);
    expect(distance([model.coefficients[0], model.intercept], [3, -1])).toBeLessThan(1e-4);
    expect(model.getState().meta.outliers).toBe(20);
  });
});

describe("QuantileRegressor", () => {
  it.each(Object.keys(fixture.quantiles))("has the objective of the linear program to 1e-9, %s", async (key) => {
    const [quantile, alpha, weighted] = key.split("-");
    const model = new QuantileRegressor({ quantile: Number(quantile), alpha: Number(alpha) });
    await model.fit(data.table, target, weighted === undefined ? context : { ...context, weights });
    const { converged, loss } = model.getState().meta;
    expect(converged).toBe(true);
    expect(Math.abs(Number(loss) / fixture.quantiles[key].objective - 1)).toBeLessThan(1e-9);
    const { coefficients } = fixture.quantiles[key];
    if (Number(alpha) > 0)
      expect(Array.from(model.coefficients, (w) => w === 0)).toEqual(coefficients.map((w) => w === 0));
  });

  it("leaves the given share of rows below, on any data", async () => {
    const problem = fc.record({
      seed: fc.integer({ min: 0, max: 1e9 }),
      count: fc.integer({ min: 5, max: 60 }),
      width: fc.integer({ min: 1, max: 4 }),
      quantile: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      isWhole: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ seed, count, width, quantile, isWhole }) => {
        const random = new Random(seed);
        const draw = () =>
          Float64Array.from({ length: count }, () => (isWhole ? random.below(4) : random.normal() * 1e3 + 1e4));
        const columns = Array.from(
          { length: width },
          (_, j) => ({ kind: "number", name: `x${j}`, values: draw() }) as const,
        );
        const y = { kind: "number", name: "y", values: draw() } as const;
        const model = await new QuantileRegressor({ quantile, alpha: 0 }).fit({ rows: count, columns }, y, context);
        const prediction = model.predict({ rows: count, columns });
        if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
        const rest = y.values.map((value, i) => value - prediction.values[i]);
        const near = 1e-7 * (1 + Math.max(...y.values.map(Math.abs)));
        const [below, on] = [rest.filter((r) => r < -near).length, rest.filter((r) => Math.abs(r) <= near).length];
        expect(below).toBeLessThanOrEqual(quantile * count + 1e-9);
        expect(below + on).toBeGreaterThanOrEqual(quantile * count - 1e-9);
        expect(model.getState().meta.converged).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("with a large penalty is the quantile of the target", async () => {
    const model = await new QuantileRegressor({ quantile: 0.5, alpha: 1e4 }).fit(data.table, target, context);
    expect(Array.from(model.coefficients).every((w) => w === 0)).toBe(true);
    const sorted = target.values.slice().sort();
    expect(model.intercept).toBeGreaterThanOrEqual(sorted[rows / 2 - 1]);
    expect(model.intercept).toBeLessThanOrEqual(sorted[rows / 2]);
  });
});

it("a normal distribution of power 0 is ridge", async () => {
  const tweedie = await new TweedieRegressor({ alpha: 0.5 }).fit(data.table, target, context);
  const ridge = await new Ridge({ alpha: 0.5 * rows }).fit(data.table, target, context);
  expect(distance(tweedie.coefficients, ridge.coefficients)).toBeLessThan(1e-9);
});
