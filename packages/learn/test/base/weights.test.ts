// Classes and rows that count unlike, against scikit-learn (bench/peers/weights_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { weightedQuantile } from "../../src/base/quantile.ts";
import {
  ALONE,
  chunkRefusal,
  DecisionTreeClassifier,
  type Estimator,
  ExtraTreesClassifier,
  GradientBoostingClassifier,
  GradientDescentClassifier,
  IsolationForest,
  incrementRefusal,
  LinearSVC,
  LogisticRegression,
  MajorityClassifier,
  MeanRegressor,
  MiniBatchKMeans,
  PassiveAggressiveClassifier,
  Perceptron,
  type Prediction,
  RandomForestClassifier,
  rocAuc,
  SVC,
  takeRows,
  takeTarget,
} from "../../src/index.ts";
import { unpackVectors, valuesOfRows } from "../../src/svm/support-vectors.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import fixture from "../fixtures/weights.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const cancer = example("breast_cancer", true);
const diagnosis = classTargetOf(cancer);
const [wine, iris, diabetes] = [example("wine", true), example("iris", true), example("diabetes", true)];
const weightsOf = (rows: number) => Float64Array.from({ length: rows }, (_, i) => 0.5 + (i % 3));
const heavy = { classWeight: ["benign=0.4", "malignant=3"] };
const balanced = { classWeight: ["balanced"] };

interface Planes extends Estimator {
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
}
async function plane(model: Planes, weights?: Float64Array) {
  await model.fit(cancer.table, diagnosis, { ...context, weights });
  return [...model.coefficients, ...model.intercepts];
}
function numbersOf(prediction: Prediction): Float64Array {
  if (prediction.kind === "number") return prediction.values;
  throw new Error("not numbers");
}

describe("class weights have scikit-learn's coefficients", () => {
  const { linear } = fixture;
  const newton = { c: 0.5, solver: "newton-cg", tolerance: 1e-12 } as const;
  const steps = { epochs: 2, tolerance: null, shuffle: false };

  it("in LogisticRegression to 1e-6, balanced, with weights of rows too, and by name", async () => {
    const { logistic } = linear;
    expect(distance(await plane(new LogisticRegression({ ...newton, ...balanced })), logistic.balanced)).toBeLessThan(
      1e-6,
    );
    const both = await plane(new LogisticRegression({ ...newton, ...balanced }), weightsOf(cancer.table.rows));
    expect(distance(both, logistic["balanced, weighted"])).toBeLessThan(1e-6);
    expect(distance(await plane(new LogisticRegression({ ...newton, ...heavy })), logistic.named)).toBeLessThan(1e-6);
    const three = await new LogisticRegression({ ...newton, ...balanced }).fit(
      wine.table,
      classTargetOf(wine),
      context,
    );
    expect(distance([...three.coefficients, ...three.intercepts], logistic["three classes"])).toBeLessThan(1e-6);
  });

  it.each(["hinge", "squaredHinge"] as const)("in LinearSVC with %s, to 1e-4 as its rows are float32", async (loss) => {
    const params = { c: 0.5, loss, tolerance: 1e-8, maxIterations: 100_000, calibrationFolds: 0, ...heavy };
    expect(distance(await plane(new LinearSVC(params)), linear.margins[loss])).toBeLessThan(1e-4);
  });

  it("in Perceptron, PassiveAggressiveClassifier and GradientDescentClassifier, step by step", async () => {
    expect(distance(await plane(new Perceptron({ ...steps, ...heavy })), linear.perceptron)).toBeLessThan(1e-9);
    const aggressive = new PassiveAggressiveClassifier({ ...steps, c: 0.05, ...heavy });
    expect(distance(await plane(aggressive), linear.aggressive)).toBeLessThan(1e-9);
    const rate = { schedule: "constant", learningRate: 0.01, l2: 0.001 } as const;
    const descent = new GradientDescentClassifier({ ...steps, epochs: 3, method: "sgd", ...rate, ...balanced });
    expect(distance(await plane(descent), linear.descent)).toBeLessThan(1e-6);
  });

  it("and decision values in SVC, to 1e-3 as its kernel is float32", async () => {
    const model = new SVC({ c: 0.7, tolerance: 1e-7, calibrationFolds: 0, ...heavy });
    await model.fit(cancer.table, diagnosis, context);
    const columns = cancer.table.columns.map((column) => (column as { values: Float64Array }).values);
    const machines = unpackVectors(model.getState(), "SVC", { features: columns.length, machines: 1 });
    const values = valuesOfRows(machines, { columns, count: cancer.table.rows }, runtime);
    // scikit-learn's decisions speak for the second class, ours for the first.
    const ours = values.filter((_, i) => i % 15 === 0).map((value) => -value);
    expect(distance(ours, linear.decisions)).toBeLessThan(1e-3);
  });
});

