// Margins, clusters, components and text against scikit-learn. Both sides read the same float32 rows or the same texts.
import { readFileSync } from "node:fs";
import path from "node:path";
import { createRuntime } from "@massif/kernels";
import {
  type FitContext,
  KMeans,
  KNeighborsClassifier,
  type NumberColumn,
  PCA,
  Random,
  type Table,
  TfidfVectorizer,
} from "@massif/learn";
import type { BenchCase, Measured, Prepared } from "../case.ts";
import { classTarget, type DatasetShape, dataset, tables } from "../dataset.ts";
import { accuracy, fitCase, meanSquaredError } from "./fit-case.ts";

const interactions = (row: Float32Array, noise: () => number) =>
  Math.sin(row[0] * row[1]) + row[2] * row[3] + 0.5 * row[4] + 0.5 * noise() > 0 ? 1 : 0;

const curved: DatasetShape = { name: "curved", rows: 12_000, columns: 20, test: 2_000, target: interactions };
const flat: DatasetShape = {
  name: "flat",
  rows: 110_000,
  columns: 50,
  test: 10_000,
  target: (row, noise) => (row.reduce((sum, x, i) => sum + x * (((i % 7) - 3) / 8), 0.2) + noise() > 0 ? 1 : 0),
};
const points: DatasetShape = { name: "points", rows: 201_000, columns: 20, test: 1_000, target: () => 0 };

const sparse = (row: Float32Array, noise: () => number) =>
  row.subarray(0, 20).reduce((sum, x, i) => sum + x * (((i % 7) - 3) / 2), 1) + noise();

const tall: DatasetShape = { name: "sparse-tall", rows: 110_000, columns: 100, test: 10_000, target: sparse };
const wide: DatasetShape = { name: "sparse-wide", rows: 1_000, columns: 5_000, test: 500, target: sparse };

/** Rows about a surface of few dimensions, as pictures and embeddings are. */
const surface: DatasetShape = {
  name: "surface",
  rows: 32_000,
  columns: 50,
  test: 2_000,
  fill(row, index) {
    const random = new Random(index);
    const hidden = Array.from({ length: 8 }, () => random.normal());
    for (let j = 0; j < row.length; j++) {
      row[j] = Math.sin(hidden[j % 8] + j) + hidden[(j * 3 + 1) % 8] + 0.1 * random.normal();
    }
  },
  target: (row, noise) => (row[0] * row[1] + row[2] + 0.3 * noise() > 0 ? 1 : 0),
};

const CLUSTERS = 20;
const ITERATIONS = 30;
const COMPONENTS = 10;
const TERMS = 1000;
/** Rows asked for one at a time. */
const ASKED = 500;
/** The 960 passages so many times over. */
const COPIES = 20;

export const WIDER_CASES: readonly BenchCase[] = [
  fitCase({
    name: "svc-rbf",
    title: "support vector machine, RBF kernel, 10k x 20",
    peer: "scikit-learn",
    target: 0.35,
    quality: "accuracy",
    rounds: 3,
    data: curved,
    estimator: "SVC",
    params: { calibrationFolds: 0 },
    peerSettings: {},
    score: accuracy,
  }),
  fitCase({
    name: "linear-svm",
    title: "linear support vector machine, squared hinge, 100k x 50 (peer chooses its own solver)",
    peer: "scikit-learn",
    target: 0.2,
    quality: "accuracy",
    rounds: 3,
    data: flat,
    estimator: "LinearSVC",
    params: { calibrationFolds: 0 },
    peerSettings: {},
    score: accuracy,
  }),
  ...[
    { name: "lasso", data: tall, title: "lasso by coordinate descent, 100k x 100" },
    { name: "lasso-wide", data: wide, title: "lasso by coordinate descent, 500 x 5000" },
  ].map((one) =>
    fitCase({
      ...one,
      peer: "scikit-learn",
      target: 0.7,
      quality: "MSE",
      rounds: 3,
      estimator: "Lasso",
      params: { alpha: 0.05 },
      peerSettings: { alpha: 0.05 },
      score: meanSquaredError,
    }),
  ),
  {
    name: "k-means",
    title: `k-means, ${CLUSTERS} clusters, ${ITERATIONS} iterations from one start, 200k x 20`,
    peer: "scikit-learn",
    target: 0.5,
    quality: "inertia",
    rounds: 3,
    prepare: async (cache) =>
      onPoints(cache, { clusters: CLUSTERS, iterations: ITERATIONS }, async (train, context) => {
        const params = { clusters: CLUSTERS, starts: 1, maxIterations: ITERATIONS, tolerance: 0 };
        const model = await new KMeans(params).fit(train, undefined, context);
        return Number(model.getState().meta.inertia);
      }),
  },
  {
    name: "pca",
    title: `principal components, ${COMPONENTS} of 20 columns, 200k rows`,
    peer: "scikit-learn",
    target: 1,
    quality: "explained share",
    rounds: 3,
    prepare: async (cache) =>
      onPoints(cache, { components: COMPONENTS }, async (train, context) => {
        const pca = await new PCA({ components: COMPONENTS }).fit(train, undefined, context);
        return pca.explainedShares.reduce((sum, share) => sum + share, 0);
      }),
  },
  {
    name: "knn-hnsw",
    title:
      "10 nearest neighbours, 500 rows asked one at a time of 30k x 50, by a graph that is there (peer by brute force)",
    peer: "scikit-learn",
    target: 0.3,
    quality: "accuracy",
    rounds: 3,
    prepare: async (cache) => onGraph(cache),
  },
  {
    name: "tf-idf",
    title: `TF-IDF of ${960 * COPIES} passages, ${TERMS} terms (ours dense, the peer's sparse)`,
    peer: "scikit-learn",
    target: 0.7,
    quality: "sum",
    rounds: 3,
    prepare: async () => onTexts(),
  },
];

