import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { type FitContext, GradientDescentRegressor, LogisticRegression, ShapeError } from "../../src/index.ts";

const runtime = createRuntime({ threads: 2 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const ROWS = 3001;

/** A linear model's fit on three columns, of which `b` has one number changed. */
function fitWith(value: number, row: number) {
  const columns = ["a", "b", "c"].map((name, j) => ({
    kind: "number" as const,
    name,
    values: Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i * (j + 1))),
  }));
  columns[1].values[row] = value;
  const table = { rows: ROWS, columns };
  const values = Float64Array.from({ length: ROWS }, (_, i) => Math.cos(i));
  const codes = Int32Array.from(values, (y) => (y > 0 ? 1 : 0));
  return [
    new GradientDescentRegressor({ epochs: 1 }).fit(table, { kind: "number", name: "y", values }, context),
    new LogisticRegression().fit(table, { kind: "class", name: "y", codes, classes: ["no", "yes"] }, context),
  ];
}

describe.each([0, 1023, 1024, ROWS - 1])("a linear model refuses, in row %i,", (row) => {
  it.each([
    ["a missing value", Number.NaN, `row ${row} of "b"; add a SimpleImputer step`],
    ["an infinite one", Number.NEGATIVE_INFINITY, `row ${row} of "b" is -Infinity`],
    ["one that float32 cannot hold", 1e39, `row ${row} of "b", 1e+39, is too large`],
  ])("%s, and names it", async (_name, value, message) => {
    for (const fit of fitWith(value, row)) {
      const error = await fit.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ShapeError);
      expect((error as Error).message).toContain(message);
    }
    expect(runtime.allocatedBytes).toBe(0);
  });
});