describe("trees of a class that counts 25 times", () => {
  const classWeight = ["malignant=25"];
  const rows = Uint32Array.from({ length: 360 }, (_, i) => i);
  const part = (of: (row: number) => boolean) => {
    const own = rows.filter(of);
    return { table: takeRows(cancer.table, own), target: takeTarget(diagnosis, own) };
  };
  const [train, test] = [part((row) => row % 3 !== 0), part((row) => row % 3 === 0)];
  const low = { nEstimators: 200, maxDepth: 2, classWeight };

  // Shares and accuracies move by the draws of one seed or another: 0.02 and five rows of 120.
  it.each([
    ["tree", () => new DecisionTreeClassifier({ maxDepth: 3, classWeight }), 1e-9, 1e-9],
    ["forest", () => new RandomForestClassifier(low), 0.02, 5 / 120],
    ["extra", () => new ExtraTreesClassifier(low), 0.02, 5 / 120],
    [
      "boosting",
      () => new GradientBoostingClassifier({ nEstimators: 30, maxLeaves: 8, minSamplesLeaf: 1, classWeight }),
      0.01,
      1e-9,
    ],
  ] as const)("speak for it as much as scikit-learn's: %s", async (name, make, nearShare, nearAccuracy) => {
    const said = (await make().fit(train.table, train.target, context)).predict(test.table);
    if (said.kind !== "class") throw new Error("a classifier predicts classes");
    const share = said.probabilities.filter((_, i) => i % 2 === 1).reduce((sum, p) => sum + p, 0) / test.table.rows;
    const right = said.codes.filter((code, row) => code === test.target.codes[row]).length / test.table.rows;
    const known = fixture.trees[name];
    expect(share).toBeGreaterThan(known.share[0] - nearShare);
    expect(share).toBeLessThan(known.share[1] + nearShare);
    expect(right).toBeGreaterThan(known.accuracy[0] - nearAccuracy);
    expect(right).toBeLessThan(known.accuracy[1] + nearAccuracy);
  });

  it("score the rows that they left out as these are, not as their classes count", async () => {
    const forest = new RandomForestClassifier({ nEstimators: 20, oobScore: true, classWeight });
    const plain = await new RandomForestClassifier({ nEstimators: 20, oobScore: true, classWeight: ["balanced"] }).fit(
      train.table,
      train.target,
      context,
    );
    await forest.fit(train.table, train.target, context);
    // Of 240 rows, so that each is a share of 1 / rows; by class weights it would not be.
    for (const { outOfBag } of [forest, plain]) {
      const right = (outOfBag?.accuracy ?? 0) * train.table.rows;
      expect(Math.abs(right - Math.round(right))).toBeLessThan(1e-6);
    }
  });
});

describe("where classes are weighed", () => {
  const spec = (type: string) => ({ steps: [], estimator: { type, params: { classWeight: ["balanced"] } } });

  it("classifiers do not learn from chunks, and say what hinders them", async () => {
    for (const type of ["GradientDescentClassifier", "Perceptron", "GradientBoostingClassifier"]) {
      expect(chunkRefusal(spec(type))).toContain("`classWeight`");
      expect(incrementRefusal(spec(type))).toContain("`classWeight`");
    }
    await expect(new Perceptron(balanced).beginPartial(cancer.table, diagnosis)).rejects.toMatchObject({
      field: "classWeight",
    });
    const parts = {
      rows: cancer.table.rows,
      parts: async function* () {
        yield { table: cancer.table, target: diagnosis };
      },
    };
    const boosting = new GradientBoostingClassifier(balanced);
    await expect(boosting.fitParts(parts, context)).rejects.toMatchObject({ field: "classWeight" });
  });

  it("`balanced` alone is as good as a list of it", async () => {
    const alone = { classWeight: "balanced" } as unknown as typeof balanced;
    expect(new LogisticRegression(alone).params).toEqual(new LogisticRegression(balanced).params);
  });

  it("ranks refuse, naming the parameter, and a class that is named twice is refused", async () => {
    const communicator = { ...ALONE, size: 2 };
    const fit = new LogisticRegression(balanced).fit(cancer.table, diagnosis, { ...context, communicator });
    await expect(fit).rejects.toMatchObject({ field: "classWeight" });
    const twice = new LogisticRegression({ classWeight: ["benign=1", "benign=2"] });
    await expect(twice.fit(cancer.table, diagnosis, context)).rejects.toThrow("names a class twice");
  });
});

