import { describe, expect, it } from "vitest";
import { type ColumnInfo, DataError, importFile, inferTask } from "../src/index.ts";
import { example, useFolder } from "./files.ts";

const files = useFolder();

async function columnsOf(name: string): Promise<ColumnInfo[]> {
  return (await importFile({ source: example(name), outPath: files.path("version.parquet") })).columns;
}

const BASE: ColumnInfo = {
  name: "y",
  kind: "number",
  role: "feature",
  storage: "DOUBLE",
  count: 1000,
  missing: 0,
  distinct: 900,
  distinctApproximate: false,
  integer: false,
  flags: [],
};
const X: ColumnInfo = { ...BASE, name: "x" };

function refusal(target: Partial<ColumnInfo>, options = {}): string {
  try {
    inferTask([{ ...BASE, ...target }, X], "y", options);
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return (error as DataError).code;
  }
  return "accepted";
}

describe("inferTask", () => {
  it.each([
    ["diamonds.csv", "price", "regression", 9],
    ["diamonds.csv", "cut", "classification", 9],
    ["penguins.csv", "species", "classification", 6],
    ["iris.csv", "species", "classification", 4],
    ["digits.csv", "digit", "classification", 61],
    ["diabetes.csv", "progression", "regression", 10],
    ["breast_cancer.csv", "diagnosis", "classification", 30],
    ["seed_line.csv", "y", "regression", 1],
  ])("finds the task of %s by %s", async (name, target, task, features) => {
    const found = inferTask(await columnsOf(name), target);
    expect(found.task).toBe(task);
    expect(found.features.length).toBe(features);
    expect(found.features).not.toContain(target);
  });

  it("warns of rows without a target and of numbers read as classes", async () => {
    expect(inferTask(await columnsOf("penguins.csv"), "sex").warnings).toContainEqual(
      expect.stringMatching(/^10 rows have no/),
    );
    const few = inferTask([{ ...BASE, integer: true, storage: "BIGINT", distinct: 6 }, X], "y");
    expect(few).toMatchObject({ task: "classification", warnings: [expect.stringMatching(/ask for regression/)] });
  });

  it("does the task that is asked for", () => {
    const integer: ColumnInfo = { ...BASE, integer: true, storage: "BIGINT", distinct: 6 };
    expect(inferTask([integer, X], "y", { task: "regression" }).task).toBe("regression");
    expect(inferTask([{ ...integer, distinct: 300 }, X], "y", { task: "classification" }).task).toBe("classification");
  });

  it("refuses targets nothing can be learned from, each by its code", () => {
    expect(refusal({ count: 0, distinct: 0, role: "empty" })).toBe("EMPTY_TARGET");
    expect(refusal({ distinct: 1, role: "constant" })).toBe("CONSTANT_TARGET");
    expect(refusal({ kind: "text", storage: "VARCHAR", distinct: 1000 })).toBe("UNSUITABLE_TARGET");
    expect(refusal({ kind: "category", storage: "VARCHAR", role: "identifier", distinct: 1000 })).toBe(
      "UNSUITABLE_TARGET",
    );
    expect(refusal({ kind: "date", storage: "TIMESTAMP" })).toBe("UNSUITABLE_TARGET");
    expect(refusal({ kind: "category", storage: "VARCHAR", distinct: 4 }, { task: "regression" })).toBe(
      "UNSUITABLE_TARGET",
    );
    expect(() => inferTask([BASE], "y")).toThrow(/no column is left/);
    expect(() => inferTask([BASE, X], "Y")).toThrow(/did you mean "y"/);
    expect(() => inferTask([BASE, X], "z")).toThrow(/the columns are y, x/);
    expect(() => inferTask([BASE, X], "")).toThrow(/name the column to predict/);
  });
});
