// Whatever the table and the steps: a model that was saved and loaded, and one compiled for rows, predict the same bits.
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Column, Table } from "../../src/base/table.ts";
import { fitPipeline } from "../../src/compose/pipeline.ts";
import type { StepSpec } from "../../src/compose/pipeline-spec.ts";
import { loadModel, saveModel } from "../../src/model/model-file.ts";
import { compilePredictor } from "../../src/model/predictor.ts";
import type { RowValue } from "../../src/model/row.ts";
import { tableFromRows } from "../../src/model/table-from-rows.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

const rows = 12;
const numberArbitrary = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -50, max: 50 }) }, fc.constant(Number.NaN));
const codeArbitrary = fc.integer({ min: -1, max: 3 });
const timeArbitrary = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 2e12 }) }, fc.constant(Number.NaN));
const values = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: rows, maxLength: rows });

const tableArbitrary = fc
  .tuple(values(numberArbitrary), values(numberArbitrary), values(codeArbitrary), values(timeArbitrary))
  .map(([a, b, c, d]): Table => {
    const columns: Column[] = [
      { kind: "number", name: "a", values: Float64Array.from(a) },
      { kind: "number", name: "b", values: Float64Array.from(b) },
      { kind: "category", name: "c", codes: Int32Array.from(c), categories: ["w", "x", "y", "z"] },
      { kind: "date", name: "d", values: Float64Array.from(d) },
    ];
    return { rows, columns };
  });

const stepsArbitrary: fc.Arbitrary<StepSpec[]> = fc
  .tuple(
    fc.record({
      numbers: fc.constantFrom("mean", "median", "constant"),
      categories: fc.constantFrom("mostFrequent", "constant"),
      indicator: fc.boolean(),
    }),
    fc.oneof(
      fc.record({
        type: fc.constant("OneHotEncoder"),
        params: fc.record({ drop: fc.constantFrom("none", "first"), missing: fc.constantFrom("zeros", "column") }),
      }),
      fc.constant({ type: "OrdinalEncoder" }),
    ),
    fc.constantFrom("StandardScaler", "MinMaxScaler"),
  )
  .map(([imputer, encoder, scaler]) => [
    { type: "DateParts", params: { time: true } },
    { type: "SimpleImputer", params: imputer },
    encoder,
    { type: scaler },
  ]);

const valueAt = (column: Column, row: number): RowValue =>
  column.kind === "category" ? (column.categories[column.codes[row]] ?? null) : column.values[row];

describe.each(["Ridge", "GradientBoostingRegressor"])("a pipeline that ends in %s", (type) => {
  it("predicts the same bits from table, file, rows and rows gathered", async () => {
    await fc.assert(
      fc.asyncProperty(tableArbitrary, tableArbitrary, stepsArbitrary, async (train, later, steps) => {
        const target = { kind: "number", name: "t", values: Float64Array.from({ length: rows }, (_, i) => i) } as const;
        const context = { runtime, seed: 1, report: async () => {} };
        const pipeline = await fitPipeline({ steps, estimator: { type } }, { table: train, target }, context);
        const wanted = pipeline.predict(later);
        const { bytes } = await saveModel(pipeline, { dataHash: "", seed: 1, metrics: {} });
        const loaded = (await loadModel(bytes)).pipeline;
        expect(loaded.predict(later)).toEqual(wanted);
        const lists = Array.from({ length: rows }, (_, i) => later.columns.map((column) => valueAt(column, i)));
        expect(loaded.predict(tableFromRows(loaded.input, lists.map(withNulls)))).toEqual(wanted);
        const predictor = compilePredictor(loaded);
        const byRow = Float64Array.from(lists, (row) => {
          const answer = predictor.predict(withNulls(row));
          return answer.kind === "number" ? answer.value : Number.NaN;
        });
        expect(byRow).toEqual(wanted.kind === "number" && wanted.values);
      }),
      { numRuns: 40 },
    );
  });
});

function withNulls(row: readonly RowValue[]): RowValue[] {
  return row.map((value) => (Number.isNaN(value) ? null : value));
}
