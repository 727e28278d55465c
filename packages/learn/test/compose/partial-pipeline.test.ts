// Learning in parts against learning from all rows at once.
import { describe, expect, test } from "vitest";
import {
  chunkRefusal,
  createRuntime,
  type FitContext,
  type FittedPipeline,
  fitPipeline,
  incrementRefusal,
  loadModel,
  PartialPipeline,
  type PipelineSpec,
  Random,
  saveModel,
  type Table,
  type Target,
  takeRows,
  takeTarget,
} from "../../src/index.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 7, report: async () => undefined };

interface Part {
  readonly table: Table;
  readonly target: Target;
}

/** y = 3 + 2 a - b + noise; classes by its sign around 3, or by its third. */
function sample(rows: number, task: "number" | 2 | 3, shift = 0): Part {
  const random = new Random(rows);
  const a = Float64Array.from({ length: rows }, () => 5 + 2 * random.normal());
  const b = Float64Array.from({ length: rows }, () => random.normal());
  const y = a.map((value, i) => 3 + shift + 2 * value - b[i] + 0.1 * random.normal());
  const columns = [
    { kind: "number", name: "a", values: a },
    { kind: "number", name: "b", values: b },
  ] as const;
  const table = { rows, columns };
  if (task === "number") return { table, target: { kind: "number", name: "y", values: y } };
  const codes = Int32Array.from(y, (value) =>
    task === 2 ? Number(value > 13) : Number(value > 10) + Number(value > 16),
  );
  return { table, target: { kind: "class", name: "y", codes, classes: ["low", "mid", "high"].slice(0, task) } };
}

function spec(type: string, params = {}): PipelineSpec {
  const steps = type.startsWith("GradientDescent") ? [{ type: "StandardScaler" }] : [];
  return { steps, estimator: { type, params } };
}

function parts({ table, target }: Part, size: number): Part[] {
  return Array.from({ length: Math.ceil(table.rows / size) }, (_, i) => {
    const rows = Uint32Array.from({ length: Math.min(size, table.rows - i * size) }, (_, row) => i * size + row);
    return { table: takeRows(table, rows), target: takeTarget(target, rows) };
  });
}

async function inParts(spec: PipelineSpec, all: Part, size: number): Promise<FittedPipeline> {
  const partial = await PartialPipeline.begin(spec, all, context);
  const chunks = parts(all, size);
  const { passes } = partial;
  for (let pass = 0; pass < passes; pass++) {
    for (const [i, part] of chunks.entries()) {
      await partial.partialFit(part, { pass, passes, endsPass: i === chunks.length - 1, share: 1 });
    }
  }
  return partial.fitted;
}

const values = (fitted: FittedPipeline, { table }: Part): Float64Array => {
  const prediction = fitted.predict(table);
  if (prediction.kind === "number") return prediction.values;
  if (prediction.kind === "class") return prediction.probabilities;
  throw new Error("no such prediction here");
};

const furthest = (a: Float64Array, b: Float64Array): number => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe("gradient descent in chunks", () => {
  test.each([
    ["GradientDescentRegressor", "number"],
    ["GradientDescentClassifier", 2],
    ["GradientDescentClassifier", 3],
  ] as const)("%s takes the steps of a full batch, however the rows are cut (%s)", async (type, task) => {
    const all = sample(3000, task);
    const pipeline = spec(type, { method: "batch", epochs: 60, tolerance: null, momentum: 0.5 });
    const whole = values(await fitPipeline(pipeline, all, context), all);
    const cut = values(await inParts(pipeline, all, 700), all);
    // Rounding alone: sums of 700 rows are added in another order than one of 3,000.
    expect(furthest(cut, whole)).toBeLessThan(1e-9);
  });

  test.each([
    ["GradientDescentRegressor", "number", 0.02],
    ["GradientDescentClassifier", 2, 0.02],
    ["GradientDescentClassifier", 3, 0.04],
  ] as const)("%s by mini-batches ends where the fit of all rows ends (%s)", async (type, task, tolerance) => {
    const all = sample(4000, task);
    const pipeline = spec(type, { l2: 0.01 });
    const whole = values(await fitPipeline(pipeline, all, context), all);
    const cut = values(await inParts(pipeline, all, 900), all);
    expect(furthest(cut, whole)).toBeLessThan(tolerance);
  });

  test("a model that was saved and loaded between passes goes on to the same bits", async () => {
    const all = sample(2000, 3);
    const pipeline = spec("GradientDescentClassifier", { momentum: 0.9, epochs: 4 });
    const whole = await inParts(pipeline, all, 500);
    let partial = await PartialPipeline.begin(pipeline, all, context);
    for (let pass = 0; pass < 4; pass++) {
      for (const [i, part] of parts(all, 500).entries()) {
        await partial.partialFit(part, { pass, passes: 4, endsPass: i === 3, share: 1 });
      }
      const saved = await saveModel(partial.fitted, { dataHash: "", seed: 7, metrics: {} });
      partial = PartialPipeline.resume((await loadModel(saved.bytes)).pipeline, context);
    }
    expect(values(partial.fitted, all)).toEqual(values(whole, all));
  });

  test("steps that are too large are reported with the limit, not carried to infinity", async () => {
    const all = sample(2000, "number");
    const pipeline = spec("GradientDescentRegressor", { learningRate: 100 });
    await expect(inParts(pipeline, all, 500)).rejects.toMatchObject({ name: "DivergenceError" });
  });

  test("each pass reports once, with the mean loss of its rows", async () => {
    const all = sample(2000, "number");
    const steps: number[] = [];
    const losses: number[] = [];
    const report: FitContext["report"] = async ({ step, loss }) => {
      steps.push(step);
      losses.push(loss as number);
    };
    const partial = await PartialPipeline.begin(spec("GradientDescentRegressor"), all, { ...context, report });
    for (let pass = 0; pass < 3; pass++) {
      for (const [i, part] of parts(all, 800).entries()) {
        await partial.partialFit(part, { pass, passes: 3, endsPass: i === 2, share: 1 });
      }
    }
    expect(steps).toEqual([1, 2, 3]);
    expect(losses[2]).toBeLessThan(losses[0]);
  });
});

