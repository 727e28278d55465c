// Pipelines exported to ONNX and run back by ONNX Runtime: the same labels, the same numbers, on data with categories and
// missing values. What has no operators is refused by name.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, test } from "vitest";
import { tableSchema } from "../../src/base/schema.ts";
import type { Prediction, Table, Target } from "../../src/base/table.ts";
import { type FittedPipeline, fitPipeline } from "../../src/compose/pipeline.ts";
import type { PipelineSpec } from "../../src/compose/pipeline-spec.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { exportOnnx } from "../../src/onnx/export-model.ts";
import { inspectOnnx } from "../../src/onnx/inspect.ts";
import { distance } from "../example-data.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { rounded, runOnnx } from "./run-onnx.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

const diamonds = regressionData("diamonds", "price", 4000);
const penguins = classData("penguins", "species");
const cancer = classData("breast_cancer", "diagnosis");
const cut = classData("diamonds", "cut", 3000);

const SMALL = { maxLeaves: 31 };
const REGRESSORS: readonly (readonly [string, Record<string, number | string>])[] = [
  ["LinearRegression", {}],
  ["Ridge", { alpha: 2 }],
  ["Lasso", { alpha: 0.1 }],
  ["ElasticNet", { alpha: 0.1 }],
  ["GradientDescentRegressor", {}],
  ["GradientDescentRegressor", { loss: "poisson", learningRate: 1e-5 }],
  ["GammaRegressor", {}],
  ["HuberRegressor", {}],
  ["DecisionTreeRegressor", {}],
  ["RandomForestRegressor", { nEstimators: 15 }],
  ["ExtraTreesRegressor", { nEstimators: 15 }],
  ["GradientBoostingRegressor", { nEstimators: 40, ...SMALL }],
  ["GradientBoostingRegressor", { nEstimators: 20, loss: "gamma", ...SMALL }],
];
const CLASSIFIERS: readonly (readonly [string, Record<string, number | string>])[] = [
  ["LogisticRegression", {}],
  ["GradientDescentClassifier", {}],
  ["DecisionTreeClassifier", {}],
  ["RandomForestClassifier", { nEstimators: 15 }],
  ["ExtraTreesClassifier", { nEstimators: 15 }],
  ["GradientBoostingClassifier", { nEstimators: 20, ...SMALL }],
];

describe("a regression of diamonds' prices", { timeout: 60_000 }, () => {
  test.each(REGRESSORS)("by %s gives the same numbers, from single and from double precision", async (type, params) => {
    const pipeline = await fit(diamonds.train, type, params);
    for (const numbers of ["float", "double"] as const) {
      const table = numbers === "float" ? rounded(diamonds.test.table) : diamonds.test.table;
      const { prediction } = await runOnnx(exportOnnx(pipeline, { numbers }), pipeline.input, { table, numbers });
      const wanted = pipeline.predict(table);
      if (wanted.kind !== "number") throw new Error("prices are numbers");
      expect(distance(prediction as ArrayLike<number>, wanted.values)).toBeLessThan(1e-6);
    }
  });
});

describe.each([
  ["penguins' species, with missing values", penguins],
  ["tumours", cancer],
  ["diamonds' cuts, five classes", cut],
] as const)("a classification of %s", (_, data) => {
  test.each(CLASSIFIERS)("by %s gives the same labels and probabilities", { timeout: 60_000 }, async (type, params) => {
    const pipeline = await fit(data.train, type, params);
    for (const numbers of ["float", "double"] as const) {
      const table = numbers === "float" ? rounded(data.test.table) : data.test.table;
      const outputs = await runOnnx(exportOnnx(pipeline, { numbers }), pipeline.input, { table, numbers });
      const wanted = pipeline.predict(table);
      if (wanted.kind !== "class") throw new Error("species are classes");
      expect(differing(outputs.label as string[], wanted)).toEqual([]);
      expect(distance(outputs.probabilities as ArrayLike<number>, wanted.probabilities)).toBeLessThan(1e-6);
    }
  });
});

