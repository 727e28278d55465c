// Exported modules against the compiled predictor, bit for bit: on rows of real data, on missing and unknown values, in
// Node and in a browser. What has no source is refused by name.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRuntime } from "@massif/kernels";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserProgram } from "../../../console/test/browser.ts";
import { ParamError } from "../../src/base/errors.ts";
import { tableSchema } from "../../src/base/schema.ts";
import type { Table, Target } from "../../src/base/table.ts";
import { type FittedPipeline, fitPipeline } from "../../src/compose/pipeline.ts";
import type { PipelineSpec } from "../../src/compose/pipeline-spec.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { compilePredictor } from "../../src/model/predictor.ts";
import type { Row, RowValue } from "../../src/model/row.ts";
import { exportTypeScript, type TypeScriptExport } from "../../src/typescript/export-typescript.ts";
import { goldenRows } from "../../src/typescript/golden-test.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { type Compiled, compile } from "./compiled.ts";
import { outcome, rowsOf, shown } from "./rows.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

const diamonds = regressionData("diamonds", "price", 2000);
const penguins = classData("penguins", "species");
const cancer = classData("breast_cancer", "diagnosis");
const days = withDates(penguins.whole);

type Data = { readonly table: Table; readonly target?: Target };

const IMPUTE = { type: "SimpleImputer" };
const MODELS: readonly (readonly [name: string, data: Data, spec: Partial<PipelineSpec> & { estimator: object }])[] = [
  ["line", diamonds.whole, { estimator: { type: "LinearRegression" } }],
  ["ridge", diamonds.whole, { estimator: { type: "Ridge", params: { alpha: 2 } } }],
  ["descent", diamonds.whole, { estimator: { type: "GradientDescentRegressor" } }],
  ["exponential", diamonds.whole, { estimator: { type: "GradientDescentRegressor", params: { loss: "poisson" } } }],
  ["gamma", diamonds.whole, { estimator: { type: "GammaRegressor" } }],
  ["tree", diamonds.whole, { estimator: { type: "DecisionTreeRegressor" } }],
  ["forest", diamonds.whole, { estimator: { type: "RandomForestRegressor", params: { nEstimators: 8 } } }],
  ["booster", diamonds.whole, { estimator: { type: "GradientBoostingRegressor", params: { nEstimators: 30 } } }],
  ["logbooster", diamonds.whole, { estimator: { type: "GradientBoostingRegressor", params: { loss: "poisson" } } }],
  ["logistic", penguins.whole, { estimator: { type: "LogisticRegression" } }],
  ["classtree", penguins.whole, { estimator: { type: "DecisionTreeClassifier" } }],
  ["classforest", penguins.whole, { estimator: { type: "RandomForestClassifier", params: { nEstimators: 8 } } }],
  ["classbooster", penguins.whole, { estimator: { type: "GradientBoostingClassifier", params: { nEstimators: 9 } } }],
  ["twoclasses", cancer.whole, { estimator: { type: "LogisticRegression" } }],
  ["twodescent", cancer.whole, { estimator: { type: "GradientDescentClassifier" } }],
  ["twoforest", cancer.whole, { estimator: { type: "RandomForestClassifier", params: { nEstimators: 8 } } }],
  ["twobooster", cancer.whole, { estimator: { type: "GradientBoostingClassifier", params: { nEstimators: 9 } } }],
  ["normals", cancer.whole, { estimator: { type: "GaussianNB" } }],
  ["clusters", { table: diamonds.whole.table }, { estimator: { type: "KMeans", params: { clusters: 4 } } }],
  [
    "counts",
    penguins.whole,
    {
      steps: [
        { type: "SimpleImputer", params: { numbers: "mean", indicator: true, categories: "constant" } },
        { type: "OneHotEncoder", params: { missing: "column" } },
        { type: "MinMaxScaler", params: { min: 0.5, max: 2, clip: true } },
      ],
      estimator: { type: "MultinomialNB" },
    },
  ],
  [
    "components",
    penguins.whole,
    {
      steps: [
        IMPUTE,
        { type: "OrdinalEncoder", columns: ["island"], params: { order: ["Torgersen", "Biscoe"], unknown: 7 } },
        { type: "OneHotEncoder", params: { drop: "first" } },
        { type: "RobustScaler" },
        { type: "PCA", params: { components: 4, whiten: true } },
        { type: "MaxAbsScaler" },
      ],
      estimator: { type: "LogisticRegression" },
    },
  ],
  [
    "bins",
    penguins.whole,
    {
      steps: [
        { ...IMPUTE, columns: "category" },
        { type: "OrdinalEncoder" },
        { type: "KBinsDiscretizer", columns: ["body_mass_g"] },
        { type: "KBinsDiscretizer", columns: ["beak_length_mm"], params: { encode: "ordinal", strategy: "uniform" } },
        IMPUTE,
        { type: "MinMaxScaler" },
        { type: "SelectKBest", params: { k: 6 } },
      ],
      estimator: { type: "LogisticRegression" },
    },
  ],
  [
    "dates",
    days,
    {
      steps: [{ type: "DateParts", params: { time: true, cyclic: true } }, IMPUTE, { type: "OneHotEncoder" }],
      estimator: { type: "GaussianNB" },
    },
  ],
  [
    "features",
    penguins.whole,
    {
      steps: [
        { type: "MissingIndicator", columns: "number", params: { keep: true } },
        { type: "IterativeImputer" },
        { type: "TargetEncoder", columns: ["island"] },
        { type: "CountEncoder" },
        { type: "PowerTransformer", columns: ["body_mass_g"], params: { method: "boxCox" } },
        { type: "PowerTransformer", columns: ["beak_length_mm"] },
        { type: "SplineTransformer", columns: ["beak_depth_mm"], params: { knots: 4, placing: "quantile" } },
        { type: "StandardScaler" },
        { type: "PolynomialFeatures", columns: ["body_mass_g", "beak_length_mm"], params: { degree: 3 } },
        { type: "Normalizer" },
      ],
      estimator: { type: "LogisticRegression" },
    },
  ],
  [
    "places",
    penguins.whole,
    {
      steps: [
        IMPUTE,
        { type: "QuantileTransformer", columns: ["body_mass_g"], params: { quantiles: 40, output: "normal" } },
        { type: "QuantileTransformer", columns: ["beak_length_mm"], params: { quantiles: 40 } },
        { type: "Binarizer", columns: ["beak_depth_mm"], params: { threshold: 17 } },
        { type: "CyclicFeatures", columns: ["flipper_length_mm"], params: { period: 24 } },
        { type: "SplineTransformer", columns: ["body_mass_g"], params: { includeBias: false, degree: 2 } },
        { type: "OneHotEncoder" },
        { type: "PolynomialFeatures", params: { includeBias: true, interactionOnly: true } },
      ],
      estimator: { type: "LogisticRegression" },
    },
  ],
  ["unfilled", cancer.whole, { steps: [{ type: "StandardScaler" }], estimator: { type: "LogisticRegression" } }],
  ["nearest", cancer.whole, { steps: [{ type: "StandardScaler" }], estimator: { type: "KNeighborsClassifier" } }],
  ["machines", penguins.whole, { estimator: { type: "SVC" } }],
  ["justdates", days, { features: ["seen", "island"], steps: [], estimator: { type: "DecisionTreeClassifier" } }],
];

