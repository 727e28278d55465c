// Every estimator of the catalogue, exported and run by ONNX Runtime: it gives the same numbers.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/base/component.ts";
import { ParamError } from "../../src/base/errors.ts";
import { tableSchema } from "../../src/base/schema.ts";
import type { Prediction, Table, Target } from "../../src/base/table.ts";
import { componentNames, createEstimator } from "../../src/catalogue.ts";
import { fitPipeline } from "../../src/compose/pipeline.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { exportOnnx } from "../../src/onnx/export-model.ts";
import { distance } from "../example-data.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { rounded, runOnnx } from "./run-onnx.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

const prices = regressionData("diamonds", "price", 400);
const species = classData("penguins", "species");
const tumours = classData("breast_cancer", "diagnosis");

/** Parameters that keep a fit short, or make parts of it that leave. */
const PARAMS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  RandomForestRegressor: { nEstimators: 5 },
  RandomForestClassifier: { nEstimators: 5 },
  ExtraTreesRegressor: { nEstimators: 5 },
  ExtraTreesClassifier: { nEstimators: 5 },
  GradientBoostingRegressor: { nEstimators: 10 },
  GradientBoostingClassifier: { nEstimators: 5 },
  MLPRegressor: { epochs: 5 },
  MLPClassifier: { epochs: 5 },
};

describe.each(componentNames("estimator"))("%s", { timeout: 60_000 }, (type) => {
  test("answers in ONNX Runtime as here", async () => {
    for (const sample of samplesFor(type)) {
      for (const numbers of ["double", "float"] as const) await checkExport(type, { sample, numbers });
    }
  });
});

/** What parameters change in the operators, as pairs of an estimator and its parameters. */
const VARIANTS: readonly (readonly [type: string, params: Readonly<Record<string, Json>>])[] = [
  ["KNeighborsClassifier", { weights: "distance" }],
  ["KNeighborsRegressor", { weights: "distance", metric: "manhattan" }],
  ["KNeighborsRegressor", { metric: "chebyshev", algorithm: "brute" }],
  ["KNeighborsRegressor", { weights: "distance", metric: "minkowski", p: 3 }],
  ["KNeighborsClassifier", { weights: "distance", metric: "cosine", algorithm: "balltree" }],
  ["RadiusNeighborsClassifier", { weights: "distance", radius: 0.5 }],
  ["RadiusNeighborsRegressor", { weights: "distance", metric: "manhattan", radius: 0.4 }],
  ["RadiusNeighborsRegressor", { metric: "cosine", radius: 0.01 }],
  ["SVC", { kernel: "linear" }],
  ["SVC", { kernel: "poly", coef0: 1 }],
  ["SVC", { kernel: "sigmoid", gamma: 0.01 }],
  ["SVR", { kernel: "poly", degree: 2 }],
  ["MLPClassifier", { epochs: 5, activation: "tanh", hiddenLayers: 2 }],
  ["MLPRegressor", { epochs: 5, activation: "logistic", hiddenLayers: 1 }],
  ["VotingClassifier", { voting: "hard", estimators: ["GaussianNB", "LogisticRegression"], weights: ["2", "1"] }],
  ["VotingRegressor", { estimators: ["Ridge", "PoissonRegressor", "KNeighborsRegressor"], weights: ["2", "1", "0"] }],
  ["StackingClassifier", { estimators: ["GaussianNB", "DecisionTreeClassifier"], passthrough: true }],
  ["StackingRegressor", { estimators: ["Ridge"], finalEstimator: "DecisionTreeRegressor", passthrough: true }],
  ["CalibratedClassifier", { method: "isotonic", scale: "probability" }],
  ["CalibratedClassifier", { method: "isotonic", ensemble: false, estimator: "LinearSVC" }],
  ["CalibratedClassifier", { scale: "probability", estimator: "RandomForestClassifier", params: ["nEstimators=5"] }],
  ["GaussianMixture", { covariance: "tied", clusters: 3 }],
  ["GaussianMixture", { covariance: "diag", clusters: 3 }],
  ["GaussianMixture", { covariance: "spherical", clusters: 3 }],
  ["MatrixFactorization", { feedback: "implicit" }],
  ["BernoulliNB", { threshold: 0.5 }],
  ["IsolationForest", { contamination: 0.1, maxSamples: 1 }],
  ["LocalOutlierFactor", { contamination: 0.1 }],
  ["DBSCAN", { radius: 2 }],
];

