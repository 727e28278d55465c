import { createRuntime } from "@massif/kernels";
import { describe, expect, it } from "vitest";
import { cutScore } from "../../src/base/contamination.ts";
import { Random } from "../../src/base/random.ts";
import {
  crossValidate,
  evaluate,
  type FitContext,
  fitPipeline,
  IsolationForest,
  LocalOutlierFactor,
  permutationImportance,
  rocAuc,
  separation,
  type Table,
  takeRows,
} from "../../src/index.ts";
import { compilePredictor } from "../../src/model/predictor.ts";
import { meanPath } from "../../src/outliers/isolation-tree.ts";
import { distance, example } from "../example-data.ts";
import reference from "../fixtures/outliers.json" with { type: "json" };

const context: FitContext = { runtime: createRuntime({ threads: 1 }), seed: 0, report: async () => {} };
const { table, labels } = example("breast_cancer", true);
const numbers = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

function scores(detector: IsolationForest | LocalOutlierFactor, rows: Table = table): Float64Array {
  const prediction = detector.predict(rows);
  if (prediction.kind !== "number") throw new Error("a detector predicts scores");
  return prediction.values;
}

describe("LocalOutlierFactor", () => {
  const [train, test] = [takeRows(table, numbers(0, 400)), takeRows(table, numbers(400, table.rows))];

  it.each([
    ["own", {}],
    ["share", { contamination: 0.1, k: 7 }],
  ] as const)("scores new rows as scikit-learn does within 1e-9, threshold %s", async (name, params) => {
    const detector = await new LocalOutlierFactor(params).fit(train, undefined, context);
    expect(distance(scores(detector, test), reference.lof[name])).toBeLessThan(1e-9);
  });

  it("takes all other rows as neighbours when there are fewer than k, and refuses a single row", async () => {
    const few = takeRows(table, numbers(0, 5));
    expect(scores(await new LocalOutlierFactor().fit(few, undefined, context), few)).toHaveLength(5);
    const one = takeRows(table, numbers(0, 1));
    await expect(new LocalOutlierFactor().fit(one, undefined, context)).rejects.toThrow("at least 2 rows");
  });
});

describe("IsolationForest", () => {
  it("finds malignant cells as unusual as scikit-learn's does, by AUC and share of outliers", async () => {
    const { rare, aucs, shares } = reference.forest;
    const actual = Int32Array.from(labels, (label) => (label === rare ? 1 : 0));
    const found = await Promise.all(
      [0, 1, 2].map(async (seed) => {
        const values = scores(await new IsolationForest().fit(table, undefined, { ...context, seed }));
        const probabilities = Float64Array.from([...values].flatMap((score) => [1 - score, score]));
        return { auc: rocAuc({ actual, probabilities, classes: 2 }), share: shareAbove(values) };
      }),
    );
    const [low, high] = [Math.min(...aucs) - 0.03, Math.max(...aucs) + 0.03];
    for (const { auc, share } of found) {
      expect(auc).toBeGreaterThan(low);
      expect(auc).toBeLessThan(high);
      expect(share).toBeGreaterThan(Math.min(...shares) - 0.03);
      expect(share).toBeLessThan(Math.max(...shares) + 0.03);
    }
  });

  it("scores by the formula of the paper over paths walked one by one", async () => {
    const forest = await new IsolationForest({ nEstimators: 7, maxSamples: 40 }).fit(table, undefined, context);
    const { tensors } = forest.getState();
    const [starts, features, values, rights] = ["starts", "features", "values", "rights"].map((n) => tensors[n].data);
    const reached = (tree: number, own: (j: number) => number) => {
      let node = starts[tree];
      for (let depth = 0; ; depth++) {
        if (features[node] < 0) return { depth, length: values[node] };
        node = own(features[node]) > values[node] ? rights[node] : node + 1;
      }
    };
    const all = scores(forest);
    for (let row = 0; row < table.rows; row += 50) {
      const column = (j: number) => (table.columns[j] as { values: Float64Array }).values[row];
      const paths = Array.from({ length: 7 }, (_, tree) => reached(tree, column));
      for (const { depth, length } of paths) {
        expect(length).toBeGreaterThanOrEqual(depth);
        expect(length - depth === 0 || length - depth >= 1).toBe(true);
        expect(depth).toBeLessThanOrEqual(Math.ceil(Math.log2(40)));
      }
      const mean = paths.reduce((sum, { length }) => sum + length, 0) / 7;
      expect(all[row]).toBeCloseTo(2 ** (-mean / meanPath(40)) - 0.5, 12);
    }
  });

  it("knows the mean path lengths of unsuccessful searches: 2 (H(n-1) - (n-1)/n), with ln + γ for H", () => {
    expect([0, 1, 2].map(meanPath)).toEqual([0, 0, 1]);
    let harmonic = 0;
    for (let i = 1; i < 256; i++) harmonic += 1 / i;
    expect(Math.abs(meanPath(256) - (2 * harmonic - (2 * 255) / 256))).toBeLessThan(0.005);
  });

  it("calls the wanted share of the training rows outliers", async () => {
    const forest = await new IsolationForest({ contamination: 0.1 }).fit(table, undefined, context);
    expect(shareAbove(scores(forest))).toBeCloseTo(0.1, 2);
  });

  it("refuses a state whose nodes lead outside of their tree", async () => {
    const forest = await new IsolationForest({ nEstimators: 2 }).fit(table, undefined, context);
    const state = forest.getState();
    const features = (state.tensors.features.data as Int32Array).map((feature) => (feature < 0 ? feature : 99));
    const damaged = { ...state, tensors: { ...state.tensors, features: { shape: [features.length], data: features } } };
    expect(() => new IsolationForest().setState(damaged)).toThrow("leads nowhere");
  });
});

