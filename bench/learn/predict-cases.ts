// Features made and rows predicted, one at a time and many together, against scikit-learn. Fitting is not timed.
import { createRuntime } from "@massif/kernels";
import {
  type CategoryColumn,
  compilePredictor,
  type FitContext,
  type FittedPipeline,
  fitPipeline,
  type NumberColumn,
  OneHotEncoder,
  type PipelineSpec,
  type Prediction,
  type Row,
  StandardScaler,
  setDefaultRuntime,
  type Table,
} from "@massif/learn";
import type { BenchCase, Measured, Prepared } from "../case.ts";
import { classTarget, type DatasetFiles, type DatasetShape, dataset, tables } from "../dataset.ts";
import { forest, higgs } from "./cases.ts";

/** The last columns become categories of so many values each. */
const CATEGORIES = [3, 5, 8, 20];
const mixed: DatasetShape = { name: "mixed", rows: 201_000, columns: 12, test: 1_000, target: () => 0 };
const TREES = 100;
const LEAVES = 31;
/** One-row predictions that are timed together. */
const CALLS = 20_000;
const PEER_CALLS = 200;

interface PredictCase {
  readonly name: string;
  readonly title: string;
  readonly target: number;
  readonly data: DatasetShape;
  /** What the peer calls it. */
  readonly model: "boosting" | "forest" | "linear";
  readonly pipeline: PipelineSpec;
}

const boosting: Pick<PredictCase, "data" | "model" | "pipeline"> = {
  data: { ...higgs, rows: 100_000 },
  model: "boosting",
  pipeline: {
    steps: [],
    estimator: { type: "GradientBoostingClassifier", params: { nEstimators: TREES, maxLeaves: LEAVES } },
  },
};

const linear: Pick<PredictCase, "data" | "model" | "pipeline"> = {
  data: { ...higgs, rows: 100_000 },
  model: "linear",
  pipeline: { steps: [{ type: "StandardScaler" }], estimator: { type: "LogisticRegression" } },
};

export const PREDICT_CASES: readonly BenchCase[] = [
  {
    name: "one-hot-scale",
    title: "one-hot encoding and standard scaling, 200k x (8 numbers + 4 categories), dense",
    peer: "scikit-learn",
    target: 0.7,
    quality: "sum of squares",
    rounds: 5,
    prepare: async (cache) => onMixed(dataset(cache, mixed)),
  },
  rowCase({
    ...boosting,
    name: "predict-row",
    title: "one row by a compiled predictor, 100 boosted trees of 31 leaves, 28 columns",
    target: 0.02,
  }),
  rowCase({
    ...linear,
    name: "predict-row-linear",
    title: "one row by a compiled predictor, scaled logistic regression, 28 columns",
    target: 0.02,
  }),
  batchCase({
    ...boosting,
    name: "predict-batch",
    title: "100k rows at once, 100 boosted trees of 31 leaves, 28 columns",
    target: 0.5,
  }),
  batchCase({
    name: "predict-batch-forest",
    title: "100k rows at once, a forest of 100 trees of unlimited depth, 20 columns",
    target: 0.5,
    data: forest,
    model: "forest",
    pipeline: { steps: [], estimator: { type: "RandomForestClassifier", params: { nEstimators: TREES } } },
  }),
  batchCase({
    ...linear,
    name: "predict-batch-linear",
    title: "100k rows at once, scaled logistic regression, 28 columns",
    target: 0.5,
  }),
];

// Internal

function onMixed(files: DatasetFiles): Prepared {
  const { train } = tables(files);
  const numbers = train.columns.length - CATEGORIES.length;
  const columns = train.columns as readonly NumberColumn[];
  const scaled: Table = { rows: train.rows, columns: columns.slice(0, numbers) };
  const encoded: Table = { rows: train.rows, columns: columns.slice(numbers).map(asCategory) };
  return {
    peerInput: { ...files, categories: CATEGORIES },
    async ours(threads): Promise<Measured> {
      const runtime = createRuntime({ threads });
      const context = contextOn(runtime);
      const started = performance.now();
      const scaler = await new StandardScaler().fit(scaled, undefined, context);
      const encoder = await new OneHotEncoder().fit(encoded, undefined, context);
      const made = [...scaler.transform(scaled).columns, ...encoder.transform(encoded).columns];
      const seconds = (performance.now() - started) / 1000;
      runtime.close();
      let quality = 0;
      for (const { values } of made as readonly NumberColumn[]) {
        for (let i = 0; i < values.length; i++) quality += values[i] * values[i];
      }
      return { seconds, quality };
    },
  };
}

