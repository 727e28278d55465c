// Columns of real data, categories, gaps, dates and texts, against scikit-learn, pandas and NumPy
// (bench/peers/columns_reference.py).
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  Binarizer,
  CountEncoder,
  CountVectorizer,
  CyclicFeatures,
  DateParts,
  HashingVectorizer,
  KBinsDiscretizer,
  MaxAbsScaler,
  MinMaxScaler,
  MissingIndicator,
  OneHotEncoder,
  OrdinalEncoder,
  PowerTransformer,
  RobustScaler,
  SelectFromModel,
  SimpleImputer,
  StandardScaler,
  type Table,
  type Target,
  TfidfVectorizer,
  type Transformer,
  VarianceThreshold,
} from "../../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import fixture from "../fixtures/columns.json" with { type: "json" };
import { classData } from "../mixed-data.ts";
import { noKernels, numbers, texts } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const penguins = classData("penguins", "species").whole.table;
const only = ({ rows, columns }: Table, ...names: string[]): Table => ({
  rows,
  columns: columns.filter(({ name }) => names.includes(name)),
});
const words = only(penguins, "island", "sex");

/** The numbers of each column, of every `step`-th row; gaps are null. */
async function made(transformer: Transformer, data: Table, step = 1, target?: Target): Promise<(number | null)[][]> {
  const { columns } = (await transformer.fit(data, target, context)).transform(data);
  return columns.map((column) => {
    if (column.kind !== "number") throw new Error(`${column.name} is no number column`);
    const own = [...column.values].filter((_, row) => row % step === 0);
    return own.map((value) => (Number.isNaN(value) ? null : value));
  });
}

function expectClose(actual: readonly (number | null)[][], expected: readonly (number | null)[][], most: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((values, i) => {
    expect(values.map((value) => value === null)).toEqual(expected[i].map((value) => value === null));
    const plain = (all: readonly (number | null)[]) => all.map((value) => value ?? 0);
    expect(distance(plain(values), plain(expected[i]))).toBeLessThan(most);
  });
}

describe("categories of penguins, with gaps, are scikit-learn's", () => {
  const { categories } = fixture;

  it("by OneHotEncoder, gaps last, and without the first of all columns or of those of two", async () => {
    // Every column has one for its gaps, also where it has none.
    const [island, sex] = [only(words, "island"), only(words, "sex")];
    const marked = await made(new OneHotEncoder({ missing: "column" }), sex, 19);
    expect([...(await made(new OneHotEncoder(), island, 19)), ...marked]).toEqual(categories.oneHot);
    const full = await new SimpleImputer().fit(words, undefined, noKernels);
    for (const [drop, key] of [
      ["first", "first"],
      ["binary", "if_binary"],
    ] as const) {
      const encoder = await new OneHotEncoder({ drop }).fit(full.transform(words), undefined, noKernels);
      const names = categories.dropped[key].names.map((name) => name.replace("_", "="));
      expect(encoder.outputs().map(({ name }) => name)).toEqual(names);
    }
  });

  it("by OrdinalEncoder and, as pandas counts, by CountEncoder", async () => {
    expect(await made(new OrdinalEncoder(), words, 19)).toEqual(categories.ordinal);
    const order = ["Torgersen", "Biscoe", "Dream"];
    expect(await made(new OrdinalEncoder({ order }), only(words, "island"), 19)).toEqual(categories.ordered);
    expect(await made(new CountEncoder({ as: "count" }), words, 19)).toEqual(categories.counts);
    expectClose(await made(new CountEncoder(), words, 19), categories.shares, 1e-11);
    expectClose(await made(new CountEncoder({ as: "log" }), words, 19), categories.logs, 1e-11);
  });

  it("where SimpleImputer fills gaps and MissingIndicator flags them", async () => {
    const { gaps } = fixture;
    const measured = only(penguins, "beak_length_mm", "body_mass_g");
    const mean = await made(new SimpleImputer({ numbers: "mean" }), measured);
    expectClose([mean[0].slice(0, 12)], [gaps.mean], 1e-11);
    const [row] = gaps.rows;
    for (const strategy of ["mean", "median"] as const) {
      const filled = await made(new SimpleImputer({ numbers: strategy }), measured);
      const lacking = penguins.columns.find(({ name }) => name === "body_mass_g");
      if (lacking?.kind !== "number") throw new Error("body_mass_g holds numbers");
      expect(Number.isNaN(lacking.values[row])).toBe(true);
      expectClose([filled.map((column) => column[row])], [gaps.fills[strategy]], 1e-11);
    }
    const constant = new SimpleImputer({ numbers: "constant", numberFill: -7, indicator: true });
    expect(await made(constant, measured, 43)).toEqual(gaps.constant);
    const imputed = (await new SimpleImputer().fit(words, undefined, noKernels)).transform(words).columns[1];
    const said = imputed.kind === "category" ? imputed.categories[imputed.codes[row]] : undefined;
    expect(said).toBe(gaps.word[0]);
    expect(await made(new MissingIndicator({ keep: false }), penguins)).toEqual(gaps.missing);
    // The target, which has no gaps, is its first column there.
    expect(await made(new MissingIndicator({ keep: false, flag: "all" }), penguins, 43)).toEqual(gaps.all.slice(1));
  });
});

