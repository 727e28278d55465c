import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ParamError, ShapeError } from "../../src/base/errors.ts";
import { DateParts } from "../../src/preprocess/date-parts.ts";
import { OneHotEncoder } from "../../src/preprocess/one-hot-encoder.ts";
import { OrdinalEncoder } from "../../src/preprocess/ordinal-encoder.ts";
import { SimpleImputer } from "../../src/preprocess/simple-imputer.ts";
import { categories, dates, noKernels, numbers, table } from "../tables.ts";

const cut = categories("cut", ["Good", "Fair", null, "Good"], ["Fair", "Good", "Ideal"]);

describe("OneHotEncoder", () => {
  it("makes a column per category that occurs, in the order of the dictionary", async () => {
    const encoder = await new OneHotEncoder().fit(table(cut), undefined, noKernels);
    expect(encoder.transform(table(cut)).columns).toEqual([
      numbers("cut=Fair", [0, 1, 0, 0]),
      numbers("cut=Good", [1, 0, 0, 1]),
    ]);
    expect(encoder.outputs()).toEqual([
      { name: "cut=Fair", kind: "number" },
      { name: "cut=Good", kind: "number" },
    ]);
  });

  it("gives all zeros for a category unknown to training, whatever the dictionary of the new table", async () => {
    const encoder = await new OneHotEncoder().fit(table(cut), undefined, noKernels);
    const later = table(categories("cut", ["Premium", "Fair", "Ideal"]));
    expect(encoder.transform(later).columns).toEqual([numbers("cut=Fair", [0, 1, 0]), numbers("cut=Good", [0, 0, 0])]);
  });

  it("marks missing values in a column of their own when asked", async () => {
    const encoder = await new OneHotEncoder({ missing: "column" }).fit(table(cut), undefined, noKernels);
    expect(encoder.transform(table(cut)).columns[2]).toEqual(numbers("cut is missing", [0, 0, 1, 0]));
  });

  it("leaves out the first category, of all columns or of two-valued ones", async () => {
    const three = categories("three", ["a", "b", "c", "a"]);
    const names = async (drop: "first" | "binary") => {
      const encoder = await new OneHotEncoder({ drop }).fit(table(cut, three), undefined, noKernels);
      return encoder.outputs().map(({ name }) => name);
    };
    expect(await names("first")).toEqual(["cut=Good", "three=b", "three=c"]);
    expect(await names("binary")).toEqual(["cut=Good", "three=a", "three=b", "three=c"]);
  });

  it("keeps only the most frequent categories when limited", async () => {
    const encoder = await new OneHotEncoder({ maxCategories: 1 }).fit(table(cut), undefined, noKernels);
    expect(encoder.outputs()).toEqual([{ name: "cut=Good", kind: "number" }]);
  });

  it("refuses a number column by name", async () => {
    const fit = new OneHotEncoder().fit(table(numbers("carat", [1])), undefined, noKernels);
    await expect(fit).rejects.toThrow('OneHotEncoder takes category columns, "carat" is number');
  });
});

describe("OrdinalEncoder", () => {
  it("ranks by the dictionary and gives -1 for missing and unknown", async () => {
    const encoder = await new OrdinalEncoder().fit(table(cut), undefined, noKernels);
    const later = categories("cut", ["Ideal", null, "Premium"]);
    expect(encoder.transform(table(later)).columns).toEqual([numbers("cut", [2, -1, -1])]);
  });

  it("ranks by a given order and can leave the rest missing", async () => {
    const params = { order: ["Good", "Fair"], unknown: null };
    const encoder = await new OrdinalEncoder(params).fit(table(cut), undefined, noKernels);
    const later = categories("cut", ["Ideal", "Fair", "Good"], ["Fair", "Good", "Ideal"]);
    expect(encoder.transform(table(later)).columns).toEqual([numbers("cut", [null, 1, 0])]);
  });

  it("refuses an order that fits no category of the column", async () => {
    const fit = new OrdinalEncoder({ order: ["small", "big"] }).fit(table(cut), undefined, noKernels);
    await expect(fit).rejects.toThrow(ParamError);
  });
});

describe("SimpleImputer", () => {
  it("fills numbers with the median and categories with the most frequent one", async () => {
    const input = table(numbers("carat", [1, null, 3, 8]), cut);
    const imputer = await new SimpleImputer().fit(input, undefined, noKernels);
    expect(imputer.transform(input).columns).toEqual([
      numbers("carat", [1, 3, 3, 8]),
      categories("cut", ["Good", "Fair", "Good", "Good"], ["Fair", "Good", "Ideal"]),
    ]);
  });

  it("adds the constant category to the dictionary", async () => {
    const imputer = await new SimpleImputer({ categories: "constant" }).fit(table(cut), undefined, noKernels);
    const filled = categories("cut", ["Good", "Fair", "missing", "Good"], ["Fair", "Good", "Ideal", "missing"]);
    expect(imputer.transform(table(cut)).columns).toEqual([filled]);
  });

  it("flags the columns that had missing values in training", async () => {
    const input = table(numbers("full", [1, 2, 3, 4]), cut);
    const imputer = await new SimpleImputer({ indicator: true }).fit(input, undefined, noKernels);
    expect(imputer.transform(input).columns[2]).toEqual(numbers("cut was missing", [0, 0, 1, 0]));
    expect(imputer.outputs()).toHaveLength(3);
  });

  it("fills a column without a single value with the constants", async () => {
    const input = table(numbers("a", [null, null]), categories("b", [null, null]));
    const imputer = await new SimpleImputer({ numberFill: 7 }).fit(input, undefined, noKernels);
    expect(imputer.transform(input).columns).toEqual([numbers("a", [7, 7]), categories("b", ["missing", "missing"])]);
  });

  it("refuses a table that lacks a fitted column, naming both", async () => {
    const imputer = await new SimpleImputer().fit(table(numbers("a", [1])), undefined, noKernels);
    const transform = () => imputer.transform(table(numbers("b", [1])));
    expect(transform).toThrow(ShapeError);
    expect(transform).toThrow('SimpleImputer was fitted with a column "a", the table has b');
  });
});

describe("DateParts", () => {
  it("reads dates as UTC and keeps missing ones missing", async () => {
    const input = table(dates("sold", ["2024-02-29T23:30:00Z", null]));
    const parts = await new DateParts({ time: true }).fit(input, undefined, noKernels);
    expect(parts.transform(input).columns).toEqual([
      numbers("sold year", [2024, null]),
      numbers("sold month", [2, null]),
      numbers("sold day", [29, null]),
      numbers("sold weekday", [4, null]),
      numbers("sold days", [Date.parse("2024-02-29T23:30:00Z") / 86_400_000, null]),
      numbers("sold hour", [23, null]),
    ]);
  });

  it("agrees with the platform's calendar from year -800 to 4000", () => {
    return fc.assert(
      fc.asyncProperty(fc.integer({ min: -87_000_000_000_000, max: 64_000_000_000_000 }), async (time) => {
        const input = table({ kind: "date", name: "t", values: Float64Array.of(time) });
        const parts = await new DateParts({ time: true }).fit(input, undefined, noKernels);
        const values = parts.transform(input).columns.map((column) => column.kind === "number" && column.values[0]);
        const date = new Date(time);
        const expected = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay()];
        expect(values).toEqual([...expected, time / 86_400_000, date.getUTCHours()]);
      }),
      { numRuns: 1000 },
    );
  });
});
