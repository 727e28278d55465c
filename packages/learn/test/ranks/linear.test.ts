import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { shareRows } from "../../src/base/row-share.ts";
import {
  type FittedState,
  GradientDescentClassifier,
  GradientDescentRegressor,
  KMeans,
  LogisticRegression,
  ParamError,
  Random,
  ShapeError,
  type Table,
  takeRows,
  takeTarget,
} from "../../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import { bitsOf, type Data, fitOnRanks, fitting } from "./shares.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

const diabetes = example("diabetes", true);
const cancer = example("breast_cancer", true);
const iris = example("iris", true);
const regression: Data = { table: diabetes.table, target: numberTargetOf(diabetes) };
const twoClasses: Data = { table: cancer.table, target: classTargetOf(cancer) };
const threeClasses: Data = { table: iris.table, target: classTargetOf(iris) };

/** Enough rows that L-BFGS starts from a sample, in single precision. */
function many(rows: number): Data {
  const random = new Random(3);
  const columns = Array.from({ length: 6 }, (_, j) => ({
    kind: "number" as const,
    name: `x${j}`,
    values: Float64Array.from({ length: rows }, () => random.normal()),
  }));
  const table: Table = { rows, columns };
  const codes = Int32Array.from({ length: rows }, (_, i) =>
    columns.reduce((sum, { values }, j) => sum + (j - 2) * values[i], random.normal()) > 0 ? 1 : 0,
  );
  return { table, target: { kind: "class", name: "y", codes, classes: ["no", "yes"] } };
}

const numbers = (state: FittedState, name = "coefficients") => state.tensors[name].data as Float64Array;

const minibatch = { method: "minibatch", batchSize: 32, epochs: 60 } as const;
const cases = [
  ["batch descent", () => new GradientDescentRegressor({ method: "batch" }), regression, 1e-9],
  ["batch descent of classes", () => new GradientDescentClassifier({ method: "batch" }), threeClasses, 1e-9],
  ["mini-batch descent", () => new GradientDescentRegressor(minibatch), regression, 0.02],
  [
    "mini-batch descent of two classes",
    () => new GradientDescentClassifier({ ...minibatch, l2: 0.01 }),
    twoClasses,
    0.05,
  ],
  [
    "mini-batch descent with early stopping",
    () => new GradientDescentRegressor({ ...minibatch, earlyStopping: true, patience: 60 }),
    regression,
    // The best epoch may be another one.
    0.15,
  ],
  ["L-BFGS of two classes", () => new LogisticRegression({ tolerance: 1e-7 }), twoClasses, 1e-4],
  ["L-BFGS of three classes", () => new LogisticRegression({ tolerance: 1e-7 }), threeClasses, 1e-4],
  ["L-BFGS from a sample", () => new LogisticRegression({ tolerance: 1e-6 }), many(60_000), 1e-4],
] as const;

describe.each(cases)("%s on ranks", (_name, make, data, tolerance) => {
  it("agrees with one process, and with itself bit for bit", async () => {
    const alone = await fitting(make, runtime)(data);
    for (const size of [2, 4]) {
      const states = await fitOnRanks(size, data, fitting(make, runtime));
      for (const name of ["coefficients", "intercepts"]) {
        const whole = Math.max(...numbers(alone).map(Math.abs));
        const scaled = (state: FittedState) => numbers(state, name).map((value) => value / whole);
        expect(distance(scaled(states[0]), scaled(alone)), name).toBeLessThan(tolerance);
      }
      const again = await fitOnRanks(size, data, fitting(make, runtime));
      expect(new Set([...states, ...again].map(bitsOf)).size).toBe(1);
    }
  });
});

describe("k-means on ranks", () => {
  it("agrees with one process, and with itself bit for bit", async () => {
    const data = { table: iris.table };
    const make = () => new KMeans({ clusters: 3 });
    const alone = await fitting(make, runtime)(data);
    const states = await fitOnRanks(3, data, fitting(make, runtime));
    expect(distance(numbers(states[0], "centres"), numbers(alone, "centres"))).toBeLessThan(1e-6);
    expect(new Set(states.map(bitsOf)).size).toBe(1);
  });
});

describe("what cannot be done on ranks", () => {
  it("is refused by name", async () => {
    const sgd = fitOnRanks(
      2,
      regression,
      fitting(() => new GradientDescentRegressor({ method: "sgd" }), runtime),
    );
    await expect(sgd).rejects.toThrow(ParamError);
    await expect(sgd).rejects.toThrow('choose "minibatch" or "batch"');
  });

  it("includes more ranks than rows", async () => {
    const rows = Uint32Array.of(0, 1);
    const two = { table: takeRows(diabetes.table, rows), target: takeTarget(numberTargetOf(diabetes), rows) };
    const fit = fitOnRanks(
      4,
      two,
      fitting(() => new LogisticRegression(), runtime),
    );
    await expect(fit).rejects.toThrow(ParamError);
    const split = fitOnRanks(4, two, async (share, communicator) => {
      await shareRows(communicator, share.table.rows);
      return { tensors: {}, meta: {} };
    });
    await expect(split).rejects.toThrow(ShapeError);
  });
});
