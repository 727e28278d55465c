// What a request to tune means for columns, without a server.
import { ApiError, StudyRequest } from "@massif/api";
import type { ColumnInfo } from "@massif/data";
import { describe, expect, test } from "vitest";
import { planStudy, withParams } from "../../src/services/study-plan.ts";

function column(name: string): ColumnInfo {
  return {
    name,
    kind: "number",
    role: "feature",
    storage: "DOUBLE",
    count: 100,
    missing: 0,
    distinct: 90,
    distinctApproximate: false,
    integer: false,
    flags: [],
  };
}

const COLUMNS = [column("size"), column("weight"), column("price")];
const BOOSTING = { estimator: "GradientBoostingRegressor" };

function plan(change: Record<string, unknown>) {
  const base = { dataset: "goods", target: "price", candidate: BOOSTING };
  return planStudy(COLUMNS, StudyRequest.parse({ ...base, ...change }));
}

async function refusal(change: Record<string, unknown>): Promise<ApiError> {
  const error = await plan(change).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe("a study's plan", () => {
  test("searches what the estimator declares, without what is fixed, and starts with the defaults", async () => {
    const { spec, start, metric, pipeline } = await plan({
      candidate: { ...BOOSTING, params: { maxDepth: 4, learningRate: 0.2 } },
    });
    expect(Object.keys(spec.space)).toContain("nEstimators");
    expect(Object.keys(spec.space)).not.toContain("maxDepth");
    expect(start).toMatchObject({ nEstimators: 100, maxLeaves: 31 });
    expect(start).not.toHaveProperty("learningRate");
    // 0 penalty is the default and lies outside the logarithmic range.
    expect(start).not.toHaveProperty("l2");
    expect(pipeline.estimator.params).toMatchObject({ maxDepth: 4, learningRate: 0.2 });
    expect(metric).toBe("rmse");
    expect(spec).toMatchObject({
      direction: "minimize",
      sampler: { name: "tpe", startup: 10 },
      pruner: { startup: 5 },
    });
  });

  test("takes own ranges, declared ones by true, conditions, and parameters of steps", async () => {
    const pipeline = {
      steps: [{ type: "SimpleImputer" }, { type: "StandardScaler" }],
      estimator: { type: "Ridge" },
    };
    const space = {
      alpha: true,
      fitIntercept: { type: "categorical", choices: [true, false] },
      "steps.0.numbers": { type: "categorical", choices: ["mean", "median"], when: { fitIntercept: [true] } },
    };
    const { spec, start, pipeline: planned } = await plan({ candidate: { pipeline }, space });
    expect(spec.space.alpha).toMatchObject({ type: "float", log: true });
    expect(start).toMatchObject({ alpha: 1, fitIntercept: true, "steps.0.numbers": "median" });
    const changed = withParams(planned, { alpha: 7, "steps.0.numbers": "mean" });
    expect(changed.estimator.params?.alpha).toBe(7);
    expect(changed.steps[0].params?.numbers).toBe("mean");
    expect(planned.steps[0].params?.numbers).toBe("median");
  });

  test("aims high where the metric is better so, and lays a grid without a first guess", async () => {
    const { spec, start } = await plan({
      metric: "r2",
      sampler: { name: "grid", levels: 2 },
      space: { maxLeaves: true },
    });
    expect(spec.direction).toBe("maximize");
    expect(start).toBeNull();
  });

  test.each([
    ["a range the wrong way round", { depth: { type: "int", min: 5, max: 2 } }, "space.depth", undefined],
    ["ends in the wrong order", { maxDepth: { type: "int", min: 5, max: 2 } }, "space.maxDepth.max", 2],
    ["a value that the estimator refuses", { maxDepth: { type: "int", min: 0, max: 2 } }, "space.maxDepth.min", 0],
    ["fractions of a whole number", { maxDepth: { type: "float", min: 1.5, max: 3 } }, "space.maxDepth.min", 1.5],
    [
      "a choice that is none",
      { growth: { type: "categorical", choices: ["leaf", "root"] } },
      "space.growth.choices[1]",
      "root",
    ],
    ["a parameter that is none", { learningrate: true }, "space.learningrate", "learningrate"],
    ["a step that is none", { "steps.3.numbers": true }, "space.steps.3.numbers", "steps.3.numbers"],
    ["a logarithm of zero", { l2: { type: "float", min: 0, max: 1, log: true } }, "space.l2.min", 0],
    [
      "a condition on what is not searched",
      { l2: { type: "float", min: 1, max: 2, when: { maxDepth: [3] } } },
      "space.l2.when.maxDepth",
      [3],
    ],
    ["nothing to search", {}, "space", undefined],
    ["a number instead of a range", { l2: 3 }, "space.l2", 3],
  ])("refuses %s, with field, value and cure", async (_, space, field, value) => {
    const { code, details, cure, message } = await refusal({ space });
    expect(code).toBe("INVALID_SPACE");
    expect(cure).toContain("massif tune --help");
    expect(message.length).toBeGreaterThan(20);
    if (field !== "space.depth") expect(details[0]).toMatchObject({ field, ...(value === undefined ? {} : { value }) });
  });

  test("refuses settings and metrics that are none", async () => {
    expect(await refusal({ sampler: { name: "tpe", startup: -1 } })).toMatchObject({
      code: "INVALID_REQUEST",
      details: [{ field: "sampler.startup" }],
    });
    expect(await refusal({ pruner: { name: "halving", eta: 3 } })).toMatchObject({
      details: [{ field: "pruner.eta" }],
    });
    expect(await refusal({ metric: "accuracy" })).toMatchObject({ details: [{ field: "metric", value: "accuracy" }] });
    expect(await refusal({ sampler: { name: "grid", levels: 200 } })).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("fewer `levels`"),
    });
    const fixed = { candidate: { ...BOOSTING, params: { l2: 1 } }, space: { l2: true } };
    expect(await refusal(fixed)).toMatchObject({ code: "INVALID_SPACE", details: [{ field: "space.l2", value: 1 }] });
    expect(await refusal({ candidate: { estimator: "MeanRegressor" } })).toMatchObject({ code: "INVALID_SPACE" });
  });
});
