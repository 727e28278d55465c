// Whole pipelines: weighted sums against Shapley's definition over the pipeline's own input columns, trees by their sums.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { takeRows } from "../../src/base/take-rows.ts";
import {
  explainPipeline,
  type FitContext,
  type FittedPipeline,
  fitPipeline,
  ParamError,
  type PipelineContributions,
  type PipelineSpec,
  recommendSteps,
  type Table,
  type Target,
  tableSchema,
} from "../../src/index.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { categories, dates, numbers, table, texts } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 3, report: async () => {} };
afterAll(() => runtime.close());

const penguins = classData("penguins", "species").whole;
const masses = regressionData("penguins", "body_mass_g").whole;
/** Rows with a body mass; other values are missing here and there. */
const heavy = keepKnown(masses.table, masses.target);
const diabetes = regressionData("diabetes", "progression", 120).whole;

function keepKnown(rows: Table, target: Target): { table: Table; target: Target } {
  if (target.kind !== "number") throw new Error("not numbers");
  const kept = Uint32Array.from([...target.values.keys()].filter((row) => Number.isFinite(target.values[row])));
  return {
    table: takeRows(rows, kept),
    target: { ...target, values: Float64Array.from(kept, (row) => target.values[row]) },
  };
}

function fitRecommended(
  type: string,
  rows: { table: Table; target?: Target },
  spec: Partial<PipelineSpec> = {},
): Promise<FittedPipeline> {
  const steps = recommendSteps(tableSchema(rows.table), type);
  return fitPipeline({ steps, estimator: { type }, ...spec }, rows, context);
}

/** What an explanation says of row and output: the expected value and all contributions. */
function saidOf({ expected, values, columns }: PipelineContributions, row: number, output = 0): number {
  const from = (row * expected.length + output) * columns.length;
  return values.subarray(from, from + columns.length).reduce((sum, value) => sum + value, expected[output]);
}

/** What the pipeline says in the units of linear models: the number, or the log-odds of the second class. */
function scoresOf(pipeline: FittedPipeline, rows: Table): Float64Array {
  const said = pipeline.predict(rows);
  if (said.kind === "number") return said.values;
  if (said.kind !== "class") throw new Error("neither numbers nor classes");
  return Float64Array.from(said.codes, (_, row) =>
    Math.log(said.probabilities[row * 2 + 1] / said.probabilities[row * 2]),
  );
}

/** The rows with the columns outside `known` taken from row `from` of the same table. */
function mixed(rows: Table, row: number, known: number): Table {
  const own = takeRows(rows, new Uint32Array(rows.rows).fill(row));
  return { rows: rows.rows, columns: rows.columns.map((column, i) => ((known >>> i) & 1 ? own.columns[i] : column)) };
}

/** Shapley's values of one row by all subsets of the input columns, the others drawn from the training rows. */
function shapley(pipeline: FittedPipeline, rows: Table, row: number): number[] {
  const width = rows.columns.length;
  const worth = Array.from({ length: 2 ** width }, (_, known) => {
    return scoresOf(pipeline, mixed(rows, row, known)).reduce((sum, value) => sum + value, 0) / rows.rows;
  });
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const size = (set: number) => set.toString(2).replaceAll("0", "").length;
  return rows.columns.map((_, f) =>
    worth.reduce((sum, value, set) => {
      if ((set >>> f) & 1) return sum;
      const orders = (factorial(size(set)) * factorial(width - size(set) - 1)) / factorial(width);
      return sum + orders * (worth[set | (1 << f)] - value);
    }, 0),
  );
}

describe("explainPipeline of weighted sums", () => {
  it.each([
    ["Ridge", heavy],
    ["LinearRegression", heavy],
  ] as const)("gives each input column its Shapley value by definition, categories as one: %s", async (type, rows) => {
    const pipeline = await fitRecommended(type, rows);
    const explained = explainPipeline(pipeline, rows.table);
    expect(explained).toMatchObject({ method: "linear", unit: "number", outputs: null });
    expect(explained.columns).toEqual(rows.table.columns.map(({ name }) => ({ name, step: null })));
    const width = explained.columns.length;
    for (const row of [0, 3, 150]) {
      for (const [f, value] of shapley(pipeline, rows.table, row).entries()) {
        expect(explained.values[row * width + f]).toBeCloseTo(value, 6);
      }
    }
    const said = scoresOf(pipeline, rows.table);
    expect(explained.expected[0]).toBeCloseTo(said.reduce((sum, value) => sum + value, 0) / said.length, 6);
    for (const [row, value] of said.entries()) expect(saidOf(explained, row)).toBeCloseTo(value, 6);
  });

  it("explains the log-odds of the second class, one score per class of many, and the logarithm of a count", async () => {
    const cancer = classData("breast_cancer", "diagnosis").whole;
    const two = await fitRecommended("LogisticRegression", cancer);
    const odds = explainPipeline(two, cancer.table);
    expect(odds).toMatchObject({ unit: "score", outputs: [cancer.target.classes[1]] });
    const wanted = scoresOf(two, cancer.table);
    for (const row of [0, 50, 300]) expect(saidOf(odds, row) / wanted[row]).toBeCloseTo(1, 9);

    const three = await fitRecommended("LogisticRegression", penguins);
    const shares = explainPipeline(three, penguins.table);
    expect(shares.outputs).toEqual(penguins.target.classes);
    const said = three.predict(penguins.table);
    if (said.kind !== "class") throw new Error("not classes");
    for (const row of [0, 100, 200]) {
      const powers = [0, 1, 2].map((k) => Math.exp(saidOf(shares, row, k)));
      const total = powers.reduce((sum, power) => sum + power, 0);
      for (const [k, power] of powers.entries()) {
        expect(power / total).toBeCloseTo(said.probabilities[row * 3 + k], 9);
      }
    }

    const counts = await fitRecommended("PoissonRegressor", diabetes);
    const logs = explainPipeline(counts, diabetes.table);
    expect(logs.unit).toBe("logarithm");
    expect(Math.exp(saidOf(logs, 7))).toBeCloseTo(scoresOf(counts, diabetes.table)[7], 6);
  });

  it("says columns that were selected away add nothing, by leaving them out", async () => {
    const steps = [{ type: "StandardScaler" }, { type: "SelectKBest", params: { k: 3 } }];
    const pipeline = await fitRecommended("Ridge", diabetes, { steps });
    const explained = explainPipeline(pipeline, diabetes.table);
    expect(explained.columns).toHaveLength(3);
    expect(saidOf(explained, 5)).toBeCloseTo(scoresOf(pipeline, diabetes.table)[5], 8);
  });

  it("keeps the outputs of a step that mixes columns, by their names and the step's", async () => {
    const steps = [{ type: "StandardScaler" }, { type: "PCA", columns: ["bmi", "bp"] }];
    const pipeline = await fitRecommended("Ridge", diabetes, { steps });
    const explained = explainPipeline(pipeline, diabetes.table);
    const own = diabetes.table.columns.map(({ name }) => name).filter((name) => name !== "bmi" && name !== "bp");
    expect(explained.columns).toEqual([
      ...own.map((name) => ({ name, step: null })),
      { name: "pc1", step: "PCA" },
      { name: "pc2", step: "PCA" },
    ]);
    expect(saidOf(explained, 5)).toBeCloseTo(scoresOf(pipeline, diabetes.table)[5], 8);
  });
});

