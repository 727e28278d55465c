// What a request to train means for columns, without a server.
import type { ColumnInfo } from "@massif/data";
import { describe, expect, test } from "vitest";
import { planTraining } from "../../src/services/training-plan.ts";

function column(name: string, change: Partial<ColumnInfo> = {}): ColumnInfo {
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
    ...change,
  };
}

const COLUMNS = [
  column("id", { role: "identifier", flags: [{ code: "identifier", reason: "every row has another value" }] }),
  column("always", { role: "constant", distinct: 1, flags: [{ code: "constant", reason: "the same in every row" }] }),
  column("ticket", {
    kind: "text",
    storage: "VARCHAR",
    flags: [{ code: "high-cardinality", reason: "too many for categories, read as text" }],
  }),
  column("note", { kind: "text", storage: "VARCHAR" }),
  column("size"),
  column("colour", { kind: "category", storage: "VARCHAR", distinct: 3 }),
  column("when", { kind: "date", storage: "TIMESTAMP" }),
  column("price"),
];

describe("a plan", () => {
  test("leaves out what cannot be learned from, with the reasons", async () => {
    const plan = await planTraining(COLUMNS, { target: "price", candidates: [{ estimator: "Ridge" }] });
    expect(plan.task).toBe("regression");
    expect(plan.leftOut).toEqual([
      { column: "id", reason: "every row has another value" },
      { column: "always", reason: "the same in every row" },
      { column: "ticket", reason: expect.stringContaining("text") },
    ]);
    expect(plan.runs[0].pipeline.features).toEqual(["note", "size", "colour", "when"]);
  });

  test("adds the steps an estimator needs, and none to one that takes tables as they are", async () => {
    const candidates = [{ estimator: "Ridge" }, { estimator: "GradientBoostingRegressor" }];
    const [ridge, boosting] = (await planTraining(COLUMNS, { target: "price", candidates })).runs;
    expect(ridge.pipeline.steps.map(({ type }) => type)).toEqual([
      "DateParts",
      "SimpleImputer",
      "OneHotEncoder",
      "StandardScaler",
      "TfidfVectorizer",
    ]);
    expect(boosting.pipeline.steps.map(({ type }) => type)).toEqual(["DateParts", "TfidfVectorizer"]);
  });

  test("plans a clustering without a target, of the columns that are not left out", async () => {
    const candidates = [{ estimator: "KMeans" }];
    const plan = await planTraining(COLUMNS, { task: "clustering", candidates, leaveOut: ["note", "when"] });
    expect(plan).toMatchObject({ task: "clustering", warnings: [] });
    expect(plan.runs[0].pipeline.features).toEqual(["size", "colour", "price"]);
    expect(plan.leftOut).toContainEqual({ column: "note", reason: "as asked" });
    expect((await planTraining(COLUMNS, { task: "clustering" })).runs.length).toBeGreaterThan(1);
  });

  test("refuses a clustering with a target, other tasks without one, and unknown columns to leave out", async () => {
    const refused = (wish: Parameters<typeof planTraining>[1]) => expect(planTraining(COLUMNS, wish)).rejects;
    await refused({ task: "clustering", target: "price" }).toMatchObject({ code: "INVALID_TARGET" });
    await refused({ task: "regression" }).toMatchObject({ code: "INVALID_TARGET" });
    await refused({}).toMatchObject({ code: "INVALID_TARGET" });
    await refused({ target: "price", leaveOut: ["nothing"] }).toMatchObject({ code: "INVALID_REQUEST" });
    const ridge = { task: "clustering", candidates: [{ estimator: "Ridge" }] } as const;
    await refused(ridge).toMatchObject({ code: "INVALID_PIPELINE" });
  });

  test("has ten candidates of its own for either task, all of them fit the task and differ", async () => {
    for (const target of ["price", "colour"]) {
      const { runs } = await planTraining(COLUMNS, { target });
      expect(runs).toHaveLength(10);
      expect(new Set(runs.map(({ label }) => label)).size).toBe(10);
      expect(new Set(runs.map(({ pipelineHash }) => pipelineHash)).size).toBe(10);
    }
  });

  test("spells out every parameter, so that equal pipelines have equal hashes", async () => {
    const given = await planTraining(COLUMNS, { target: "price", candidates: [{ estimator: "Ridge" }] });
    const spelt = await planTraining(COLUMNS, { target: "price", candidates: [{ pipeline: given.runs[0].pipeline }] });
    expect(spelt.runs[0].pipelineHash).toBe(given.runs[0].pipelineHash);
    expect(given.runs[0].pipeline.estimator.params).toHaveProperty("alpha");
  });

  test("takes a pipeline as it is, and names the place of what is wrong in it", async () => {
    const pipeline = { features: ["size", "weight"], steps: [], estimator: { type: "Ridge" } };
    await expect(planTraining(COLUMNS, { target: "price", candidates: [{ pipeline }] })).rejects.toMatchObject({
      code: "INVALID_PIPELINE",
      details: [{ field: "candidates[0].features" }],
      message: expect.stringContaining("weight"),
    });
  });

  test("is refused when nothing is left to learn from", async () => {
    const only = [COLUMNS[2], column("price")];
    await expect(planTraining(only, { target: "price" })).rejects.toMatchObject({ code: "INVALID_TARGET" });
  });
});
