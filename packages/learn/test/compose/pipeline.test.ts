import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import type { FitContext } from "../../src/base/component.ts";
import { ParamError, ShapeError } from "../../src/base/errors.ts";
import type { Table, Target } from "../../src/base/table.ts";
import { fitPipeline } from "../../src/compose/pipeline.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { tableSchema } from "../../src/index.ts";
import { crossValidate } from "../../src/validate/cross-validate.ts";
import { categories, dates, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const rows = 40;
const at = <T>(make: (i: number) => T) => Array.from({ length: rows }, (_, i) => make(i));
const cuts = ["Fair", "Good", "Ideal"];
const sample = {
  table: table(
    numbers(
      "carat",
      at((i) => (i % 9 === 0 ? null : (i % 7) / 2)),
    ),
    categories(
      "cut",
      at((i) => (i % 11 === 0 ? null : cuts[i % 3])),
      cuts,
    ),
    dates(
      "sold",
      at((i) => `2024-0${1 + (i % 9)}-1${i % 10}`),
    ),
  ),
  target: { kind: "number", name: "price", values: Float64Array.from(at((i) => (i % 7) + (i % 3))) } as Target,
};
const steps = recommendSteps(tableSchema(sample.table), "Ridge");

describe("fitPipeline", () => {
  it("runs the recommended steps from numbers, categories and dates to a prediction", async () => {
    const pipeline = await fitPipeline({ steps, estimator: { type: "Ridge" } }, sample, context);
    const names = pipeline.transform(sample.table).columns.map(({ name }) => name);
    expect(names).toEqual([
      "carat",
      "sold year",
      "sold month",
      "sold day",
      "sold weekday",
      "sold days",
      "cut=Fair",
      "cut=Good",
      "cut=Ideal",
    ]);
    const prediction = pipeline.predict(sample.table);
    expect(prediction.kind === "number" && prediction.values.every(Number.isFinite)).toBe(true);
    expect(pipeline.input).toEqual(tableSchema(sample.table));
    expect(pipeline.output).toEqual({ kind: "number", name: "price" });
  });

  it("uses only the chosen features, and finds them in a table of other order and further columns", async () => {
    const spec = { features: ["cut", "carat"], steps: steps.slice(1), estimator: { type: "Ridge" } };
    const pipeline = await fitPipeline(spec, sample, context);
    expect(pipeline.input.map(({ name }) => name)).toEqual(["cut", "carat"]);
    const [carat, cut] = sample.table.columns;
    const turned: Table = {
      rows,
      columns: [
        numbers(
          "other",
          at(() => 1),
        ),
        cut,
        carat,
      ],
    };
    expect(pipeline.predict(turned)).toEqual(pipeline.predict(sample.table));
  });

  it("does not depend on how a later table numbers its categories", async () => {
    const spec = { features: ["cut"], steps: [{ type: "OneHotEncoder" }], estimator: { type: "Ridge" } };
    const pipeline = await fitPipeline(spec, sample, context);
    const [first, second] = [cuts, [...cuts].reverse()].map((dictionary) => {
      return pipeline.predict(table(categories("cut", ["Ideal", "Fair", null, "Good"], dictionary)));
    });
    expect(first).toEqual(second);
  });

  it.each<[string, object, string]>([
    ["a category to a scaler", { steps: [{ type: "StandardScaler", columns: ["cut"] }] }, "steps[0].columns"],
    [
      "a column that is gone",
      { steps: [{ type: "OneHotEncoder" }, { type: "SimpleImputer", columns: ["cut"] }] },
      "steps[1].columns",
    ],
    ["a target of another kind", { estimator: { type: "DecisionTreeClassifier" } }, "target"],
  ])("refuses %s, naming the place", async (_, part, field) => {
    const fit = fitPipeline({ steps: [], estimator: { type: "Ridge" }, ...part }, sample, context);
    await expect(fit).rejects.toMatchObject({ name: "ParamError", field });
  });

  it("refuses the target among the columns, missing target values and columns of unequal length", async () => {
    const spec = { steps: [], estimator: { type: "Ridge" } };
    const { target } = sample;
    const named = { table: sample.table, target: { ...target, name: "carat" } as Target };
    await expect(fitPipeline(spec, named, context)).rejects.toThrow('the target "carat" is among the input columns');
    const gap = { kind: "number", name: "price", values: Float64Array.of(1, Number.NaN) } as Target;
    const two = table(numbers("a", [1, 2]));
    await expect(fitPipeline(spec, { table: two, target: gap }, context)).rejects.toThrow(
      'row 1 of the target "price" is missing',
    );
    const full = { kind: "number", name: "price", values: Float64Array.of(1, 2) } as Target;
    const ragged = { table: { rows: 2, columns: [numbers("a", [1])] }, target: full };
    await expect(fitPipeline(spec, ragged, context)).rejects.toThrow(ShapeError);
  });

  it("does not mind faults of columns that it does not use", async () => {
    const faulty = { kind: "number", name: "ratio", values: Float64Array.of(Number.POSITIVE_INFINITY) } as const;
    const wider = { ...sample, table: { rows, columns: [...sample.table.columns, faulty] } };
    const spec = { features: ["carat"], steps: [{ type: "SimpleImputer" }], estimator: { type: "Ridge" } };
    const pipeline = await fitPipeline(spec, wider, context);
    expect(pipeline.predict(wider.table)).toEqual(pipeline.predict(sample.table));
    await expect(fitPipeline({ ...spec, features: ["ratio"] }, wider, context)).rejects.toThrow(ShapeError);
  });

  it("refuses a step that makes a second column of a name", async () => {
    const clash = {
      ...sample,
      table: table(
        ...sample.table.columns.slice(0, 2),
        numbers(
          "cut=Fair",
          at((i) => i),
        ),
      ),
    };
    const spec = { steps: [{ type: "OneHotEncoder" }], estimator: { type: "Ridge" } };
    await expect(fitPipeline(spec, clash, context)).rejects.toThrow('a second column "cut=Fair"');
  });
});

describe("crossValidate", () => {
  it("judges each row by a model that did not see it, the same for the same seed", async () => {
    const spec = { steps, estimator: { type: "Ridge" } };
    const reports: number[] = [];
    const report = async ({ step }: { step: number }) => {
      reports.push(step);
    };
    const result = await crossValidate(spec, sample, { ...context, folds: 4, report });
    expect(result.folds).toHaveLength(4);
    expect(reports.filter((step, i) => step !== reports[i - 1])).toEqual(expect.arrayContaining([1, 2, 3, 4]));
    expect(result.mean.rmse).toBeCloseTo(result.folds.reduce((sum, { rmse }) => sum + rmse, 0) / 4, 12);
    expect(result.deviation.rmse).toBeGreaterThan(0);
    expect(await crossValidate(spec, sample, { ...context, folds: 4 })).toEqual(result);
  });

  it("gives out-of-fold classes and probabilities", async () => {
    const codes = Int32Array.from(at((i) => i % 2));
    const target: Target = { kind: "class", name: "odd", codes, classes: ["even", "odd"] };
    const spec = { features: ["carat", "cut"], steps: [], estimator: { type: "DecisionTreeClassifier" } };
    const { prediction, mean } = await crossValidate(spec, { table: sample.table, target }, { ...context, folds: 3 });
    if (prediction.kind !== "class") throw new Error("classes expected");
    for (let i = 0; i < rows; i++)
      expect(prediction.probabilities[2 * i] + prediction.probabilities[2 * i + 1]).toBeCloseTo(1, 9);
    expect(mean.accuracy).toBeGreaterThanOrEqual(0);
  });

  it("stops when a report rejects", async () => {
    const stop = crossValidate({ steps, estimator: { type: "Ridge" } }, sample, {
      ...context,
      report: () => Promise.reject(new ParamError("stop", "stopped")),
    });
    await expect(stop).rejects.toThrow("stopped");
  });
});
