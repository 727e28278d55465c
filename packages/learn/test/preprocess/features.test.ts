// Scaling, binning and text against scikit-learn (bench/peers/features_reference.py).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tableSchema } from "../../src/base/schema.ts";
import { KBinsDiscretizer, MaxAbsScaler, RobustScaler, type Table, TfidfVectorizer } from "../../src/index.ts";
import { DateParts } from "../../src/preprocess/date-parts.ts";
import { distance } from "../example-data.ts";
import fixture from "../fixtures/features.json" with { type: "json" };
import { dates, noKernels, numbers, table, texts } from "../tables.ts";

function valuesOf({ columns }: Table): Float64Array[] {
  return columns.map((column) => {
    if (column.kind !== "number") throw new Error(`${column.name} is no number column`);
    return column.values;
  });
}

const { scaling, text } = fixture;
const data = table(...scaling.columns.map((values, i) => numbers(`c${i}`, values)));

describe("scalers and bins", () => {
  it.each([
    ["robust", new RobustScaler()],
    ["robustWide", new RobustScaler({ lower: 0.1, upper: 0.95 })],
    ["maxAbs", new MaxAbsScaler()],
  ] as const)("%s agrees to 1e-12", async (name, scaler) => {
    const scaled = (await scaler.fit(data, undefined, noKernels)).transform(data);
    for (const [i, values] of valuesOf(scaled).entries()) {
      expect(distance(values, scaling[name][i])).toBeLessThan(1e-12);
    }
  });

  it.each(["uniform", "quantile"] as const)("%s bins are the same", async (strategy) => {
    const binned = await new KBinsDiscretizer({ bins: 4, strategy, encode: "ordinal" }).fit(data, undefined, noKernels);
    expect(valuesOf(binned.transform(data)).map((values) => [...values])).toEqual(scaling.bins[strategy]);
  });

  it("puts every present value in one bin, and a missing one in none", async () => {
    const column = numbers("x", [1, 2, 2, 2, null, 9]);
    const bins = await new KBinsDiscretizer({ bins: 3 }).fit(table(column), undefined, noKernels);
    const wide = bins.transform(table(numbers("x", [-5, 2, null, 100])));
    // Two of three quantiles are 2: two bins are left.
    expect(tableSchema(wide).map(({ name }) => name)).toEqual(["x bin 0", "x bin 1"]);
    expect(valuesOf(wide).map((values) => [...values])).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 1],
    ]);
  });

  it("keeps the order of values by their bins", () => {
    return fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 1 }),
        fc.integer({ min: 2, max: 9 }),
        fc.constantFrom("uniform", "quantile"),
        async (values, bins, strategy) => {
          const sorted = table(
            numbers(
              "x",
              values.sort((a, b) => a - b),
            ),
          );
          const made = await new KBinsDiscretizer({ bins, strategy, encode: "ordinal" }).fit(
            sorted,
            undefined,
            noKernels,
          );
          const codes = [...valuesOf(made.transform(sorted))[0]];
          expect(codes).toEqual([...codes].sort((a, b) => a - b));
          expect(codes[0]).toBe(0);
          expect(Math.max(...codes)).toBeLessThan(bins);
        },
      ),
    );
  });
});

describe("DateParts on circles", () => {
  it("puts the end of a cycle next to its beginning", async () => {
    const column = dates("d", ["2023-12-31T23:59:00Z", "2024-01-01T00:01:00Z", "2024-07-01T12:00:00Z", null]);
    const parts = await new DateParts({ time: true, cyclic: true }).fit(table(column), undefined, noKernels);
    const made = parts.transform(table(column));
    const of = (name: string) => valuesOf({ rows: 4, columns: made.columns.filter((c) => c.name === name) })[0];
    for (const cycle of ["yearly", "weekly", "daily"]) {
      const [sin, cos] = [of(`d ${cycle} sin`), of(`d ${cycle} cos`)];
      for (let i = 0; i < 3; i++) expect(sin[i] ** 2 + cos[i] ** 2).toBeCloseTo(1, 12);
      expect(Math.hypot(sin[0] - sin[1], cos[0] - cos[1])).toBeLessThan(0.03);
      expect(sin[3]).toBeNaN();
    }
    // Noon is opposite to midnight, 1 July to 1 January within a few days.
    expect(of("d daily cos")[2]).toBeCloseTo(-1, 12);
    expect(of("d yearly cos")[2]).toBeLessThan(-0.99);
  });
});

describe("TfidfVectorizer", () => {
  const column = texts("t", text.texts);
  it.each([
    ["plain", {}],
    ["pairs", { maxNgram: 2, sublinear: true, minDocuments: 2 }],
    ["rare", { maxShare: 0.4, norm: "l1", stopWords: ["dog"] }],
    ["counts", { idf: false, norm: "none", lowercase: false }],
    ["chars", { unit: "char", minNgram: 2, maxNgram: 3, minDocuments: 3 }],
  ] as const)("agrees to 1e-11 on %s", async (name, params) => {
    const made = await new TfidfVectorizer(params).fit(table(column), undefined, noKernels);
    const { terms, rows } = text.cases[name];
    expect(made.outputs().map((output) => output.name)).toEqual(terms.map((term) => `t: ${term}`));
    valuesOf(made.transform(table(column))).forEach((values, j) => {
      expect(
        distance(
          values,
          rows.map((row) => row[j]),
        ),
      ).toBeLessThan(1e-11);
    });
  });

  it("keeps the most frequent terms when there are more than it may", async () => {
    const made = await new TfidfVectorizer({ maxFeatures: 2 }).fit(table(column), undefined, noKernels);
    expect(made.outputs().map(({ name }) => name)).toEqual(["t: dog", "t: the"]);
  });

  it("reads words of other scripts with their marks", async () => {
    const made = await new TfidfVectorizer().fit(
      table(texts("t", ["हिन्दी भाषा", "日本語 テキスト"])),
      undefined,
      noKernels,
    );
    expect(made.outputs().map(({ name }) => name)).toEqual(
      ["t: हिन्दी", "t: भाषा", "t: 日本語", "t: テキスト"].sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  it("gives a text without known terms a row of zeros", async () => {
    const made = await new TfidfVectorizer().fit(table(column), undefined, noKernels);
    const none = made.transform(table(texts("t", ["zzz", null, "!"])));
    expect(valuesOf(none).every((values) => values.every((value) => value === 0))).toBe(true);
  });
});