describe("rows of unlike weight", () => {
  const { baselines, isolation, batches } = fixture;

  it.each(["mean", "median"] as const)("give MeanRegressor scikit-learn's %s", async (strategy) => {
    const target = numberTargetOf(diabetes);
    for (const weights of [undefined, weightsOf(diabetes.table.rows)]) {
      const model = await new MeanRegressor({ strategy }).fit(diabetes.table, target, { ...context, weights });
      const [value] = numbersOf(model.predict(diabetes.table));
      const known = baselines[weights === undefined ? strategy : (`${strategy}, weighted` as const)];
      expect(Math.abs(value - known)).toBeLessThan(1e-9);
    }
  });

  it("give MajorityClassifier scikit-learn's shares", async () => {
    const weights = Float64Array.from({ length: 150 }, (_, i) => 1 + (i % 4) * 0.5);
    const model = await new MajorityClassifier().fit(iris.table, classTargetOf(iris), { ...context, weights });
    const said = model.predict(iris.table);
    expect(said.kind === "class" && distance(said.probabilities.subarray(0, 3), baselines.shares)).toBeLessThan(1e-12);
  });

  it("make IsolationForest find cells that weigh little as unusual as scikit-learn's does", async () => {
    const actual = Int32Array.from(cancer.labels, (label) => (label === "malignant" ? 1 : 0));
    const weights = Float64Array.from(actual, (rare) => (rare === 1 ? 0.05 : 1));
    const model = new IsolationForest();
    const scores = numbersOf((await model.fit(cancer.table, undefined, { ...context, weights })).predict(cancer.table));
    const probabilities = Float64Array.from([...scores].flatMap((score) => [1 - score, score]));
    expect(rocAuc({ actual, probabilities, classes: 2 })).toBeGreaterThan(Math.min(...isolation.aucs) - 0.01);
    const share = scores.filter((score) => score > 0).length / scores.length;
    expect(share).toBeGreaterThan(Math.min(...isolation.shares) - 0.03);
    expect(share).toBeLessThan(Math.max(...isolation.shares) + 0.03);
  });

  it("cut the scores of IsolationForest at their share of the weight, and leave rows of weight 0 out", async () => {
    const weights = Float64Array.from({ length: cancer.table.rows }, (_, i) => i % 4);
    const forest = new IsolationForest({ contamination: 0.1, nEstimators: 30 });
    await forest.fit(cancer.table, undefined, { ...context, weights });
    const scores = numbersOf(forest.predict(cancer.table));
    const sum = (of: (row: number) => boolean) => weights.reduce((all, weight, row) => all + (of(row) ? weight : 0), 0);
    expect(sum((row) => scores[row] > 0) / sum(() => true)).toBeCloseTo(0.1, 2);
    const kept = Uint32Array.from(weights.keys()).filter((row) => weights[row] > 0);
    const alone = new IsolationForest({ contamination: 0.1, nEstimators: 30 });
    const own = kept.map((row) => weights[row]);
    await alone.fit(takeRows(cancer.table, kept), undefined, { ...context, weights: Float64Array.from(own) });
    expect(alone.getState().tensors).toEqual(forest.getState().tensors);
  });

  it("pull the centres of MiniBatchKMeans as near as scikit-learn's come", async () => {
    const digits = example("digits", false).table;
    const weights = weightsOf(digits.rows);
    const model = new MiniBatchKMeans({ clusters: 10, batchSize: 256, epochs: 30 });
    const said = (await model.fit(digits, undefined, { ...context, weights })).predict(digits);
    if (said.kind !== "cluster") throw new Error("a clusterer predicts clusters");
    let [squares, total] = [0, 0];
    for (const [row, weight] of weights.entries()) {
      squares += weight * said.distances[row * 10 + said.codes[row]] ** 2;
      total += weight;
    }
    expect(squares / total).toBeLessThan(Math.max(...batches));
  });

  it("have quantiles as if they were there as often", () => {
    const [values, weights] = [Float64Array.of(5, 1, 3), Float64Array.of(1, 1, 1)];
    expect([0, 0.25, 0.5, 1].map((share) => weightedQuantile(values, weights, share))).toEqual([1, 2, 3, 5]);
    expect(weightedQuantile(values, Float64Array.of(0, 1, 0), 0.9)).toBe(1);
    expect(weightedQuantile(values, Float64Array.of(8, 1, 0), 0.5)).toBe(5);
  });
});