describe("an exported module", { timeout: 240_000 }, () => {
  const pipelines = new Map<string, FittedPipeline>();
  const exported = new Map<string, TypeScriptExport>();
  let compiled: Compiled;

  beforeAll(async () => {
    for (const [name, data, spec] of MODELS) {
      const type = (spec.estimator as { type: string }).type;
      const steps = spec.steps ?? recommendSteps(tableSchema(data.table), type);
      const pipeline = await fitPipeline({ ...spec, steps } as PipelineSpec, data as never, context);
      pipelines.set(name, pipeline);
      exported.set(name, exportTypeScript(pipeline, { file: `${name}.ts`, example: rowsOf(data.table, pipeline)[3] }));
    }
    compiled = compile(exported);
  }, 240_000);

  afterAll(() => compiled?.remove());

  test.each(MODELS.map(([name, data]) => [name, data] as const))("of %s gives the same bits", async (name, data) => {
    const pipeline = pipelines.get(name) as FittedPipeline;
    const { predict } = compilePredictor(pipeline);
    const { predict: found } = await compiled.load(name);
    const rows = rowsOf(data.table, pipeline);
    for (const row of [...rows, ...goldenRows(pipeline.input, rows[0])]) {
      expect(outcome(() => found(row as object))).toStrictEqual(outcome(() => shown(predict(row))));
    }
  });

  test("refuses what the predictor refuses, in the same words", async () => {
    const pipeline = pipelines.get("dates") as FittedPipeline;
    const { predict } = compilePredictor(pipeline);
    const { predict: found, InputError } = await compiled.load("dates");
    const row = { ...rowsOf(days.table, pipeline)[0] } as Record<string, RowValue>;
    const wrong: Record<string, unknown>[] = [
      { beak_length_mm: "39" },
      { beak_length_mm: Number.POSITIVE_INFINITY },
      { island: { name: "Biscoe" } },
      { seen: "soon" },
      { seen: new Date(Number.NaN) },
      { beak_length_mm: "x".repeat(200) },
    ];
    for (const values of wrong) {
      const given = { ...row, ...values };
      const words = outcome(() => predict(given as Row));
      expect(words).toHaveProperty("error");
      expect(outcome(() => found(given))).toEqual(words);
      expect(() => found(given)).toThrow(InputError);
    }
    expect(() => found(null as never)).toThrow("a row must be an object of named values, got null");
  });

  test("says types of columns, categories and classes", () => {
    const { module } = exported.get("classbooster") as TypeScriptExport;
    expect(module).toContain('readonly "island": "Biscoe" | "Dream" | "Torgersen" | null;');
    expect(module).toContain('export type Class = "Adelie" | "Chinstrap" | "Gentoo";');
    expect(module).not.toMatch(/^import/m);
  });

  test("comes with tests that pass, and fail for another model", () => {
    const files = ["line", "classbooster", "dates", "unfilled"].map((name) => `${name}.test.js`);
    execFileSync(process.execPath, ["--test", ...files], { cwd: compiled.folder, stdio: "pipe" });
    const { test: golden } = exported.get("unfilled") as TypeScriptExport;
    expect(golden).toContain("the model has no answer when");
    expect(exported.get("line")?.test).not.toBe(exported.get("ridge")?.test);
  });

  const program = browserProgram();
  if (program === undefined) {
    process.stderr.write("no browser found (CHROMIUM_PATH): exported modules are not tried in one\\n");
  }

  test.skipIf(program === undefined)(
    "gives the same numbers in a browser, but for the last bit of its Math.exp",
    async () => {
      const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      const browser = await chromium.launch({ executablePath: program, args });
      try {
        const page = await browser.newPage();
        for (const [name, data] of [
          ["booster", diamonds.whole],
          ["nearest", cancer.whole],
          ["machines", penguins.whole],
          ["components", penguins.whole],
        ] as const) {
          const pipeline = pipelines.get(name) as FittedPipeline;
          const { predict } = compilePredictor(pipeline);
          const rows = rowsOf(data.table, pipeline).slice(0, 100);
          const source = readFileSync(join(compiled.folder, `${name}.js`), "utf8");
          const found = await page.evaluate(inBrowser(source, rows));
          const wanted = rows.map((row) => shown(predict(row)));
          if (name === "booster") expect(found).toEqual(wanted);
          else expect(rounded(found)).toEqual(rounded(wanted));
        }
      } finally {
        await browser.close();
      }
    },
  );
});

