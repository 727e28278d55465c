import { createRuntime } from "@massif/kernels";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import {
  DivergenceError,
  type FitContext,
  GradientDescentClassifier,
  GradientDescentRegressor,
  LinearRegression,
  type Progress,
  type Table,
} from "../../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";

const runtime = createRuntime({ threads: 2 });
const context: FitContext = { runtime, seed: 7, report: async () => {} };
afterEach(() => expect(runtime.allocatedBytes).toBe(0));
afterAll(() => runtime.close());

const line = example("seed_line", false);
const scaledLine = example("seed_line", true);
const target = numberTargetOf(line);
const METHODS = ["batch", "sgd", "minibatch"] as const;

interface History {
  readonly loss: number[];
  readonly validationLoss?: number[];
}

function detailsOf(model: GradientDescentRegressor | GradientDescentClassifier) {
  return model.getState().meta as unknown as {
    history: History;
    stopped: string;
    epochs: number;
    learningRate: number;
  };
}

describe("the line through seed_line.csv", () => {
  it("is known exactly", async () => {
    const free = await new LinearRegression().fit(line.table, target, context);
    expect(free.coefficients[0]).toBeCloseTo(2.00139, 5);
    expect(free.intercept).toBeCloseTo(-0.17421, 5);
    expect(mse(free, line.table)).toBeCloseTo(0.8149, 5);
    const origin = await new LinearRegression({ fitIntercept: false }).fit(line.table, target, context);
    expect(origin.coefficients[0]).toBeCloseTo(1.99879, 5);
    expect(origin.intercept).toBe(0);
    expect(mse(origin, line.table)).toBeCloseTo(0.82238, 5);
  });

  it.each(METHODS.flatMap((method) => [0, 0.9].map((momentum) => ({ method, momentum }))))(
    "is found on the scaled column by $method with momentum $momentum and defaults",
    async ({ method, momentum }) => {
      const exact = await new LinearRegression().fit(scaledLine.table, target, context);
      const model = await new GradientDescentRegressor({ method, momentum }).fit(scaledLine.table, target, context);
      expect(distance(model.coefficients, exact.coefficients)).toBeLessThan(1e-3);
      expect(distance([model.intercept], [exact.intercept])).toBeLessThan(1e-3);
      expect(mse(model, scaledLine.table)).toBeLessThan(0.82);
    },
  );

  it.each(METHODS)("is found on the raw column by %s, which takes a rate small enough", async (method) => {
    const model = await new GradientDescentRegressor({ method }).fit(line.table, target, context);
    expect(mse(model, line.table)).toBeLessThan(0.83);
  });
});

describe("divergence", () => {
  it.each([
    ["batch", "batch gradient descent", 3383.9, 2 / 3384.25],
    ["sgd", "SGD", 10_001, 2 / 10_001],
    ["minibatch", "mini-batch gradient descent", 3500, 2 / 3526],
  ] as const)(
    "of %s on the raw column at 0.01 is explained by curvature",
    async (method, optimizer, curvature, limit) => {
      const model = new GradientDescentRegressor({ method, learningRate: 0.01 });
      const error = await model.fit(line.table, target, context).catch((thrown: unknown) => thrown);
      if (!(error instanceof DivergenceError)) throw new Error(`expected divergence, got ${error}`);
      expect(error.optimizer).toBe(optimizer);
      expect(error.learningRate).toBe(0.01);
      expect(error.curvature / curvature).toBeCloseTo(1, 1);
      expect(error.limit / limit).toBeCloseTo(1, 3);
      expect(error.message).toContain("scale the columns");
      expect(error.message).toContain(`set \`learningRate\` below ${error.limit.toPrecision(3)}`);
    },
  );

  it("starts for full batches just where the error says", async () => {
    const probe = new GradientDescentRegressor({ method: "batch", learningRate: 1 });
    const error = (await probe.fit(line.table, target, context).catch((thrown: unknown) => thrown)) as DivergenceError;
    const at = (factor: number, momentum: number) =>
      new GradientDescentRegressor({
        method: "batch",
        momentum,
        learningRate: error.limit * (1 + momentum) * factor,
        epochs: 3000,
      }).fit(line.table, target, context);
    for (const momentum of [0, 0.5]) {
      await expect(at(1.01, momentum)).rejects.toThrow(DivergenceError);
      expect(mse(await at(0.99, momentum), line.table)).toBeLessThan(0.9);
    }
  });

  it("is noticed in classification", async () => {
    const data = example("breast_cancer", false);
    const model = new GradientDescentClassifier({ learningRate: 10 });
    await expect(model.fit(data.table, classTargetOf(data), context)).rejects.toThrow(/mini-batch.*curvature/);
  });
});

