// Metrics, splits, intervals and tests against scikit-learn's and SciPy's on the same rows.
import { describe, expect, it } from "vitest";
import { normalBelow, normalQuantile, studentBeyond } from "../../src/base/distributions.ts";
import * as learn from "../../src/index.ts";
import reference from "../fixtures/evaluation.json" with { type: "json" };

const TOLERANCE = 1e-12;

function close(actual: number, expected: number, tolerance = TOLERANCE): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );
}

describe("regression figures", () => {
  const y = Float64Array.from(reference.regression.actual);
  const p = Float64Array.from(reference.regression.predicted);
  const figures: Record<string, (argument: number) => number> = {
    tweedie: (power) => learn.tweedieDeviance(y, p, power),
    d2Tweedie: (power) => learn.d2Tweedie(y, p, power),
    pinball: (share) => learn.pinballLoss(y, p, share),
    d2Pinball: (share) => learn.d2Pinball(y, p, share),
    rmsle: () => learn.rootMeanSquaredLogError(y, p),
    d2Absolute: () => learn.d2AbsoluteError(y, p),
  };

  it.each(Object.entries(reference.regression.expected))("%s is scikit-learn's", (name, expected) => {
    const [figure, argument] = name.split(" ");
    close(figures[figure](Number(argument)), expected);
  });

  it("are not defined outside their distribution", () => {
    const [zero, one] = [Float64Array.of(0, 1), Float64Array.of(1, 1)];
    expect(learn.gammaDeviance(zero, one)).toBeNaN();
    expect(learn.poissonDeviance(one, zero)).toBeNaN();
    expect(learn.tweedieDeviance(one, one, 0.5)).toBeNaN();
    expect(learn.rootMeanSquaredLogError(Float64Array.of(-1), Float64Array.of(1))).toBeNaN();
  });
});

describe.each(Object.entries(reference.classification))("figures of classes on %s", (_, example) => {
  const classes = Array.from({ length: example.classes }, (_, k) => String(k));
  const actual = Int32Array.from(example.actual);
  const rows = { actual, probabilities: Float64Array.from(example.probabilities), classes: example.classes };
  const matrix = learn.confusionMatrix(actual, Int32Array.from(example.predicted), classes);
  const figures: Record<string, (a: never, b: never) => number> = {
    fBeta: (beta, average) => learn.fBeta(matrix, { beta: Number(beta), average }),
    jaccard: (average) => learn.jaccard(matrix, average),
    kappa: (weights) => learn.cohenKappa(matrix, weights),
    auc: (multi, average) => learn.multiclassAuc(rows, { multi, average }),
    topK: (k) => learn.topKAccuracy(rows, Number(k)),
    averagePrecision: () => learn.meanAveragePrecision(rows),
    hinge: () => learn.hingeLoss(actual, Float64Array.from(example.decisions)),
    brier: () => learn.brierScore(rows),
  };

  it.each(Object.entries(example.expected))("%s is scikit-learn's", (name, expected) => {
    const [figure, ...arguments_] = name.split(" ");
    close(figures[figure](arguments_[0] as never, arguments_[1] as never), expected as number);
  });
});

describe("figures of many labels", () => {
  const { labels, expected, ...given } = reference.multilabel;
  const actual = Uint8Array.from(given.actual);
  const sets = { actual, predicted: Uint8Array.from(given.predicted), labels };
  const scored = { actual, scores: Float64Array.from(given.scores), labels };

  it("are scikit-learn's", () => {
    close(learn.hammingLoss(sets), expected.hamming);
    close(learn.subsetAccuracy(sets), expected.subset);
    close(learn.labelRankingAveragePrecision(scored), expected.lrap);
    close(learn.coverageError(scored), expected.coverage);
    close(learn.labelRankingLoss(scored), expected.rankingLoss);
  });
});

