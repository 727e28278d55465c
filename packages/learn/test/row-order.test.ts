// What an estimator learns from rows, it learns from the same rows in another order, unless it says why not here.
import { createRuntime } from "@massif/kernels";
import { afterAll, expect, test } from "vitest";
import type { Estimator } from "../src/base/component.ts";
import { Random } from "../src/base/random.ts";
import { takeRows, takeTarget } from "../src/base/take-rows.ts";
import { componentNames, createEstimator } from "../src/catalogue.ts";
import { figures, makeSample, type Sample } from "../src/testing/sample.ts";
import { distance } from "./example-data.ts";

/** Why the order of rows matters. */
const ORDERED: Readonly<Record<string, string>> = {
  ...named("each step learns from the rows that come next", [
    "GradientDescentRegressor",
    "GradientDescentClassifier",
    "Perceptron",
    "PassiveAggressiveClassifier",
    "PassiveAggressiveRegressor",
    "MLPRegressor",
    "MLPClassifier",
    "MiniBatchKMeans",
    "LinearSVR",
  ]),
  ...named("rows are drawn by their places", [
    "RandomForestRegressor",
    "RandomForestClassifier",
    "ExtraTreesRegressor",
    "ExtraTreesClassifier",
    "IsolationForest",
    "EllipticEnvelope",
    "KMeans",
    "GaussianMixture",
  ]),
  ...named("folds are dealt by the rows' places", [
    "LinearSVC",
    "SVC",
    "CalibratedClassifier",
    "StackingRegressor",
    "StackingClassifier",
    "VotingRegressor",
    "VotingClassifier",
  ]),
  ...named("vectors of users and items begin at random, in the order in which these come", ["MatrixFactorization"]),
};

/** Sums in another order are rounded otherwise. */
const TOLERANCE = 1e-9;
/** Gradients are summed in single precision; what the others solve, they solve up to a thousandth. */
const TOLERANCES: Readonly<Record<string, number>> = {
  GradientBoostingRegressor: 1e-6,
  GradientBoostingClassifier: 1e-6,
  SVR: 1e-3,
  OneClassSVM: 1e-3,
};

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

test.each(componentNames("estimator").filter((type) => ORDERED[type] === undefined))(
  "%s learns the same from rows in another order",
  { timeout: 60_000 },
  async (type) => {
    const { task, input, targets } = createEstimator(type).spec;
    const sample = makeSample({ rows: 120, task, input, positive: targets !== undefined });
    const order = new Random(9).permutation(sample.table.rows);
    const turned = {
      table: takeRows(sample.table, order),
      target: sample.target && takeTarget(sample.target, order),
    };
    const [straight, other] = [await learn(type, sample), await learn(type, turned)];
    const answers = (estimator: Estimator) => figures(estimator.predict(sample.table));
    expect(distance(answers(other), answers(straight))).toBeLessThan(TOLERANCES[type] ?? TOLERANCE);
  },
);

test("only estimators of the catalogue are excused", () => {
  const known = componentNames("estimator");
  expect(Object.keys(ORDERED).filter((type) => !known.includes(type))).toEqual([]);
});

// Internal

function named(reason: string, types: readonly string[]): Record<string, string> {
  return Object.fromEntries(types.map((type) => [type, reason]));
}

function learn(type: string, { table, target }: Sample): Promise<Estimator> {
  return createEstimator(type).fit(table, target, { runtime, seed: 1, report: async () => undefined });
}