function asCategory({ name, values }: NumberColumn, i: number): CategoryColumn {
  const categories = Array.from({ length: CATEGORIES[i] }, (_, code) => String(code));
  const codes = Int32Array.from(values, (value) => Math.abs(Math.trunc(value * 1000)) % CATEGORIES[i]);
  return { kind: "category", name, codes, categories };
}

function rowCase(one: PredictCase): BenchCase {
  return {
    ...one,
    peer: "scikit-learn",
    quality: "accuracy",
    rounds: 5,
    mostSeconds: 5e-6,
    prepare: async (cache) => {
      const files = dataset(cache, one.data);
      const { test, testY } = tables(files);
      const predictor = compilePredictor(await fitted(one, files));
      const rows = rowsOf(test);
      return {
        peerInput: { ...files, model: one.model, trees: TREES, leaves: LEAVES, peerCalls: PEER_CALLS },
        async ours(): Promise<Measured> {
          const started = performance.now();
          for (let i = 0; i < CALLS; i++) predictor.predict(rows[i % rows.length]);
          const seconds = (performance.now() - started) / 1000 / CALLS;
          const asked = rows.slice(0, PEER_CALLS);
          const right = asked.filter((row, i) => Number(predictor.predict(row).value) === testY[i]);
          return { seconds, quality: right.length / PEER_CALLS };
        },
      };
    },
  };
}

function batchCase(one: PredictCase): BenchCase {
  return {
    ...one,
    peer: "scikit-learn",
    quality: "accuracy",
    rounds: 5,
    prepare: async (cache) => {
      const files = dataset(cache, one.data);
      const { test, testY } = tables(files);
      const copies = Math.round(100_000 / test.rows);
      const batch: Table = { rows: test.rows * copies, columns: test.columns.map((column) => repeat(column, copies)) };
      const pipeline = await fitted(one, files);
      return {
        peerInput: { ...files, model: one.model, trees: TREES, leaves: LEAVES, copies },
        async ours(threads): Promise<Measured> {
          const runtime = createRuntime({ threads });
          setDefaultRuntime(runtime);
          const started = performance.now();
          const prediction = pipeline.predict(batch) as Prediction & { kind: "class" };
          const seconds = (performance.now() - started) / 1000;
          runtime.close();
          const right = testY.filter((y, i) => prediction.codes[i] === y);
          return { seconds, quality: right.length / testY.length };
        },
      };
    },
  };
}

async function fitted({ pipeline }: PredictCase, files: DatasetFiles): Promise<FittedPipeline> {
  const { train, trainY } = tables(files);
  const runtime = createRuntime();
  const model = await fitPipeline(pipeline, { table: train, target: classTarget(trainY) }, contextOn(runtime));
  runtime.close();
  return model;
}

function contextOn(runtime: FitContext["runtime"]): FitContext {
  return { runtime, seed: 0, report: async () => {} };
}

/** As a server gets them: one object of named values per row. */
function rowsOf({ rows, columns }: Table): Row[] {
  const numbers = columns as readonly NumberColumn[];
  return Array.from({ length: rows }, (_, i) =>
    Object.fromEntries(numbers.map(({ name, values }) => [name, values[i]])),
  );
}

function repeat(column: Table["columns"][number], copies: number): NumberColumn {
  const { name, values } = column as NumberColumn;
  const all = new Float64Array(values.length * copies);
  for (let k = 0; k < copies; k++) all.set(values, k * values.length);
  return { kind: "number", name, values: all };
}