test("an estimator, a step or a column without source is refused by name", async () => {
  const fit = (spec: PipelineSpec, data: Data = penguins.whole) => fitPipeline(spec, data as never, context);
  const numbers = ["beak_length_mm", "body_mass_g"];
  const estimator = { type: "KNeighborsClassifier", params: { algorithm: "hnsw" } };
  const near = await fit({ features: numbers, steps: [IMPUTE], estimator });
  expect(() => exportTypeScript(near)).toThrow(ParamError);
  expect(() => exportTypeScript(near)).toThrow("KNeighborsClassifier by hnsw cannot be exported to TypeScript");
  const rows = 30;
  const values = Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? "good bread" : "bad bread"));
  const words: Table = { rows, columns: [{ kind: "text", name: "note", values }] };
  const target: Target = { kind: "number", name: "stars", values: Float64Array.from(values, (text) => text.length) };
  const told = await fit(
    { steps: [{ type: "TfidfVectorizer" }], estimator: { type: "Ridge" } },
    { table: words, target },
  );
  expect(() => exportTypeScript(told)).toThrow('the text column "note" cannot be exported to TypeScript');
});

// Internal

/** As text, because the test runner rewrites an `import` that it sees. */
function inBrowser(source: string, rows: readonly Row[]): string {
  const address = `URL.createObjectURL(new Blob([${JSON.stringify(source)}], { type: "text/javascript" }))`;
  return `import(${address}).then(({ predict }) => ${JSON.stringify(rows)}.map(predict))`;
}

/** Numbers to 12 digits. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, part) => (typeof part === "number" ? part.toPrecision(12) : part));
}

/** The data with a column of dates, now and then missing. */
function withDates({ table, target }: { table: Table; target: Target }) {
  const values = Float64Array.from({ length: table.rows }, (_, row) =>
    row % 11 === 0 ? Number.NaN : Date.UTC(1960 + (row % 90), row % 12, row % 31, row % 24, row % 60),
  );
  const columns = [...table.columns, { kind: "date" as const, name: "seen", values }];
  return { table: { rows: table.rows, columns }, target };
}