describe("figures of rankings", () => {
  const { relevance, scores, expected } = reference.ranking;
  const query = (from: number) => (own: number[], i: number) => ({
    relevance: Float64Array.from(own, (value) => Math.max(0, value - from)),
    scores: Float64Array.from(scores[i]),
  });
  const graded = relevance.map(query(0));
  const plain = relevance.map(query(1));
  const figures: Record<string, (k: number | undefined) => number> = {
    dcg: (k) => learn.meanOverQueries(graded, (one) => learn.dcg(one, k)),
    ndcg: (k) => learn.meanOverQueries(graded, (one) => learn.ndcg(one, k)),
    mrr: () => learn.meanOverQueries(plain, learn.reciprocalRank),
    precision: (k = 1) => learn.meanOverQueries(plain, (one) => learn.precisionAt(one, k)),
    recall: (k = 1) => learn.meanOverQueries(plain, (one) => learn.recallAt(one, k)),
    map: (k = 1) => learn.meanOverQueries(plain, (one) => learn.averagePrecisionAt(one, k)),
  };

  it.each(Object.entries(expected))("%s is the reference's", (name, value) => {
    const [figure, k] = name.split(" ");
    close(figures[figure](k === undefined || k === "None" ? undefined : Number(k)), value);
  });
});

describe("splits", () => {
  const { splits } = reference;
  const [groups, codes] = [Int32Array.from(splits.groups), Int32Array.from(splits.codes)];
  const plain = (rows: Uint32Array) => [...rows];

  it("keep groups together as scikit-learn does", () => {
    expect(learn.groupKFold(groups, { folds: 4 }).map(({ test }) => plain(test))).toEqual(splits.groupKFold);
    const stratified = learn.stratifiedGroupKFold(codes, groups, { folds: 3 });
    expect(stratified.map(({ test }) => plain(test))).toEqual(splits.stratifiedGroupKFold);
    for (const { train, test } of stratified) {
      const seen = new Set(Array.from(train, (row) => groups[row]));
      expect(test.some((row) => seen.has(groups[row]))).toBe(false);
    }
  });

  it("keep time in order as scikit-learn does", () => {
    const found = learn.timeSeriesSplit(60, { folds: 4, gap: 2, testRows: 5, maxTrainRows: 30 });
    expect(found.map(({ train, test }) => ({ train: plain(train), test: plain(test) }))).toEqual(splits.timeSeries);
    expect(learn.timeSeriesSplit(60, { folds: 7 }).map(({ train }) => train.length)).toEqual(splits.timeSeriesPlain);
    const times = Float64Array.of(5, 3, 9, 1, 7, 2);
    for (const { train, test } of learn.timeOrderedSplit(times, { folds: 2 })) {
      expect(Math.max(...train.map((row) => times[row]))).toBeLessThan(Math.min(...test.map((row) => times[row])));
    }
  });

  it("repeat folds with other shuffles, and shuffle as often as asked", () => {
    const repeated = learn.repeatedKFold(20, { folds: 4, repeats: 3, seed: 1 });
    expect(repeated).toHaveLength(12);
    expect(repeated[0].test).not.toEqual(repeated[4].test);
    expect(learn.repeatedStratifiedKFold(codes, { folds: 4, repeats: 2, seed: 1 })).toHaveLength(8);
    const shuffled = learn.shuffleSplit(20, { splits: 3, testShare: 0.25, seed: 1 });
    expect(shuffled.map(({ test }) => test.length)).toEqual([5, 5, 5]);
    expect(learn.leaveOneOut(4).map(({ test }) => plain(test))).toEqual([[0], [1], [2], [3]]);
  });

  it("refuse what cannot be, naming the field", () => {
    expect(() => learn.groupKFold(Int32Array.of(1, 1, 2), { folds: 3 })).toThrow(/from 2 to the 2 groups, got 3/);
    expect(() => learn.stratifiedGroupKFold(codes, Int32Array.of(1), { folds: 2 })).toThrow(learn.ParamError);
    expect(() => learn.timeSeriesSplit(5, { folds: 5 })).toThrow(/`testRows`/);
    expect(() => learn.timeSeriesSplit(10, { folds: 3, testRows: 4 })).toThrow(/need at least 13 rows, got 10/);
    expect(() => learn.leaveOneOut(1)).toThrow(learn.ParamError);
    expect(() => learn.repeatedKFold(9, { folds: 3, repeats: 0, seed: 1 })).toThrow(/`repeats`/);
  });
});

