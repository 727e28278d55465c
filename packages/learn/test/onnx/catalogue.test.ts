// Every estimator of the catalogue, exported and run by ONNX Runtime: it gives the same numbers.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, test } from "vitest";
import type { Json } from "../../src/base/component.ts";
import { ParamError } from "../../src/base/errors.ts";
import { tableSchema } from "../../src/base/schema.ts";
import type { Prediction } from "../../src/base/table.ts";
import { componentNames, createEstimator } from "../../src/catalogue.ts";
import { fitPipeline } from "../../src/compose/pipeline.ts";
import { recommendSteps } from "../../src/compose/recommended-steps.ts";
import { exportOnnx } from "../../src/onnx/export-model.ts";
import { PARAMS, prices, type Sample, samplesFor, VARIANTS } from "../catalogue-samples.ts";
import { distance } from "../example-data.ts";
import { rounded, runOnnx } from "./run-onnx.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => undefined };

afterAll(() => runtime.close());

describe.each(componentNames("estimator"))("%s", { timeout: 60_000 }, (type) => {
  test("answers in ONNX Runtime as here", async () => {
    for (const sample of samplesFor(type)) {
      for (const numbers of ["double", "float"] as const) await checkExport(type, { sample, numbers });
    }
  });
});

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
