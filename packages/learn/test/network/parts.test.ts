// Networks that learn in parts against those that see all rows at once.
import { describe, expect, it } from "vitest";
import type { Estimator, PartialContext } from "../../src/base/component.ts";
import { takeRows, takeTarget } from "../../src/base/take-rows.ts";
import { type ClassTarget, MLPClassifier, MLPRegressor, type NumberTarget, type Table } from "../../src/index.ts";
import { classTargetOf, example, numberTargetOf } from "../example-data.ts";
import { noKernels } from "../tables.ts";

const PASSES = 20;
const SETTINGS = { units: 16, learningRate: 0.01, batchSize: 20, epochs: PASSES, tolerance: 0 };
const [cancer, diabetes] = [example("breast_cancer", true), example("diabetes", true)];

/** Every so-many-th row: parts alike, as chunks of a shuffled file are. */
function partsOf({ rows }: Table, count: number): Uint32Array[] {
  return Array.from({ length: count }, (_, part) =>
    Uint32Array.from({ length: rows }, (_, row) => row).filter((row) => row % count === part),
  );
}

async function learn(
  model: Estimator,
  { table, target }: { table: Table; target: ClassTarget | NumberTarget },
  share = 1,
) {
  const parts = partsOf(table, 4);
  for (let pass = 0; pass < PASSES; pass++) {
    for (const [i, rows] of parts.entries()) {
      const where = { pass, passes: PASSES, endsPass: i === parts.length - 1, share };
      const place: PartialContext = Object.assign(Object.create(noKernels), where);
      await model.partialFit?.(takeRows(table, rows), takeTarget(target, rows), place);
    }
  }
  return model;
}

function mistakes(model: Estimator, table: Table, target: ClassTarget): number {
  const found = model.predict(table);
  if (found.kind !== "class") throw new Error("a classifier predicts classes");
  return found.codes.reduce((count, code, row) => count + (code === target.codes[row] ? 0 : 1), 0);
}

function squaredError(model: Estimator, table: Table, { values }: NumberTarget): number {
  const found = model.predict(table);
  if (found.kind !== "number") throw new Error("a regressor predicts numbers");
  return found.values.reduce((sum, value, row) => sum + (value - values[row]) ** 2, 0) / values.length;
}

describe("MLPClassifier", () => {
  const data = { table: cancer.table, target: classTargetOf(cancer) };

  it("learns from parts as well as from all rows at once", async () => {
    const whole = await new MLPClassifier(SETTINGS).fit(data.table, data.target, noKernels);
    const model = await new MLPClassifier(SETTINGS).beginPartial(data.table, data.target, noKernels);
    await learn(model, data);
    expect(mistakes(model, data.table, data.target)).toBeLessThanOrEqual(mistakes(whole, data.table, data.target) + 4);
  });

  it("goes on from a saved network by further rows, and does the same each time", async () => {
    const first = await new MLPClassifier({ ...SETTINGS, epochs: 1 }).fit(data.table, data.target, noKernels);
    const further = async () => {
      const model = new MLPClassifier(SETTINGS);
      model.setState(structuredClone(first.getState()));
      return learn(model, data, 0.5);
    };
    const [one, two] = [await further(), await further()];
    expect(mistakes(one, data.table, data.target)).toBeLessThan(mistakes(first, data.table, data.target));
    expect(one.getState()).toEqual(two.getState());
  });

  it("refuses a class that it does not know, and to hold rows out of parts", async () => {
    const model = await new MLPClassifier(SETTINGS).beginPartial(data.table, data.target, noKernels);
    const other = { ...data, target: { ...data.target, classes: ["0", "never"] } };
    await expect(learn(model, other)).rejects.toThrow("never");
    const holding = new MLPClassifier({ ...SETTINGS, earlyStopping: true });
    await expect(holding.beginPartial(data.table, data.target, noKernels)).rejects.toThrow("earlyStopping");
  });
});

it("MLPRegressor learns from parts as well as from all rows at once", async () => {
  const data = { table: diabetes.table, target: numberTargetOf(diabetes) };
  const whole = await new MLPRegressor(SETTINGS).fit(data.table, data.target, noKernels);
  const model = await new MLPRegressor(SETTINGS).beginPartial(data.table, data.target, noKernels);
  await learn(model, data);
  expect(squaredError(model, data.table, data.target)).toBeLessThan(1.1 * squaredError(whole, data.table, data.target));
});