describe("intervals", () => {
  const values = Float64Array.from(reference.intervals.values);
  const mean = (rows: Uint32Array) => rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
  const median = (rows: Uint32Array) => {
    const sorted = Float64Array.from(rows, (row) => values[row]).sort();
    return (sorted[(rows.length - 1) >> 1] + sorted[rows.length >> 1]) / 2;
  };
  const all = Uint32Array.from(values, (_, row) => row);

  it.each(reference.intervals.cases.map((one) => [one.method, one.statistic, one] as const))(
    "%s of the %s are SciPy's on the same draws",
    (method, statistic, { distribution, low, high }) => {
      const of = reference.intervals.cases.find((one) => one.distribution && one.statistic === statistic);
      const draws = Float64Array.from(distribution ?? of?.distribution ?? []);
      const figure = statistic === "mean" ? mean : median;
      const left = () => Float64Array.from(all, (row) => figure(all.filter((other) => other !== row)));
      const found = learn.intervalOf(draws, { value: figure(all), left }, { method: method as "bca" });
      close(found.low, low, 1e-11);
      close(found.high, high, 1e-11);
    },
  );

  it("come from the seed, hold the figure, and are the same by sums", () => {
    const found = learn.bootstrapInterval(values.length, mean, { seed: 4, resamples: 300 });
    expect(learn.bootstrapInterval(values.length, mean, { seed: 4, resamples: 300 })).toEqual(found);
    expect(found.low).toBeLessThan(found.value);
    expect(found.high).toBeGreaterThan(found.value);
    const sums = learn.bootstrapMean(values, { seed: 4, resamples: 300 });
    close(sums.low, found.low, 1e-9);
    close(sums.high, found.high, 1e-9);
  });

  it("refuse impossible options", () => {
    expect(() => learn.bootstrapMean(Float64Array.of(1))).toThrow(/at least 2 rows/);
    expect(() => learn.bootstrapMean(values, { resamples: 1 })).toThrow(/`resamples`/);
    expect(() => learn.bootstrapMean(values, { confidence: 1 })).toThrow(/`confidence`/);
  });
});

describe("tests of two models", () => {
  const { corrected, fiveByTwo, mcnemar, studentT, normal } = reference.tests;

  it("are SciPy's", () => {
    const found = learn.correctedTTest(corrected.differences, { testShare: 1 / 9 });
    close(found.statistic, corrected.t);
    close(found.p, corrected.p);
    const five = learn.fiveByTwoTest(fiveByTwo.differences as [number, number][]);
    close(five.statistic, fiveByTwo.t);
    close(five.p, fiveByTwo.p);
    for (const { only, exact, chi } of mcnemar) {
      close(learn.mcNemarTest(only[0], only[1]).p, exact);
      close(learn.mcNemarTest(only[0], only[1], { exact: false }).p, chi);
    }
    for (const { t, degrees, p } of studentT) close(studentBeyond(t, degrees), p);
    for (const { z, below } of normal) {
      close(normalBelow(z), below);
      close(normalQuantile(below), z, 1e-9);
    }
  });

  it("say nothing of equal models, and all of a constant difference", () => {
    expect(learn.correctedTTest([0, 0, 0], { testShare: 0.5 }).p).toBe(1);
    expect(learn.correctedTTest([1, 1, 1], { testShare: 0.5 }).p).toBe(0);
    expect(learn.mcNemarTest(0, 0).p).toBe(1);
    expect(() => learn.correctedTTest([1], { testShare: 1 })).toThrow(learn.ParamError);
  });

  it("are raised together by Holm's steps", () => {
    // 3 · 0.01, then 2 · 0.02 and 1 · 0.03, none below the one before.
    const found = learn.holmAdjusted([0.02, 0.01, 0.03]);
    for (const [i, p] of [0.04, 0.03, 0.04].entries()) close(found[i], p);
  });
});