describe("explainPipeline of trees", () => {
  const rows = 60;
  const at = <T>(make: (i: number) => T) => Array.from({ length: rows }, (_, i) => make(i));
  const words = ["red wide old", "blue wide", "red new", "blue old new"];
  const whole = table(
    texts(
      "notes",
      at((i) => words[i % 4]),
    ),
    numbers(
      "carat",
      at((i) => (i % 9 === 0 ? null : (i * 7) % 13)),
    ),
    dates(
      "sold",
      at((i) => `2024-0${1 + (i % 9)}-1${i % 10}`),
    ),
    categories(
      "cut",
      at((i) => ["Fair", "Good", "Ideal"][i % 3]),
    ),
  );
  const price: Target = {
    kind: "number",
    name: "price",
    values: Float64Array.from(at((i) => 1 + ((i * 7) % 13) + (i % 4 === 0 ? 20 : 0) + (i % 9) + 3 * (i % 3))),
  };

  it("adds up the terms of a text and the parts of a date, in the order of the inputs", async () => {
    const pipeline = await fitRecommended(
      "RandomForestRegressor",
      { table: whole, target: price },
      { estimator: { type: "RandomForestRegressor", params: { nEstimators: 10 } } },
    );
    const explained = explainPipeline(pipeline, whole);
    expect(explained).toMatchObject({ method: "trees", unit: "number", outputs: null });
    expect(explained.columns.map(({ name }) => name)).toEqual(["notes", "carat", "sold", "cut"]);
    const said = scoresOf(pipeline, whole);
    for (const [row, value] of said.entries()) expect(saidOf(explained, row)).toBeCloseTo(value, 8);
  });

  it("attributes a mix of what all came from one column to that column", async () => {
    const steps = [
      { type: "DateParts" },
      { type: "TfidfVectorizer" },
      {
        type: "TruncatedSVD",
        params: { components: 2 },
        columns: ["notes: red", "notes: blue", "notes: old", "notes: new"],
      },
    ];
    const pipeline = await fitRecommended("DecisionTreeRegressor", { table: whole, target: price }, { steps });
    const explained = explainPipeline(pipeline, whole);
    expect(explained.columns.every(({ step }) => step === null)).toBe(true);
    expect(saidOf(explained, 4)).toBeCloseTo(scoresOf(pipeline, whole)[4], 8);
  });

  it("calls the scale of a deviance boosted on a logarithmic scale by its name", async () => {
    const estimator = { type: "GradientBoostingRegressor", params: { loss: "poisson", nEstimators: 20 } };
    const pipeline = await fitRecommended("GradientBoostingRegressor", diabetes, { estimator });
    const explained = explainPipeline(pipeline, diabetes.table);
    expect(explained.unit).toBe("logarithm");
    expect(Math.exp(saidOf(explained, 9))).toBeCloseTo(scoresOf(pipeline, diabetes.table)[9], 8);
  });
});

describe("explainPipeline refuses", () => {
  it("other estimators by name, naming what works for any model", async () => {
    const pipeline = await fitRecommended("KNeighborsClassifier", penguins);
    const refusal = () => explainPipeline(pipeline, penguins.table);
    expect(refusal).toThrow(ParamError);
    expect(refusal).toThrow(/KNeighborsClassifier cannot be split.*permutationImportance/);
  });

  it("a weighted sum of columns whose training means are not known, with the cure", async () => {
    const steps = [{ type: "StandardScaler" }, { type: "SimpleImputer" }, { type: "OneHotEncoder" }];
    const pipeline = await fitRecommended("Ridge", heavy, { steps });
    expect(() => explainPipeline(pipeline, heavy.table)).toThrow(/training mean of ".*StandardScaler as the last step/);
  });
});
