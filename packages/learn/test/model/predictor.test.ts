import { createRuntime } from "@massif/kernels";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FitContext } from "../../src/base/component.ts";
import { ParamError } from "../../src/base/errors.ts";
import { fitPipeline } from "../../src/compose/pipeline.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { tableSchema } from "../../src/index.ts";
import { compilePredictor, type Predictor } from "../../src/model/predictor.ts";
import { categories, dates, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const carats = [0.2, 0.5, null, 1.1, 0.9, 0.7];
const cuts = ["Fair", "Good", "Good", null, "Fair", "1"];
const days = ["2024-01-31", "2024-05-06T10:00:00Z", null, "2023-12-31", "2024-02-29", "2024-05-05"];
const data = table(numbers("carat", carats), categories("cut", cuts), dates("sold", days));
const price = { kind: "number", name: "price", values: Float64Array.of(1, 2, 3, 4, 5, 6) } as const;

describe("a compiled predictor of a number", () => {
  let predictor: Predictor;
  let wanted: Float64Array;

  beforeAll(async () => {
    const steps = recommendSteps(tableSchema(data), "Ridge");
    const pipeline = await fitPipeline(
      { steps, estimator: { type: "Ridge" } },
      { table: data, target: price },
      context,
    );
    const batch = pipeline.predict(data);
    wanted = batch.kind === "number" ? batch.values : new Float64Array();
    predictor = compilePredictor(pipeline);
  });

  it("gives the bits of the table's prediction for named values and for lists", () => {
    for (let i = 0; i < data.rows; i++) {
      const named = { sold: days[i], cut: cuts[i], carat: carats[i] };
      expect(predictor.predict(named)).toEqual({ kind: "number", value: wanted[i] });
      expect(predictor.predict([carats[i], cuts[i], days[i]])).toEqual({ kind: "number", value: wanted[i] });
    }
  });

  it("writes into a given array", () => {
    const out = new Float64Array(1);
    predictor.predictInto({ carat: 0.2, cut: "Fair", sold: "2024-01-31" }, out);
    expect(out[0]).toBe(wanted[0]);
  });

  it("takes absent values and unknown categories for missing", () => {
    const missing = predictor.predict({ carat: 0.2, cut: null, sold: "2024-01-31" });
    expect(predictor.predict({ carat: 0.2, sold: "2024-01-31" })).toEqual(missing);
    expect(predictor.predict({ carat: 0.2, cut: "Premium", sold: "2024-01-31" })).toEqual(missing);
  });

  it("takes dates as texts, dates or milliseconds, and categories as numbers", () => {
    const row = { carat: 0.7, cut: "1", sold: "2024-05-05" };
    const time = Date.UTC(2024, 4, 5);
    for (const sold of [time, new Date(time), "2024-05-05T02:00:00+02:00"]) {
      expect(predictor.predict({ ...row, cut: 1, sold })).toEqual(predictor.predict(row));
    }
  });

  it.each([
    ["carat", "0.3", '"carat" must be a finite number, got "0.3"'],
    ["carat", Number.POSITIVE_INFINITY, '"carat" must be a finite number, got Infinity'],
    ["cut", new Date(0), '"cut" must be a text'],
    ["sold", "soon", '"sold" must be an ISO 8601 date, got "soon"'],
  ])("refuses %s = %s by name", (column, value, message) => {
    const row = { carat: 1, cut: "Fair", sold: "2024-01-31", [column]: value };
    expect(() => predictor.predict(row)).toThrow(ParamError);
    expect(() => predictor.predict(row)).toThrow(message);
  });

  it("has no memory of earlier rows", () => {
    const row = { carat: 0.2, cut: "Fair", sold: "2024-01-31" };
    predictor.predict({ carat: 9, cut: "Good", sold: "2020-01-01" });
    expect(() => predictor.predict({ ...row, carat: "x" })).toThrow(ParamError);
    expect(predictor.predict(row)).toEqual({ kind: "number", value: wanted[0] });
  });
});

describe("a compiled predictor", () => {
  it("says which value is missing when the model has no answer without it", async () => {
    const full = table(numbers("carat", [1, 2, 3]), numbers("depth", [1, 0, 2]));
    const target = { kind: "number", name: "price", values: Float64Array.of(1, 2, 3) } as const;
    const spec = { steps: [], estimator: { type: "Ridge" } };
    const predictor = compilePredictor(await fitPipeline(spec, { table: full, target }, context));
    expect(() => predictor.predict({ carat: 1 })).toThrow("no answer when depth is missing");
  });

  it.each([
    ["KNeighborsClassifier", { k: 2 }],
    ["RadiusNeighborsClassifier", {}],
    ["BernoulliNB", {}],
    ["VotingClassifier", { voting: "hard", estimators: ["GaussianNB"] }],
  ])("of %s has no answer either where a table would be refused", async (type, params) => {
    const full = table(numbers("carat", [1, 2, 3]), numbers("depth", [1, 0, 2]));
    const target = { kind: "class", name: "y", codes: Int32Array.of(0, 1, 1), classes: ["no", "yes"] } as const;
    const pipeline = await fitPipeline({ steps: [], estimator: { type, params } }, { table: full, target }, context);
    expect(() => compilePredictor(pipeline).predict({ carat: 1 })).toThrow("no answer when depth is missing");
  });

  it("names the most probable class and the probability of each", async () => {
    const target = {
      kind: "class",
      name: "y",
      codes: Int32Array.of(0, 1, 1, 0, 1, 0),
      classes: ["no", "yes"],
    } as const;
    const spec = { features: ["carat", "cut"], steps: [], estimator: { type: "DecisionTreeClassifier" } };
    const pipeline = await fitPipeline(spec, { table: data, target }, context);
    const batch = pipeline.predict(data);
    if (batch.kind !== "class") throw new Error("classes expected");
    const predictor = compilePredictor(pipeline);
    expect(predictor.outputLength).toBe(2);
    for (let i = 0; i < data.rows; i++) {
      expect(predictor.predict([carats[i], cuts[i]])).toEqual({
        kind: "class",
        value: target.classes[batch.codes[i]],
        probabilities: { no: batch.probabilities[2 * i], yes: batch.probabilities[2 * i + 1] },
      });
    }
  });
});
