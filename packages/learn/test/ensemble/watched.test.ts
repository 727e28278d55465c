// Rows that a fit watches: their loss is told after each tree, and they change nothing of the model.
import { describe, expect, test } from "vitest";
import {
  createRuntime,
  evaluate,
  fitPipeline,
  type Progress,
  type Table,
  type Target,
  takeRows,
  takeTarget,
  trainTestSplit,
} from "../../src/index.ts";

const ROWS = 400;
const runtime = createRuntime({ threads: 1 });

const x = Float64Array.from({ length: ROWS }, (_, i) => Math.sin(7.3 * i) * 10);
const table: Table = {
  rows: ROWS,
  columns: [
    { kind: "number", name: "x", values: x },
    { kind: "number", name: "noise", values: x.map((_, i) => Math.cos(31.7 * i)) },
    { kind: "category", name: "kind", categories: ["a", "b", "c"], codes: Int32Array.from(x, (_, i) => i % 3) },
  ],
};
const numbers: Target = { kind: "number", name: "y", values: x.map((value, i) => value * value + (i % 3) * 20) };
const classes = (count: number): Target => ({
  kind: "class",
  name: "y",
  classes: ["p", "q", "r"].slice(0, count),
  codes: Int32Array.from(x, (value, i) => Math.abs(Math.round(value / 4) + i) % count),
});

describe.each([
  ["numbers", "GradientBoostingRegressor", numbers, (loss: number) => Math.sqrt(loss), "rmse", "regression"],
  ["two classes", "GradientBoostingClassifier", classes(2), (loss: number) => loss, "logLoss", "classification"],
  ["three classes", "GradientBoostingClassifier", classes(3), (loss: number) => loss, "logLoss", "classification"],
] as const)("boosting of %s", (_, type, target, metricOf, metric, task) => {
  const split = trainTestSplit(ROWS, { seed: 1, testShare: 0.25 });
  const part = (rows: Uint32Array) => ({ table: takeRows(table, rows), target: takeTarget(target, rows) });
  const [train, held] = [part(split.train), part(split.test)];
  const spec = { steps: [], estimator: { type, params: { nEstimators: 12, subsample: 0.7, minSamplesLeaf: 5 } } };

  async function fit(watched?: typeof held) {
    const told: Progress[] = [];
    const report = async (progress: Progress) => void told.push(progress);
    return { told, fitted: await fitPipeline(spec, train, { runtime, seed: 5, report, watched }) };
  }

  test("tells the loss of watched rows after each tree, the last of which is that of the model", async () => {
    const { told, fitted } = await fit(held);
    expect(told.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    const figures = evaluate(task, held.target, fitted.predict(held.table));
    expect(metricOf(told.at(-1)?.validationLoss ?? Number.NaN)).toBeCloseTo(figures[metric], 6);
    expect(told[0].validationLoss).not.toBe(told[11].validationLoss);
  });

  test("gives the same model, bit for bit, whether rows are watched or not", async () => {
    const [plain, watched] = [await fit(), await fit(held)];
    expect(plain.told[0].validationLoss).toBeUndefined();
    expect(watched.fitted.getState()).toEqual(plain.fitted.getState());
  });
});
