// A million rows through every component of the catalogue: no stack overflows, kernels give back what they took, and
// memory stays within bounds. What compares all pairs of rows is asked for fewer, as far as it says that it is meant for.
import { createRuntime } from "@massif/kernels";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Json, Transformer } from "../src/base/component.ts";
import type { Column, Table, Target } from "../src/base/table.ts";
import { takeRows, takeTarget } from "../src/base/take-rows.ts";
import { componentNames, createEstimator, createTransformer } from "../src/catalogue.ts";
import { makeSample } from "../src/testing/sample.ts";

const ROWS = 1_000_000;

/** Rows that are enough for what takes time with their square, or keeps them all in trees; and why. */
const FEWER: Readonly<Record<string, number>> = {
  // All pairs of rows, or of support vectors and rows.
  SVC: 5000,
  SVR: 5000,
  OneClassSVM: 5000,
  AgglomerativeClustering: 3000,
  UMAP: 3000,
  KNNImputer: 5000,
  // Every row is looked up among all others, in three columns within a fixed distance.
  DBSCAN: 20_000,
  RadiusNeighborsRegressor: 20_000,
  RadiusNeighborsClassifier: 20_000,
  // Hundreds of fits within one.
  RecursiveEliminationCV: 100_000,
  SequentialSelector: 100_000,
};

/** Parameters that keep a fit short and change nothing of how it holds rows. */
const PARAMS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  RandomForestRegressor: { nEstimators: 4 },
  RandomForestClassifier: { nEstimators: 4 },
  ExtraTreesRegressor: { nEstimators: 4 },
  ExtraTreesClassifier: { nEstimators: 4 },
  GradientBoostingRegressor: { nEstimators: 10 },
  GradientBoostingClassifier: { nEstimators: 5 },
  MLPRegressor: { epochs: 1 },
  MLPClassifier: { epochs: 1 },
  GaussianMixture: { clusters: 3, starts: 1, maxIterations: 10 },
  KMeans: { clusters: 5, starts: 1 },
  VotingRegressor: { estimators: ["Ridge", "MeanRegressor"] },
  VotingClassifier: { estimators: ["GaussianNB", "MajorityClassifier"] },
  StackingRegressor: { estimators: ["Ridge", "MeanRegressor"] },
  StackingClassifier: { estimators: ["GaussianNB", "MajorityClassifier"] },
  GradientDescentRegressor: { epochs: 2 },
  GradientDescentClassifier: { epochs: 2 },
  DBSCAN: { radius: 0.1 },
};

const runtime = createRuntime({ threads: 2 });
const context = { runtime, seed: 1, report: async () => undefined };
afterAll(() => runtime.close());

/** The tables are of 32 MB or little more; kernels never had more than ten times that, nor the process 3 GB. */
afterEach(() => {
  expect(runtime.allocatedBytes).toBe(0);
  expect(runtime.memory.buffer.byteLength).toBeLessThan(400e6);
  expect(process.memoryUsage().rss).toBeLessThan(3e9);
});

describe("estimators", { timeout: 600_000 }, () => {
  test.each(componentNames("estimator"))("%s", async (type) => {
    const { task, input, targets } = createEstimator(type).spec;
    const rows = FEWER[type] ?? ROWS;
    const sample = type === "MatrixFactorization" ? ratings(rows) : wide(makeSampleOnce(task, input, targets), rows);
    const estimator = await createEstimator(type, PARAMS[type]).fit(sample.table, sample.target, context);
    const prediction = estimator.predict(sample.table);
    expect(prediction.kind === "number" ? prediction.values.length : prediction.codes.length).toBe(rows);
  });
});

describe("transformers", { timeout: 600_000 }, () => {
  test.each(componentNames("transformer"))("%s", async (type) => {
    const transformer = createTransformer(type, PARAMS[type]);
    const rows = FEWER[type] ?? ROWS;
    const { table, target } = columnsFor(transformer, rows);
    await transformer.fit(table, target, context);
    const output = transformer.transform(table);
    expect(output.rows).toBe(rows);
  });
});

// Internal

/** Ten thousand rows, made once per kind and repeated. */
const made = new Map<string, ReturnType<typeof makeSample>>();

function makeSampleOnce(...[task, input, targets]: readonly [string, string, string | undefined]) {
  const key = `${task} ${input} ${targets}`;
  const found = made.get(key);
  if (found !== undefined) return found;
  const options = { rows: 10_000, task, input, positive: targets !== undefined };
  const sample = makeSample(options as Parameters<typeof makeSample>[0]);
  made.set(key, sample);
  return sample;
}

/** The rows over and over, each number a little moved, so that none is another's equal. */
function wide({ table, target }: ReturnType<typeof makeSample>, rows: number): { table: Table; target?: Target } {
  const order = Uint32Array.from({ length: rows }, (_, row) => row % table.rows);
  const taken = takeRows(table, order);
  for (const column of taken.columns) {
    if (column.kind !== "number") continue;
    for (let row = 0; row < rows; row++) column.values[row] += 1e-6 * Math.floor(row / table.rows);
  }
  return target === undefined ? { table: taken } : { table: taken, target: takeTarget(target, order) };
}

function ratings(rows: number): { table: Table; target: Target } {
  const codes = (count: number, step: number) => Int32Array.from({ length: rows }, (_, row) => (row * step) % count);
  const category = (name: string, count: number, step: number): Column => {
    const categories = Array.from({ length: count }, (_, k) => `${name} ${k}`);
    return { kind: "category", name, codes: codes(count, step), categories };
  };
  const values = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 5));
  return {
    table: { rows, columns: [category("user", 20_011, 7), category("item", 997, 3)] },
    target: { kind: "number", name: "stars", values },
  };
}

/** Columns of the kinds that it accepts. */
function columnsFor({ spec }: Transformer, rows: number): { table: Table; target?: Target } {
  const { table, target } = wide(makeSampleOnce("classification", "table", undefined), rows);
  const numbers = table.columns.filter(({ kind }) => kind === "number") as Extract<Column, { kind: "number" }>[];
  const isSelector = spec.needsTarget === true && !spec.accepts.includes("category");
  const columns: Column[] = table.columns
    .filter(({ kind }) => spec.accepts.includes(kind))
    .map((column) => {
      if (column.kind !== "number") return column;
      const whole = isSelector ? column.values.map((value) => value || 0) : column.values;
      return { ...column, values: spec.values === "nonnegative" ? whole.map(Math.abs) : whole };
    });
  if (spec.accepts.includes("date")) {
    columns.push({ kind: "date", name: "day", values: numbers[0].values.map((value) => Math.round(value * 1e11)) });
  }
  if (spec.accepts.includes("text")) {
    const values = Array.from(numbers[0].values, (value) => `about ${value.toFixed(1)} of it`);
    columns.push({ kind: "text", name: "note", values });
  }
  return target === undefined ? { table: { rows, columns } } : { table: { rows, columns }, target };
}