describe("boosting that goes on", () => {
  test.each([
    ["GradientBoostingRegressor", "number"],
    ["GradientBoostingClassifier", 2],
    ["GradientBoostingClassifier", 3],
  ] as const)("%s on the same rows grows the trees that more rounds would have grown (%s)", async (type, task) => {
    const all = sample(1500, task);
    const long = await fitPipeline(spec(type, { nEstimators: 40 }), all, context);
    const short = await fitPipeline(spec(type, { nEstimators: 20 }), all, context);
    const partial = PartialPipeline.resume(short, context);
    await partial.partialFit(all, { pass: 0, passes: 1, endsPass: true, share: 1 });
    // Scores are taken up from sums of leaves in another order: the last bits differ, the trees do not.
    expect(furthest(values(partial.fitted, all), values(long, all))).toBeLessThan(1e-6);
    expect(furthest(values(short, all), values(long, all))).toBeGreaterThan(1e-3);
  });

  test("follows rows whose values have moved, and leaves the model it began with as it was", async () => {
    const [old, moved] = [sample(1500, "number"), sample(1200, "number", 5)];
    const fitted = await fitPipeline(spec("GradientBoostingRegressor"), old, context);
    const before = values(fitted, moved);
    const partial = PartialPipeline.resume(fitted, context);
    await partial.partialFit(moved, { pass: 0, passes: 1, endsPass: true, share: 0.5 });
    const target = moved.target.kind === "number" ? moved.target.values : new Float64Array(0);
    const error = (predicted: Float64Array) => predicted.reduce((sum, p, i) => sum + (p - target[i]) ** 2, 0);
    expect(error(values(partial.fitted, moved))).toBeLessThan(error(before) / 4);
    expect(values(fitted, moved)).toEqual(before);
  });
});

describe("refusals", () => {
  test("what needs all rows at once says so", () => {
    expect(chunkRefusal(spec("Ridge"))).toBe("Ridge needs all rows at once");
    expect(chunkRefusal(spec("RandomForestRegressor"))).toContain("needs all rows at once");
    expect(chunkRefusal(spec("GradientBoostingRegressor", { earlyStopping: true }))).toBeUndefined();
    expect(chunkRefusal(spec("GradientDescentRegressor", { earlyStopping: true }))).toContain("`earlyStopping`");
    expect(chunkRefusal(spec("GradientDescentRegressor"))).toBeUndefined();
    expect(incrementRefusal(spec("Ridge"))).toContain("starts over");
    expect(incrementRefusal(spec("GradientBoostingRegressor"))).toBeUndefined();
  });

  test("beginning with one that cannot is a ParamError", async () => {
    const all = sample(100, "number");
    await expect(PartialPipeline.begin(spec("Ridge"), all, context)).rejects.toMatchObject({ field: "estimator" });
  });

  test("a class that the model has not seen is named with the cure", async () => {
    const fitted = await fitPipeline(spec("GradientBoostingClassifier"), sample(300, 2), context);
    const { table, target } = sample(300, 2);
    const named = { ...target, classes: ["low", "HIGH"] } as Target;
    const partial = PartialPipeline.resume(fitted, context);
    const fit = partial.partialFit({ table, target: named }, { pass: 0, passes: 1, endsPass: true, share: 1 });
    await expect(fit).rejects.toThrow(/without the class "HIGH".*all rows again/);
  });
});
