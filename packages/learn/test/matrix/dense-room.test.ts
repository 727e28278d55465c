// What fits that lay all rows in kernel memory say when it is short; fits that stage pieces of columns need little of it.
import { createRuntime } from "@massif/kernels";
import { afterAll, expect, it } from "vitest";
import { ShapeError } from "../../src/base/errors.ts";
import { Random } from "../../src/base/random.ts";
import { createEstimator } from "../../src/catalogue.ts";
import { numbers, table } from "../tables.ts";

const ROWS = 400_000;
const random = new Random(3);
const list = (): number[] => Array.from({ length: ROWS }, () => random.uniform());
const x = table(numbers("a", list()), numbers("b", list()), numbers("c", list()));
const prices = { kind: "number", name: "y", values: Float64Array.from(list()) } as const;
const codes = Int32Array.from({ length: ROWS }, (_, row) => row % 2);
const sides = { kind: "class", name: "side", codes, classes: ["left", "right"] } as const;

const small = createRuntime({ threads: 1, memoryBytes: 12 * 2 ** 20 });
afterAll(() => small.close());
const context = { runtime: small, seed: 1, report: async () => {} };

it.each([
  ["GradientDescentRegressor", prices],
  ["GradientDescentClassifier", sides],
  ["LogisticRegression", sides],
  ["LinearSVC", sides],
  ["LinearSVR", prices],
  ["KMeans", undefined],
])("%s refuses rows that have no room, says how many have, and names the way around", async (type, target) => {
  const before = small.allocatedBytes;
  const fit = createEstimator(type).fit(x, target, context);
  await expect(fit).rejects.toThrow(ShapeError);
  await expect(fit).rejects.toThrow(
    /400000 rows of 3 columns take 1\d MiB .* about \d{6} rows fit; .* learns from chunks/,
  );
  expect(small.allocatedBytes).toBe(before);
});

it.each(["LinearRegression", "Ridge", "Lasso", "ElasticNet"])("%s needs no room for all rows", async (type) => {
  const model = createEstimator(type);
  await expect(model.fit(x, prices, context)).resolves.toBe(model);
});
