// Many rows go down the trees by kernel, a few row by row, and a single one by its compiled form: three ways, one answer.
import { describe, expect, it } from "vitest";
import { takeRows } from "../../src/base/take-rows.ts";
import { createEstimator, defaultRuntime, type Prediction, type Table } from "../../src/index.ts";
import { classData, type Part } from "../mixed-data.ts";

const { train, test } = classData("penguins", "species");

describe.each([
  { type: "RandomForestClassifier", params: { nEstimators: 40 } },
  { type: "GradientBoostingClassifier", params: { nEstimators: 60, maxLeaves: 4, minSamplesLeaf: 1 } },
  { type: "DecisionTreeClassifier", params: {} },
])("$type on categories and missing values", ({ type, params }) => {
  it("gives a few rows and a single one the bits that it gives many", async () => {
    const estimator = createEstimator(type, params);
    await estimator.fit(train.table, train.target, { runtime: defaultRuntime(), seed: 1, report: async () => {} });
    const many = shares(estimator.predict(repeated(test.table, 40)));
    for (const count of [1, 2, 3, 9, 31]) {
      const few = takeRows(
        test.table,
        Uint32Array.from({ length: count }, (_, row) => row),
      );
      expect(shares(estimator.predict(few))).toEqual(many.slice(0, 3 * count));
    }
    const row = estimator.compileRow(test.table.columns.map((column, slot) => ({ ...column, slot })));
    const out = new Float64Array(3);
    for (let i = 0; i < test.table.rows; i++) {
      row(frame(test, i), out);
      expect([...out]).toEqual([...many.slice(3 * i, 3 * i + 3)]);
    }
  });
});

function shares(prediction: Prediction): Float64Array {
  if (prediction.kind !== "class") throw new Error("expected classes");
  return prediction.probabilities;
}

function repeated(table: Table, times: number): Table {
  return takeRows(
    table,
    Uint32Array.from({ length: table.rows * times }, (_, i) => i % table.rows),
  );
}

function frame({ table }: Part<unknown>, row: number): Float64Array {
  return Float64Array.from(table.columns, (column) => {
    if (column.kind === "category") return column.codes[row] < 0 ? Number.NaN : column.codes[row];
    return Number(column.values[row]);
  });
}