describe("a run", () => {
  const data = example("diabetes", true);
  const progression = numberTargetOf(data);

  it("reports every epoch with the loss that the state keeps", async () => {
    const seen: Progress[] = [];
    const report = async (progress: Progress) => void seen.push(progress);
    const model = new GradientDescentRegressor({ epochs: 6 });
    await model.fit(data.table, progression, { ...context, report });
    expect(seen.map(({ step, total, unit }) => [step, total, unit])).toEqual(
      [1, 2, 3, 4, 5, 6].map((step) => [step, 6, "epoch"]),
    );
    expect(seen.map(({ loss }) => loss)).toEqual(detailsOf(model).history.loss);
  });

  it("starts batch losses at the mean square of the target and never raises them at the default rate", async () => {
    const model = await new GradientDescentRegressor({ method: "batch" }).fit(data.table, progression, context);
    const { loss } = detailsOf(model).history;
    const start = progression.values.reduce((sum, y) => sum + y * y, 0) / progression.values.length;
    expect(loss[0] / start).toBeCloseTo(1, 12);
    for (let epoch = 1; epoch < loss.length; epoch++) expect(loss[epoch]).toBeLessThanOrEqual(loss[epoch - 1]);
  });

  it("stops when the loss no longer falls", async () => {
    const model = await new GradientDescentRegressor({ method: "batch" }).fit(scaledLine.table, target, context);
    expect(detailsOf(model)).toMatchObject({ stopped: "tolerance", epochs: 11 });
  });

  it.each(["invscaling", "step", "exponential", "cosine"] as const)(
    "comes near least squares under %s",
    async (schedule) => {
      const exact = await new LinearRegression().fit(data.table, progression, context);
      const params = { schedule, decay: schedule === "exponential" ? 0.95 : 0.5, epochs: 100 } as const;
      const model = await new GradientDescentRegressor(params).fit(data.table, progression, context);
      expect(mse(model, data.table, progression.values)).toBeLessThan(
        1.02 * mse(exact, data.table, progression.values),
      );
    },
  );

  it("stops early on held-out rows and keeps the best weights", async () => {
    const params = { earlyStopping: true, epochs: 500, patience: 3 } as const;
    const model = await new GradientDescentRegressor(params).fit(data.table, progression, context);
    const { history, stopped } = detailsOf(model);
    const losses = history.validationLoss ?? [];
    expect(stopped).toBe("validation");
    expect(losses.length).toBe(history.loss.length);
    expect(losses.indexOf(Math.min(...losses))).toBe(losses.length - 4);
  });

  it("rejects when the report does, and frees its memory", async () => {
    const report = async ({ step }: Progress) => {
      if (step === 3) throw new Error("stopped by the host");
    };
    const model = new GradientDescentRegressor();
    await expect(model.fit(data.table, progression, { ...context, report })).rejects.toThrow("stopped by the host");
    expect(() => model.getState()).toThrow(/not fitted/);
  });

  it("gives the same bits for the same seed and other weights for another", async () => {
    const fit = async (seed: number) =>
      (await new GradientDescentRegressor({ method: "sgd" }).fit(data.table, progression, { ...context, seed }))
        .coefficients;
    expect(await fit(1)).toEqual(await fit(1));
    expect(await fit(1)).not.toEqual(await fit(2));
  });

  it("takes the rows as they lie without shuffling, and one mini-batch of all rows is a full batch", async () => {
    const common = { epochs: 20, learningRate: 0.1, schedule: "constant", tolerance: null, shuffle: false } as const;
    const full = await new GradientDescentRegressor({ ...common, method: "batch" }).fit(
      data.table,
      progression,
      context,
    );
    const params = { ...common, method: "minibatch", batchSize: 10_000 } as const;
    const mini = await new GradientDescentRegressor(params).fit(data.table, progression, context);
    expect(distance(mini.coefficients, full.coefficients)).toBeLessThan(1e-12);
  });
});

describe("classification", () => {
  it.each([
    ["breast_cancer", 0.97],
    ["iris", 0.94],
    ["wine", 0.98],
  ] as const)("of %s is right for a share of at least %d by every method", async (name, least) => {
    const data = example(name, true);
    const classes = classTargetOf(data);
    for (const method of METHODS) {
      const model = await new GradientDescentClassifier({ method }).fit(data.table, classes, context);
      const prediction = model.predict(data.table);
      if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
      const right = prediction.codes.filter((code, i) => code === classes.codes[i]).length / classes.codes.length;
      expect(right).toBeGreaterThanOrEqual(least);
      expect(detailsOf(model).history.loss.at(-1)).toBeLessThan(Math.log(classes.classes.length) / 3);
    }
  });
});

function mse(model: LinearRegression | GradientDescentRegressor, table: Table, values = target.values): number {
  const prediction = model.predict(table);
  if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
  return prediction.values.reduce((sum, p, i) => sum + (p - values[i]) ** 2, 0) / values.length;
}

it("the automatic rate of small batches knows an outlier that a sample of the rows would lack", async () => {
  const rows = 40_000;
  const values = Float64Array.from({ length: rows }, (_, i) => ((i * 37) % 101) / 50 - 1);
  const y = { kind: "number", name: "y", values: values.map((x) => 2 * x) } as const;
  const fit = async (at: number | undefined) => {
    const own = values.map((x, i) => (i === at ? 200 : x));
    const table: Table = { rows, columns: [{ kind: "number", name: "x", values: own }] };
    const model = new GradientDescentRegressor({ epochs: 1 });
    return detailsOf(await model.fit(table, y, context)).learningRate;
  };
  // Every third row is sampled.
  const [none, sampled, between] = [await fit(undefined), await fit(300), await fit(301)];
  expect(between).toBeLessThan(none / 100);
  expect(between / sampled).toBeCloseTo(1, 0);
});