describe("outliers", () => {
  it("are told of row by row, with a score and a verdict", async () => {
    const pipeline = await fitPipeline({ steps: [], estimator: { type: "IsolationForest" } }, { table }, context);
    expect(pipeline.output).toEqual({ kind: "score", name: "score" });
    const row = Object.fromEntries(table.columns.map(({ name }) => [name, 9]));
    const answer = compilePredictor(pipeline).predict(row);
    expect(answer).toMatchObject({ kind: "score", outlier: true });
    expect(answer.value).toBeGreaterThan(0);
  });

  it("are judged by their share, scores and separation; folds judge rows that were not learned from", async () => {
    const spec = { steps: [], estimator: { type: "IsolationForest", params: { nEstimators: 20 } } };
    const { mean, prediction } = await crossValidate(spec, { table }, { ...context, folds: 3 });
    expect(prediction.kind === "number" && prediction.values.length).toBe(table.rows);
    expect(mean.separation).toBeGreaterThan(1.5);
    expect(Object.keys(mean)).toEqual([
      "separation",
      "outlierShare",
      "scoreMedian",
      "scoreP90",
      "scoreP99",
      "scoreMax",
    ]);
    const none = evaluate("outliers", undefined, { kind: "number", values: Float64Array.of(-1, -2) });
    expect(none).toEqual({ outlierShare: 0, scoreMedian: -1.5, scoreP90: -1.1, scoreP99: -1.01, scoreMax: -1 });
  });

  it("are separate when they are far from other rows, and not when drawn at random", () => {
    const random = new Random(3);
    const values = Float64Array.from({ length: 300 }, (_, i) => random.normal() + (i % 30 === 0 ? i + 9 : 0));
    const far = Float64Array.from(values, (_, i) => (i % 30 === 0 ? 1 : -1));
    const chance = Float64Array.from(values, () => random.uniform() - 0.9);
    expect(separation([values], far)).toBeGreaterThan(10);
    expect(separation([new Float64Array(values.length).map(() => random.normal())], chance)).toBeLessThan(3);
    expect(separation([values], new Float64Array(300))).toBeNaN();
  });

  it("cannot be had with a target, nor weighed by importance", async () => {
    const { table: rows } = { table };
    const target = { kind: "number", name: "y", values: new Float64Array(table.rows) } as const;
    const spec = { steps: [], estimator: { type: "IsolationForest" } };
    await expect(fitPipeline(spec, { table: rows, target }, context)).rejects.toThrow("learns without a target");
    const pipeline = await fitPipeline(spec, { table }, context);
    expect(() => permutationImportance(pipeline, { table, target })).toThrow("measured against a target");
  });

  it("are cut where the wanted share lies above", () => {
    expect(cutScore(Float64Array.of(4, 1, 3, 2, 5), 0.25)).toBe(4);
  });
});

function shareAbove(values: Float64Array): number {
  return values.reduce((count, score) => count + (score > 0 ? 1 : 0), 0) / values.length;
}