describe("the steps before the estimator", { timeout: 60_000 }, () => {
  const steps: readonly PipelineSpec["steps"][] = [
    [
      { type: "SimpleImputer", params: { numbers: "mean", indicator: true, categories: "constant" } },
      { type: "OneHotEncoder", params: { missing: "column" } },
      { type: "MinMaxScaler", params: { min: -1, max: 2, clip: true } },
    ],
    [
      { type: "SimpleImputer" },
      { type: "OrdinalEncoder", columns: ["island"], params: { order: ["Torgersen", "Biscoe"], unknown: 7 } },
      { type: "OneHotEncoder", params: { drop: "first" } },
      { type: "RobustScaler" },
    ],
    [
      { type: "SimpleImputer", params: { numbers: "constant", numberFill: -3 } },
      { type: "OrdinalEncoder" },
      { type: "MaxAbsScaler" },
      { type: "SelectKBest", params: { k: 4 } },
    ],
  ];
  test.each(steps.map((list) => [list.map(({ type }) => type).join(", "), list] as const))(
    "%s come before logistic regression and boosting alike",
    async (_, list) => {
      for (const type of ["LogisticRegression", "GradientBoostingClassifier"]) {
        const spec: PipelineSpec = { steps: list, estimator: { type } };
        const pipeline = await fitPipeline(spec, penguins.train, context);
        const table = penguins.whole.table;
        const file = exportOnnx(pipeline, { numbers: "double" });
        const outputs = await runOnnx(file, pipeline.input, { table, numbers: "double" });
        const wanted = pipeline.predict(table);
        if (wanted.kind !== "class") throw new Error("species are classes");
        expect(outputs.label).toEqual(Array.from(wanted.codes, (code) => wanted.classes[code]));
        expect(distance(outputs.probabilities as ArrayLike<number>, wanted.probabilities)).toBeLessThan(1e-6);
      }
    },
  );

  test("take a category nobody knows as missing, as the pipeline does", async () => {
    const pipeline = await fit(penguins.train, "GradientBoostingClassifier", {});
    const odd = strange(penguins.test.table);
    const file = exportOnnx(pipeline, { numbers: "double" });
    const outputs = await runOnnx(file, pipeline.input, { table: odd, numbers: "double" });
    const wanted = pipeline.predict(odd);
    expect(wanted.kind === "class" && Array.from(wanted.codes, (code) => wanted.classes[code])).toEqual(outputs.label);
  });
});

describe("an exported file", () => {
  test("says its inputs by the columns' names and asks for standard operators only", async () => {
    const pipeline = await fit(penguins.train, "GradientBoostingClassifier", {});
    const { inputs, outputs, operators, producer } = inspectOnnx(exportOnnx(pipeline));
    expect(inputs.map(({ name }) => name)).toEqual(pipeline.input.map(({ name }) => name));
    expect(new Set(inputs.map(({ elementType }) => elementType))).toEqual(new Set([1, 8]));
    expect(outputs.map(({ name, elementType }) => [name, elementType])).toEqual([
      ["label", 8],
      ["probabilities", 1],
    ]);
    expect([...operators.keys()].sort()).toEqual(["ai.onnx", "ai.onnx.ml"]);
    expect(producer).toBe("massif");
  });

  test("keeps outputs apart from columns of the same name", async () => {
    const { table, target } = diamonds.train;
    const columns = table.columns.map((column) =>
      column.name === "carat" ? { ...column, name: "prediction" } : column,
    );
    const renamed = { table: { rows: table.rows, columns }, target };
    const pipeline = await fit(renamed, "DecisionTreeRegressor", {});
    expect(inspectOnnx(exportOnnx(pipeline)).outputs.map(({ name }) => name)).toEqual(["prediction_"]);
  });

  test("is refused for a step without operators, by name", async () => {
    const parts: PipelineSpec = {
      features: ["carat", "depth"],
      steps: [{ type: "NMF", params: { components: 1 } }],
      estimator: { type: "DecisionTreeRegressor" },
    };
    const pipeline = await fitPipeline(parts, diamonds.train, context);
    expect(() => exportOnnx(pipeline)).toThrow("NMF cannot be exported to ONNX; train without this step");
  });
});

// Internal

function fit(
  data: { table: Table; target: Target },
  type: string,
  params: Record<string, number | string>,
): Promise<FittedPipeline> {
  const steps = recommendSteps(tableSchema(data.table), type);
  return fitPipeline({ steps, estimator: { type, params } }, data, context);
}

/** Rows with another label, but for ties: shares that are equal differ by the rounding of their sums. */
function differing(labels: readonly string[], wanted: Extract<Prediction, { kind: "class" }>): number[] {
  const { classes, codes, probabilities } = wanted;
  return [...codes.keys()].filter((row) => {
    const share = (code: number) => probabilities[row * classes.length + code];
    const found = classes.indexOf(labels[row]);
    return found !== codes[row] && !(share(codes[row]) - share(found) < 1e-12);
  });
}

/** Every second category is one that training has not seen. */
function strange(table: Table): Table {
  const columns = table.columns.map((column) => {
    if (column.kind !== "category") return column;
    const categories = [...column.categories, "Atlantis"];
    const codes = column.codes.map((code, row) => (row % 2 === 0 ? code : categories.length - 1));
    return { ...column, codes, categories };
  });
  return { rows: table.rows, columns };
}
