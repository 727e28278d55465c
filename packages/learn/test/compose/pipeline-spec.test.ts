import { describe, expect, it } from "vitest";
import { ParamError } from "../../src/base/errors.ts";
import type { ColumnSchema } from "../../src/base/table.ts";
import {
  canonicalPipeline,
  hashPipeline,
  type PipelineSpec,
  validatePipeline,
} from "../../src/compose/pipeline-spec.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";

const schema: ColumnSchema[] = [
  { name: "carat", kind: "number" },
  { name: "cut", kind: "category", categories: ["Fair", "Ideal"] },
];
const ridge = { type: "Ridge" };

describe("validatePipeline", () => {
  it.each<[string, unknown, string, string]>([
    ["no object", [], "pipeline", "`pipeline` must be an object, got []"],
    ["no steps", { estimator: ridge }, "steps", "`steps` must be a list of steps, got undefined"],
    ["no estimator", { steps: [] }, "estimator", "`estimator` must be an object, got undefined"],
    [
      "a further field",
      { steps: [], estimator: ridge, extra: 1 },
      "pipeline.extra",
      "`pipeline` has no field `extra`; it has: features, steps, estimator",
    ],
    ["a misspelt estimator", { steps: [], estimator: { type: "Rigde" } }, "estimator.type", "did you mean Ridge?"],
    [
      "a misspelt step",
      { steps: [{ type: "one-hot-encoder" }], estimator: ridge },
      "steps[0].type",
      "did you mean OneHotEncoder?",
    ],
    [
      "an estimator as a step",
      { steps: [{ type: "Ridge" }], estimator: ridge },
      "steps[0].type",
      'steps[0]: there is no transformer "Ridge"',
    ],
    [
      "an impossible parameter",
      { steps: [], estimator: { type: "Ridge", params: { alpha: -1 } } },
      "estimator.params.alpha",
      "`alpha` of Ridge must be a number >= 0, got -1",
    ],
    [
      "an unknown parameter",
      { steps: [], estimator: { type: "Ridge", params: { alhpa: 1 } } },
      "estimator.params.alhpa",
      "Ridge has no parameter `alhpa`; it has: alpha, fitIntercept",
    ],
    [
      "an impossible pair of parameters",
      { steps: [{ type: "MinMaxScaler", params: { min: 2 } }], estimator: ridge },
      "steps[0].params.min",
      "must be below",
    ],
    [
      "an unknown feature",
      { features: ["carat", "colour"], steps: [], estimator: ridge },
      "features",
      'there is no column "colour"; there are: carat, cut',
    ],
    [
      "an unknown column of a step",
      { steps: [{ type: "SimpleImputer", columns: ["price"] }], estimator: ridge },
      "steps[0].columns",
      'there is no column "price"; there are: carat, cut',
    ],
    [
      "a kind that there is not",
      { steps: [{ type: "SimpleImputer", columns: "numbers" }], estimator: ridge },
      "steps[0].columns",
      "or one of number, category, date, text, all",
    ],
    ["a feature twice", { features: ["cut", "cut"], steps: [], estimator: ridge }, "features", '"cut" twice'],
    ["no feature", { features: [], steps: [], estimator: ridge }, "features", "at least one"],
  ])("refuses %s, naming the place and the cure", (_, spec, field, message) => {
    let error: unknown;
    try {
      validatePipeline(spec, schema);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ParamError);
    expect(error).toMatchObject({ field, message: expect.stringContaining(message) });
  });

  it("spells out all parameters and is its own canonical form", () => {
    const canonical = validatePipeline({ steps: [{ type: "StandardScaler" }], estimator: ridge });
    expect(canonical).toEqual({
      steps: [{ type: "StandardScaler", params: { center: true, scale: true } }],
      estimator: { type: "Ridge", params: { alpha: 1, fitIntercept: true } },
    });
    expect(validatePipeline(canonical)).toEqual(canonical);
  });
});

describe("hashPipeline", () => {
  it("is equal for equal pipelines, however they are spelt, and differs for others", async () => {
    const short: PipelineSpec = { steps: [], estimator: ridge };
    const long: PipelineSpec = { estimator: { params: { fitIntercept: true, alpha: 1 }, type: "Ridge" }, steps: [] };
    const other: PipelineSpec = { steps: [], estimator: { type: "Ridge", params: { alpha: 2 } } };
    expect(canonicalPipeline(short)).toBe(canonicalPipeline(long));
    expect(await hashPipeline(short)).toBe(await hashPipeline(long));
    expect(await hashPipeline(short)).not.toBe(await hashPipeline(other));
    expect(await hashPipeline(short)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("recommendSteps", () => {
  const wide: ColumnSchema = { name: "zip", kind: "category", categories: Array.from({ length: 100 }, String) };
  const sold: ColumnSchema = { name: "sold", kind: "date" };

  it("fills, encodes by width and scales for an estimator of matrices", () => {
    expect(recommendSteps([...schema, wide, sold], "Ridge")).toEqual([
      { type: "DateParts" },
      { type: "SimpleImputer" },
      { type: "OneHotEncoder", columns: ["cut"] },
      { type: "OrdinalEncoder", columns: ["zip"] },
      { type: "StandardScaler" },
    ]);
  });

  it("leaves tables to an estimator that takes them, but for dates", () => {
    expect(recommendSteps([...schema, wide], "DecisionTreeRegressor")).toEqual([]);
    expect(recommendSteps([sold], "DecisionTreeRegressor")).toEqual([{ type: "DateParts" }]);
  });
});
