// Trees against XGBoost and LightGBM at equal leaves, trees and bins, on a real table and on a binary one of 250k rows,
// and forests against LightGBM's. Both sides read the same float32 rows.
import { readFileSync } from "node:fs";
import path from "node:path";
import { Random } from "@massif/learn";
import type { BenchCase } from "../case.ts";
import type { DatasetShape } from "../dataset.ts";
import { accuracy, auc, type FitCase, fitCase, meanSquaredError } from "./fit-case.ts";

const TREES = 100;
const LEAVES = 31;
/** Rows on either side of a forest's splits: without such a limit LightGBM, which grows leaf by leaf, takes minutes. */
const LEAF_ROWS = 20;

const GRADES: Readonly<Record<string, readonly string[]>> = {
  cut: ["Fair", "Good", "Very Good", "Premium", "Ideal"],
  color: ["J", "I", "H", "G", "F", "E", "D"],
  clarity: ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
};

/** Steps, a threshold, two interactions and a slope; columns from 10 on say nothing. */
const steps = (row: Float32Array, noise: () => number) =>
  Math.floor(row[0]) +
    (row[1] > 0.5 ? 1 : 0) +
    row[2] * row[3] +
    Math.abs(row[4]) -
    row[5] +
    0.5 * row[6] * row[7] +
    noise() >
  1
    ? 1
    : 0;

const binary: DatasetShape = { name: "binary", rows: 275_000, columns: 30, test: 25_000, target: steps };

const interactions = (row: Float32Array, noise: () => number) =>
  Math.sin(row[0] * row[1]) + row[2] * row[3] + 0.5 * row[4] + 0.5 * noise() > 0 ? 1 : 0;

const forest: DatasetShape = { name: "forest", rows: 60_000, columns: 20, test: 10_000, target: interactions };

const boosting = {
  rounds: 3,
  target: 0.9,
  params: { nEstimators: TREES, learningRate: 0.1, maxLeaves: LEAVES, l2: 1, minSamplesLeaf: LEAF_ROWS },
  peerSettings: { trees: TREES, leaves: LEAVES, rate: 0.1 },
} as const;

const onDiamonds = {
  ...boosting,
  title: `gradient boosting of real prices, ${TREES} trees of ${LEAVES} leaves, 255 bins, 48.5k x 9`,
  quality: "MSE",
  data: diamondsShape(),
  estimator: "GradientBoostingRegressor",
  score: meanSquaredError,
} as const;

const onBinary = {
  ...boosting,
  title: `gradient boosting of two classes, ${TREES} trees of ${LEAVES} leaves, 255 bins, 250k x 30`,
  quality: "AUC",
  data: binary,
  estimator: "GradientBoostingClassifier",
  score: auc,
} as const;

const CASES: readonly FitCase[] = [
  { ...onDiamonds, name: "diamonds-xgboost", peer: "xgboost" },
  { ...onDiamonds, name: "diamonds-lightgbm", peer: "lightgbm" },
  { ...onBinary, name: "binary-xgboost", peer: "xgboost" },
  { ...onBinary, name: "binary-lightgbm", peer: "lightgbm" },
  {
    name: "forest-lightgbm",
    title: `random forest, ${TREES} trees, at least ${LEAF_ROWS} rows per leaf, 50k x 20 (peer: its rf mode)`,
    peer: "lightgbm",
    target: 1,
    quality: "accuracy",
    rounds: 3,
    data: forest,
    estimator: "RandomForestClassifier",
    params: { nEstimators: TREES, minSamplesLeaf: LEAF_ROWS },
    peerSettings: { trees: TREES, leafRows: LEAF_ROWS },
    score: accuracy,
  },
];

export const TREE_CASES: readonly BenchCase[] = CASES.map(fitCase);

// Internal

/** `examples/data/diamonds.csv` in a drawn order, its grades as numbers; the last tenth is held out. */
function diamondsShape(): DatasetShape {
  const features = ["carat", "cut", "color", "clarity", "depth", "table", "x", "y", "z"];
  let rows: readonly Readonly<Record<string, number>>[] | undefined;
  const rowAt = (index: number): Readonly<Record<string, number>> => {
    rows ??= readDiamonds();
    return rows[index];
  };
  return {
    name: "diamonds",
    rows: 53_940,
    columns: features.length,
    test: 5_394,
    fill: (row, index) => row.set(features.map((name) => rowAt(index)[name])),
    target: (_row, _noise, index) => rowAt(index).price,
  };
}

function readDiamonds(): Readonly<Record<string, number>>[] {
  const csv = path.join(import.meta.dirname, "../../examples/data/diamonds.csv");
  const lines = readFileSync(csv, "utf8").trim().replaceAll('"', "").split("\n");
  const [names, ...cells] = lines.map((line) => line.split(","));
  const numberOf = (text: string, name: string): number => GRADES[name]?.indexOf(text) ?? Number(text);
  const rows = cells.map((row) => Object.fromEntries(names.map((name, c) => [name, numberOf(row[c], name)])));
  return Array.from(new Random(1).permutation(rows.length), (row) => rows[row]);
}