describe.each(VARIANTS)("%s with %j", { timeout: 60_000 }, (type, params) => {
  test("answers in ONNX Runtime as here", async () => {
    for (const sample of samplesFor(type)) await checkExport(type, { params, sample, numbers: "double" });
  });
});

test.each([
  [{ algorithm: "hnsw" }, "KNeighborsRegressor by hnsw cannot be exported to ONNX"],
  [{ metric: "haversine" }, "KNeighborsRegressor with the metric haversine cannot be exported to ONNX"],
])("neighbours with %j are refused by name", async (params: Record<string, string>, problem) => {
  const { table, target } = prices.whole;
  const pair = { rows: table.rows, columns: table.columns.filter(({ kind }) => kind === "number").slice(0, 2) };
  const estimator = { type: "KNeighborsRegressor", params };
  const pipeline = await fitPipeline({ steps: [], estimator }, { table: pair, target }, context);
  expect(() => exportOnnx(pipeline)).toThrow(ParamError);
  expect(() => exportOnnx(pipeline)).toThrow(problem);
});

// Internal

async function checkExport(
  type: string,
  { params, sample, numbers }: { params?: Readonly<Record<string, Json>>; sample: Sample; numbers: "double" | "float" },
): Promise<void> {
  const { table, target } = sample;
  const steps = recommendSteps(tableSchema(table), type);
  const estimator = { type, params: params ?? PARAMS[type] ?? {} };
  const pipeline = await fitPipeline({ steps, estimator }, { table, target }, context);
  const asked = numbers === "float" ? rounded(table) : table;
  const outputs = await runOnnx(exportOnnx(pipeline, { numbers }), pipeline.input, { table: asked, numbers });
  compare(outputs, pipeline.predict(asked), createEstimator(type).spec.task);
}

interface Sample {
  readonly table: Table;
  readonly target?: Target;
}

/** Real rows with categories and missing values; classifiers tell two classes and more apart. */
function samplesFor(type: string): readonly Sample[] {
  if (type === "MatrixFactorization") return [ratings()];
  const { task } = createEstimator(type).spec;
  if (task === "regression") return [prices.whole];
  if (task === "classification") return [species.whole, tumours.whole];
  return [{ table: species.whole.table }];
}

function ratings(): Sample {
  const rows = 60;
  const at = (count: number, step: number) => Int32Array.from({ length: rows }, (_, row) => (row * step) % count);
  const [users, items] = [at(9, 5), at(7, 3)];
  const categories = Array.from({ length: 9 }, (_, k) => `user ${k}`);
  return {
    table: {
      rows,
      columns: [
        { kind: "category", name: "user", codes: users, categories },
        { kind: "number", name: "item", values: Float64Array.from(items) },
      ],
    },
    target: {
      kind: "number",
      name: "stars",
      values: Float64Array.from(users, (user, row) => 1 + ((user * items[row]) % 5)),
    },
  };
}

function compare(outputs: Awaited<ReturnType<typeof runOnnx>>, wanted: Prediction, task: string): void {
  const numbers = (name: string) => outputs[name] as ArrayLike<number>;
  if (wanted.kind === "class") {
    expect(differing(outputs.label as readonly string[], wanted)).toEqual([]);
    expect(distance(numbers("probabilities"), wanted.probabilities)).toBeLessThan(1e-6);
  } else if (wanted.kind === "cluster") {
    expect(Array.from(numbers("cluster"), Number)).toEqual([...wanted.codes]);
    expect(distance(numbers("distances"), wanted.distances)).toBeLessThan(1e-6);
  } else if (task === "outliers") {
    expect(distance(numbers("score"), wanted.values)).toBeLessThan(1e-6);
    expect(Array.from(numbers("outlier"), Boolean)).toEqual(Array.from(wanted.values, (score) => score > 0));
  } else expect(distance(numbers("prediction"), wanted.values)).toBeLessThan(1e-6);
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
