// Gaps filled in rounds, counted terms and hashed categories, against scikit-learn
// (bench/peers/wider_features_reference.py).
import { describe, expect, it } from "vitest";
import { CountVectorizer, FeatureHasher, IterativeImputer, type Table } from "../../src/index.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/wider-features.json" with { type: "json" };
import { regressionData } from "../mixed-data.ts";
import { categories, noKernels, numbers, table, texts } from "../tables.ts";

function rowsOf({ columns, rows }: Table): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    columns.map((column) => (column.kind === "number" ? column.values[row] : Number.NaN)),
  );
}

const columnsOf = ({ columns }: Table, step: number) =>
  columns.map((column) => (column.kind === "number" ? column.values.filter((_, row) => row % step === 0) : []));

describe("IterativeImputer", () => {
  /** The gaps that the script makes. */
  const wine = example("wine", true).table;
  const holes = wine.columns.slice(0, 6).map((column) => {
    if (column.kind !== "number") throw new Error(`${column.name} is no number column`);
    return column.values.slice();
  });
  for (let row = 0; row < wine.rows; row++) {
    if (row % 3 !== 0) holes[(row * 7) % 6][row] = Number.NaN;
    if (row % 5 === 0) holes[(row * 11 + 1) % 6][row] = Number.NaN;
    if (row % 4 !== 0) holes[2][row] = Number.NaN;
  }
  const train = table(...holes.map((values, j) => numbers(`c${j}`, [...values])));
  const fresh = table(
    ...holes.map((values, j) => {
      const shown = [...values.filter((_, row) => row % 30 === 0)];
      return numbers(
        `c${j}`,
        shown.map((value) => (j === 0 ? null : 1.5 * value)),
      );
    }),
  );

  it.each([
    ["converged", { rounds: 30, tolerance: 1e-4 }],
    ["two rounds", { rounds: 2, tolerance: 0 }],
  ] as const)("fills as scikit-learn by ridge regressions to 1e-9, %s", async (name, params) => {
    const imputer = await new IterativeImputer(params).fit(train, undefined, noKernels);
    const expected = fixture.filled[name];
    expect(imputer.getState().meta.rounds).toBe(expected.rounds);
    columnsOf(imputer.transform(train), 20).forEach((own, i) => {
      expect(distance(own, expected.train[i])).toBeLessThan(1e-9);
    });
    columnsOf(imputer.transform(fresh), 1).forEach((own, i) => {
      expect(distance(own, expected.fresh[i])).toBeLessThan(1e-9);
    });
  });

  it("fills a column that no training row has with 0, and learns nothing from it", async () => {
    const data = table(
      numbers("a", [1, 2, 3, null]),
      numbers("b", [2, 4, 6, 8]),
      numbers("none", [null, null, null, null]),
    );
    const imputer = await new IterativeImputer({ alpha: 0 }).fit(data, undefined, noKernels);
    const [a, , none] = columnsOf(imputer.transform(data), 1);
    expect(distance(a, [1, 2, 3, 4])).toBeLessThan(1e-12);
    expect([...none]).toEqual([0, 0, 0, 0]);
  });

  it("refuses a state whose regressions are of other columns", async () => {
    const { tensors, meta } = (await new IterativeImputer().fit(train, undefined, noKernels)).getState();
    const load = (changed: object) => () => new IterativeImputer().setState({ tensors, meta: { ...meta, ...changed } });
    expect(load({ order: [0, 6] })).toThrow('"order" in the state of IterativeImputer');
    expect(load({ order: [1, 1] })).toThrow('"order" in the state of IterativeImputer');
    expect(load({ rounds: 1e6 })).toThrow('"regressions" in the state of IterativeImputer');
  });
});

describe("CountVectorizer", () => {
  const data = table(texts("t", fixture.counted.texts));

  it.each([
    ["plain", {}],
    ["runs", { maxNgram: 2, minDocuments: 2, binary: true }],
    ["characters", { unit: "char", minNgram: 2, maxNgram: 2, maxShare: 0.5 }],
  ] as const)("counts the terms that scikit-learn counts: %s", async (name, params) => {
    const made = (await new CountVectorizer(params).fit(data, undefined, noKernels)).transform(data);
    const { terms, counts } = fixture.counted[name];
    expect(made.columns.map((column) => column.name)).toEqual(terms.map((term) => `t: ${term}`));
    expect(rowsOf(made)).toEqual(counts);
  });

  it("keeps the most frequent terms, and refuses runs that end before they begin", async () => {
    const made = await new CountVectorizer({ maxFeatures: 2, stopWords: ["the"] }).fit(data, undefined, noKernels);
    expect(made.outputs().map(({ name }) => name)).toEqual(["t: and", "t: dog"]);
    await expect(new CountVectorizer({ minNgram: 3 }).fit(data, undefined, noKernels)).rejects.toMatchObject({
      field: "minNgram",
    });
  });
});

describe("FeatureHasher", () => {
  const stones = regressionData("diamonds", "price", 200).whole.table;
  const columns = ["cut", "color", "clarity"].map((name) => {
    const column = stones.columns.find((each) => each.name === name);
    if (column?.kind !== "category") throw new Error(`${name} is no category column`);
    return column;
  });
  const data = { rows: stones.rows, columns };

  it.each([
    ["signed", { features: 12 }],
    ["plain", { features: 5, signed: false }],
  ] as const)("puts categories where scikit-learn puts them: %s", async (name, params) => {
    const made = (await new FeatureHasher(params).fit(data, undefined, noKernels)).transform(data);
    expect(rowsOf(made).filter((_, row) => row % 10 === 0)).toEqual(fixture.hashed[name]);
  });

  it("adds nothing for a category that is missing or unknown", async () => {
    const known = table(categories("c", ["a", "b"]));
    const made = await new FeatureHasher({ features: 3 }).fit(known, undefined, noKernels);
    expect(rowsOf(made.transform(table(categories("c", ["z", null]))))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