describe("numbers of breast_cancer", () => {
  const { table } = example("breast_cancer", false);
  const chosen = { rows: table.rows, columns: [0, 3, 27].map((j) => table.columns[j]) };

  it.each([
    ["standard", new StandardScaler()],
    ["minMax", new MinMaxScaler()],
    ["maxAbs", new MaxAbsScaler()],
    ["robust", new RobustScaler()],
    ["notCentred", new StandardScaler({ center: false })],
    ["robustNotCentred", new RobustScaler({ center: false })],
    ["robustNotScaled", new RobustScaler({ scale: false })],
    ["binarizer", new Binarizer({ threshold: 15.25 })],
    ["uniform", new KBinsDiscretizer({ bins: 6, strategy: "uniform", encode: "ordinal" })],
    ["quantile", new KBinsDiscretizer({ bins: 6, strategy: "quantile", encode: "ordinal" })],
  ] as const)("are scaled, cut and binned as scikit-learn does, to 1e-10: %s", async (name, transformer) => {
    expectClose(await made(transformer, chosen, 19), fixture.scales[name], 1e-10);
  });

  it("are bent by PowerTransformer as by scikit-learn's, to 1e-6, also where it leaves their scale", async () => {
    expectClose(await made(new PowerTransformer({ standardize: false }), chosen, 19), fixture.scales.powers, 1e-6);
  });

  it("are kept by VarianceThreshold where scikit-learn keeps them", async () => {
    for (const [threshold, names] of Object.entries(fixture.selections.variance)) {
      const kept = await new VarianceThreshold({ threshold: Number(threshold) }).fit(table, undefined, noKernels);
      expect(kept.outputs().map(({ name }) => name)).toEqual(names);
    }
  });

  it("and of wine and diabetes by SelectFromModel, by the mean coefficient or the largest four", async () => {
    const params = ["c=0.1", 'solver="newton-cg"', "tolerance=1e-12"];
    const kept = async (selector: SelectFromModel, name: string, target: Target) => {
      await selector.fit(example(name, true).table, target, context);
      return selector.outputs().map((output) => output.name);
    };
    const byMean = () => new SelectFromModel({ estimator: "LogisticRegression", params });
    const { cancer, wine, diabetes } = fixture.selections;
    expect(await kept(byMean(), "breast_cancer", classTargetOf(example("breast_cancer", true)))).toEqual(cancer);
    expect(await kept(byMean(), "wine", classTargetOf(example("wine", true)))).toEqual(wine);
    const ridge = new SelectFromModel({ estimator: "Ridge", params: ["alpha=1"], k: 4 });
    expect(await kept(ridge, "diabetes", numberTargetOf(example("diabetes", true)))).toEqual(diabetes);
  });
});

describe("dates over two centuries", () => {
  const { times, columns, circles, hours } = fixture.dates;
  const data: Table = { rows: times.length, columns: [{ kind: "date", name: "d", values: Float64Array.from(times) }] };

  it("have the parts that pandas finds, and the places on circles that NumPy does, to 1e-9", async () => {
    const transformer = new DateParts({ time: true, cyclic: true });
    const found = await made(transformer, data);
    const names = transformer.outputs().map(({ name }) => name);
    for (const [part, values] of Object.entries(columns)) {
      expectClose([found[names.indexOf(`d ${part}`)]], [values], 1e-11);
    }
    const own = ["yearly", "weekly", "daily"].flatMap((cycle) => [`d ${cycle} sin`, `d ${cycle} cos`]);
    // An angle of thousands of turns has lost four digits.
    expectClose(
      own.map((name) => found[names.indexOf(name)]),
      circles,
      1e-9,
    );
  });

  it("have hours on a circle by CyclicFeatures, to 1e-11", async () => {
    const hour: Table = { rows: times.length, columns: [numbers("hour", columns.hour)] };
    expectClose(await made(new CyclicFeatures({ period: 24 }), hour), hours, 1e-11);
  });
});

describe("texts of speeches", () => {
  const passages = passagesOf("speeches", 240);
  const column: Table = { rows: 240, columns: [texts("t", passages)] };
  const pairs = { minNgram: 1, maxNgram: 2, minDocuments: 3, maxShare: 0.6 } as const;
  const runs = { unit: "char", minNgram: 2, maxNgram: 3, norm: "l1" } as const;
  const size = (name: "counts" | "tfidf" | "runs") => fixture.texts[name].terms.length;

  it.each([
    ["counts", () => new CountVectorizer({ ...pairs, maxFeatures: size("counts") })],
    ["tfidf", () => new TfidfVectorizer({ ...pairs, maxFeatures: size("tfidf"), sublinear: true })],
    ["runs", () => new TfidfVectorizer({ ...runs, maxFeatures: size("runs") })],
    ["hashed", () => new HashingVectorizer({ features: 64 })],
    [
      "hashedPlain",
      () => new HashingVectorizer({ features: 48, lowercase: false, stopWords: ["the", "of"], signed: false }),
    ],
  ] as const)("have scikit-learn's terms and numbers, to 1e-10: %s", async (name, make) => {
    const transformer = make();
    const found = await made(transformer, column);
    const { sums, rows } = fixture.texts[name];
    if (name !== "hashed" && name !== "hashedPlain") {
      expect(transformer.outputs().map((output) => output.name)).toEqual(
        fixture.texts[name].terms.map((term) => `t: ${term}`),
      );
    }
    const total = found.map((values) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
    expect(distance(total, sums)).toBeLessThan(1e-10);
    rows.forEach((values, i) => {
      const own = found.map((each) => each[130 * i] ?? 0);
      expect(distance(own, values)).toBeLessThan(1e-10);
    });
  });
});

/** The texts of the first `count` rows, whose cells are quoted. */
function passagesOf(name: string, count: number): string[] {
  const text = readFileSync(new URL(`../../../../examples/data/${name}.csv`, import.meta.url), "utf8");
  const cells = [...text.slice(text.indexOf("\n") + 1).matchAll(/"((?:[^"]|"")*)",/g)];
  return cells.slice(0, count).map(([, cell]) => cell.replaceAll('""', '"'));
}