// Internal

async function onPoints(
  cache: string,
  settings: Readonly<Record<string, number>>,
  learn: (train: Table, context: FitContext) => Promise<number>,
): Promise<Prepared> {
  const files = dataset(cache, points);
  const { train } = tables(files);
  return {
    peerInput: { ...files, ...settings },
    ours: (threads) => timed(threads, (context) => learn(train, context)),
  };
}

/** The graph is made once: who asks for it asks many times. */
async function onGraph(cache: string): Promise<Prepared> {
  const files = dataset(cache, surface);
  const { train, test, trainY, testY } = tables(files);
  const runtime = createRuntime({ threads: 1 });
  const model = new KNeighborsClassifier({ k: 10, algorithm: "hnsw" });
  await model.fit(train, classTarget(trainY), { runtime, seed: 0, report: async () => {} });
  runtime.close();
  const columns = test.columns.map(({ name }, slot) => ({ kind: "number" as const, name, slot }));
  const rows = Array.from({ length: ASKED }, (_, i) =>
    Float64Array.from(test.columns, (column) => (column as NumberColumn).values[i]),
  );
  const truth = classTarget(testY).codes;
  return {
    peerInput: { ...files, k: 10, asked: ASKED },
    ours: (threads) =>
      timed(threads, async () => {
        const [predict, out] = [model.compileRow(columns), new Float64Array(2)];
        let right = 0;
        for (const [i, row] of rows.entries()) {
          predict(row, out);
          if ((out[1] > out[0] ? 1 : 0) === truth[i]) right++;
        }
        return right / ASKED;
      }),
  };
}

function onTexts(): Prepared {
  const csv = path.join(import.meta.dirname, "../../examples/data/speeches.csv");
  const lines = readFileSync(csv, "utf8").trim().split("\n").slice(1);
  const passages = lines.map((line) => line.slice(1, line.lastIndexOf('",')).replaceAll('""', '"'));
  const values = Array.from({ length: COPIES }, () => passages).flat();
  const table: Table = { rows: values.length, columns: [{ kind: "text", name: "t", values }] };
  return {
    peerInput: { csv, copies: COPIES, terms: TERMS },
    ours: (threads) =>
      timed(threads, async (context) => {
        const { columns } = await new TfidfVectorizer({ maxFeatures: TERMS }).fitTransform(table, undefined, context);
        let sum = 0;
        for (const column of columns) {
          if (column.kind === "number") for (let i = 0; i < column.values.length; i++) sum += column.values[i];
        }
        return sum;
      }),
  };
}

async function timed(threads: number, work: (context: FitContext) => Promise<number>): Promise<Measured> {
  const runtime = createRuntime({ threads });
  const started = performance.now();
  const quality = await work({ runtime, seed: 0, report: async () => {} });
  const seconds = (performance.now() - started) / 1000;
  runtime.close();
  return { seconds, quality };
}
