import { describe, expect, it } from "vitest";
import { ParamError } from "../../src/base/errors.ts";
import type { NumberColumn } from "../../src/base/table.ts";
import { MinMaxScaler } from "../../src/preprocess/min-max-scaler.ts";
import { SimpleImputer } from "../../src/preprocess/simple-imputer.ts";
import { StandardScaler } from "../../src/preprocess/standard-scaler.ts";
import reference from "../fixtures/preprocess.json" with { type: "json" };
import { noKernels, numbers, table } from "../tables.ts";

type Values = readonly (number | null)[];

describe.each(Object.entries(reference.columns))("on the %s column of scikit-learn's reference", (name, expected) => {
  const input = table(numbers(name, expected.values));
  const close = (actual: Float64Array, wanted: Values) => {
    wanted.forEach((value, i) => {
      // 1e-10: columns far from zero lose digits in the difference, on both sides.
      if (value === null) expect(actual[i]).toBeNaN();
      else expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(1e-10 * Math.max(Math.abs(value), 1e-3));
    });
  };
  const values = ({ columns }: ReturnType<StandardScaler["transform"]>) => (columns[0] as NumberColumn).values;

  it("standardises to the same values", async () => {
    const scaler = await new StandardScaler().fit(input, undefined, noKernels);
    close(values(scaler.transform(input)), expected.standard);
  });

  it("centres to the same values", async () => {
    const scaler = await new StandardScaler({ scale: false }).fit(input, undefined, noKernels);
    close(values(scaler.transform(input)), expected.centred);
  });

  it("maps onto an interval to the same values", async () => {
    const scaler = await new MinMaxScaler({ min: -1, max: 2 }).fit(input, undefined, noKernels);
    close(values(scaler.transform(input)), expected.minMax);
  });

  it.each(["mean", "median"] as const)("learns the same %s for imputing", async (statistic) => {
    const imputer = await new SimpleImputer({ numbers: statistic }).fit(input, undefined, noKernels);
    const filled = imputer.transform(table(numbers(name, [null]))).columns[0] as NumberColumn;
    expect(Math.abs(filled.values[0] - expected[statistic])).toBeLessThanOrEqual(1e-12 * Math.abs(expected[statistic]));
  });
});

describe("MinMaxScaler", () => {
  it("holds later values at the ends when asked to clip, and leaves missing ones missing", async () => {
    const input = table(numbers("a", [0, 10]));
    const scaler = await new MinMaxScaler({ clip: true }).fit(input, undefined, noKernels);
    const { columns } = scaler.transform(table(numbers("a", [-5, 5, 20, null])));
    expect(columns[0]).toEqual(numbers("a", [0, 0.5, 1, null]));
  });

  it("refuses an empty interval", async () => {
    const scaler = new MinMaxScaler({ min: 1, max: 1 });
    await expect(scaler.fit(table(numbers("a", [1])), undefined, noKernels)).rejects.toThrow(ParamError);
  });
});
