// Choosing columns, against scikit-learn (bench/peers/features_reference.py) and by what must be chosen.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  Random,
  RecursiveElimination,
  RecursiveEliminationCV,
  SelectFromModel,
  SelectKBest,
  SequentialSelector,
  type Table,
  VarianceThreshold,
} from "../../src/index.ts";
import { tailOfChi2, tailOfF } from "../../src/select/significance.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import elimination from "../fixtures/elimination.json" with { type: "json" };
import fixture from "../fixtures/features.json" with { type: "json" };
import reference from "../fixtures/selection.json" with { type: "json" };
import wider from "../fixtures/wider-features.json" with { type: "json" };
import { noKernels, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const namesOf = ({ columns }: Table) => columns.map(({ name }) => name);

describe("VarianceThreshold", () => {
  it("drops constants, and what varies no more than it must", async () => {
    const data = table(
      numbers("same", [0.1, 0.1, 0.1]),
      numbers("some", [1, 2, 3]),
      numbers("none", [null, null, null]),
    );
    expect(namesOf((await new VarianceThreshold().fit(data, undefined, noKernels)).transform(data))).toEqual(["some"]);
    const strict = new VarianceThreshold({ threshold: 2 / 3 });
    expect(namesOf((await strict.fit(data, undefined, noKernels)).transform(data))).toEqual([]);
  });
});

describe("SelectKBest", () => {
  const iris = example("iris", false);
  const diabetes = example("diabetes", false);

  it("has scikit-learn's scores to 1e-9", async () => {
    const { classF, chi2, lineF } = fixture.selection;
    const species = classTargetOf(iris);
    const byF = await new SelectKBest().fit(iris.table, species, noKernels);
    const byChi = await new SelectKBest({ score: "chi2" }).fit(iris.table, species, noKernels);
    const byLine = await new SelectKBest().fit(diabetes.table, numberTargetOf(diabetes), noKernels);
    expect(distance(byF.scores, classF)).toBeLessThan(1e-9);
    expect(distance(byChi.scores, chi2)).toBeLessThan(1e-9);
    expect(distance(byLine.scores, lineF)).toBeLessThan(1e-9);
  });

  it("keeps the best by number or share, in the table's order", async () => {
    const keep = async (params: { k?: number; share?: number }) =>
      namesOf((await new SelectKBest(params).fit(iris.table, classTargetOf(iris), noKernels)).transform(iris.table));
    const [a, b, c, d] = namesOf(iris.table);
    expect(await keep({ k: 2 })).toEqual([c, d]);
    expect(await keep({ share: 0.25 })).toEqual([c]);
    expect(await keep({ share: 0.01 })).toEqual([c]);
    expect(await keep({ k: 99 })).toEqual([a, b, c, d]);
  });

  it("refuses chi² of numbers below 0 and of a number target", async () => {
    const negative = table(numbers("x", [1, -2, 3]));
    const codes = Int32Array.of(0, 1, 0);
    const classes = { kind: "class", name: "y", codes, classes: ["a", "b"] } as const;
    const chi = new SelectKBest({ score: "chi2" });
    await expect(chi.fit(negative, classes, noKernels)).rejects.toThrow('row 1 of "x" is -2');
    const number = { kind: "number", name: "y", values: Float64Array.of(1, 2, 3) } as const;
    await expect(chi.fit(negative, number, noKernels)).rejects.toThrow("fTest");
  });
});

describe("SelectFromModel", () => {
  // The target is an exclusive or of two columns, of which each by itself tells nothing.
  const random = new Random(3);
  const columns = ["a", "noise 1", "b", "noise 2"].map((name) =>
    numbers(
      name,
      Array.from({ length: 400 }, () => random.normal()),
    ),
  );
  const data = table(...columns);
  const codes = Int32Array.from({ length: 400 }, (_, i) =>
    columns[0].values[i] > 0 === columns[2].values[i] > 0 ? 1 : 0,
  );
  const target = { kind: "class", name: "y", codes, classes: ["no", "yes"] } as const;

  it("finds what only columns together tell, by shuffling them", async () => {
    const selector = await new SelectFromModel().fit(data, target, context);
    expect(namesOf(selector.transform(data))).toEqual(["a", "b"]);
    const boosted = new SelectFromModel({ estimator: "GradientBoostingClassifier", params: ["nEstimators=20"], k: 2 });
    expect(namesOf((await boosted.fit(data, target, context)).transform(data))).toEqual(["a", "b"]);
  });

  it("takes the coefficients of a linear model", async () => {
    const values = columns[2].values.map((value, i) => 3 * value - 0.1 * columns[1].values[i]);
    const line = { kind: "number", name: "y", values } as const;
    const selector = new SelectFromModel({ estimator: "Ridge", params: ["alpha=0.001"] });
    expect(namesOf((await selector.fit(data, line, context)).transform(data))).toEqual(["b"]);
    expect(distance(selector.scores, [0, 0.1, 3, 0])).toBeLessThan(1e-4);
  });

  it.each([
    [{ estimator: "Nothing" }, "estimator"],
    [{ estimator: "Ridge" }, "estimator"],
    [{ estimator: "KMeans" }, "estimator"],
    [{ params: ["nEstimators=-1"] }, "params"],
    [{ params: ["nEstimators"] }, "params"],
  ])("refuses %j, naming its parameter", async (params, field) => {
    await expect(new SelectFromModel(params).fit(data, target, context)).rejects.toMatchObject({ field });
  });
});

describe("RecursiveElimination", () => {
  const diabetes = example("diabetes", true);
  const target = numberTargetOf(diabetes);

  it("drops columns in scikit-learn's order", async () => {
    const selector = new RecursiveElimination({ estimator: "Ridge", params: ["alpha=1"], k: 3 });
    await selector.fit(diabetes.table, target, context);
    const kept = namesOf(selector.transform(diabetes.table));
    const ranks = reference.eliminated;
    expect(kept).toEqual(namesOf(diabetes.table).filter((_, i) => ranks[i] === 1));
    // The one that stayed longest of those that went has rank 2.
    expect([...selector.scores].map((score) => 8 - score)).toEqual(ranks);
  });

  it("keeps half of the columns, dropping many at a time, where nothing else is said", async () => {
    const selector = new RecursiveElimination({ estimator: "Ridge", step: 0.3 });
    await selector.fit(diabetes.table, target, context);
    expect(selector.outputs()).toHaveLength(5);
    expect(new Set(selector.scores).size).toBe(3);
  });

  it("refuses an estimator for another task in its own words", async () => {
    const wrong = new RecursiveElimination({ estimator: "GaussianNB" });
    await expect(wrong.fit(diabetes.table, target, context)).rejects.toThrow("of RecursiveElimination is GaussianNB");
  });
});

describe("RecursiveEliminationCV", () => {
  const diabetes = example("diabetes", true);
  const ridge = { estimator: "Ridge", params: ["alpha=1"] };

  it("keeps scikit-learn's columns of breast_cancer by logistic regression, and drops the others in its order", async () => {
    const data = example("breast_cancer", true);
    const inner = { estimator: "LogisticRegression", params: ["c=0.1", "tolerance=1e-10"] };
    const selector = await new RecursiveEliminationCV(inner).fit(data.table, classTargetOf(data), context);
    expect(selector.sources()).toEqual(elimination.breast_cancer.columns);
    const most = Math.max(...selector.scores);
    expect(Array.from(selector.scores, (score) => 1 + most - score)).toEqual(elimination.breast_cancer.ranking);
  });

  it("keeps scikit-learn's columns of diabetes by ridge regression", async () => {
    const selector = new RecursiveEliminationCV(ridge);
    await selector.fit(diabetes.table, numberTargetOf(diabetes), context);
    expect(selector.sources()).toEqual(elimination.diabetes.columns);
  });

  it("keeps no fewer columns than it must, and drops a share of them at a time", async () => {
    const selector = new RecursiveEliminationCV({ ...ridge, least: 9, step: 0.3 });
    await selector.fit(diabetes.table, numberTargetOf(diabetes), context);
    expect([9, 10]).toContain(selector.outputs().length);
  });
});

describe("SequentialSelector", () => {
  const diabetes = example("diabetes", true);
  const target = numberTargetOf(diabetes);
  const ridge = { estimator: "Ridge", params: ["alpha=1"], k: 4 };

  it.each(["forward", "backward"] as const)("chooses scikit-learn's columns, %s", async (direction) => {
    const selector = await new SequentialSelector({ ...ridge, direction }).fit(diabetes.table, target, context);
    const names = namesOf(diabetes.table);
    expect(namesOf(selector.transform(diabetes.table))).toEqual(wider.chosen[direction].map((i) => names[i]));
  });

  it("finds the columns of iris that tell species apart, and keeps half where nothing is said", async () => {
    const iris = example("iris", true);
    const selector = new SequentialSelector({ estimator: "GaussianNB" });
    await selector.fit(iris.table, classTargetOf(iris), context);
    expect(namesOf(selector.transform(iris.table))).toEqual(namesOf(iris.table).slice(2));
  });

  it("refuses an estimator for another task in its own words", async () => {
    const wrong = new SequentialSelector({ estimator: "GaussianNB" });
    await expect(wrong.fit(diabetes.table, target, context)).rejects.toThrow("of SequentialSelector is GaussianNB");
  });
});

describe("SelectKBest by p-values and mutual information", () => {
  const diabetes = example("diabetes", false);
  const disease = numberTargetOf(diabetes);

  it("has SciPy's tails to 1e-9 of their logarithms", async () => {
    const { classF, chi2, lineF } = fixture.selection;
    const log = (values: readonly number[]) => values.map(Math.log);
    const ours = lineF.map((f) => tailOfF(f, 1, 440));
    expect(distance(log(ours), log(reference.pValues.lineF))).toBeLessThan(1e-9);
    expect(distance(log(classF.map((f) => tailOfF(f, 2, 147))), log(reference.pValues.classF))).toBeLessThan(1e-9);
    expect(distance(log(chi2.map((f) => tailOfChi2(f, 2))), log(reference.pValues.chi2))).toBeLessThan(1e-9);
  });

  it.each([
    ["falsePositives", "fpr"],
    ["falseDiscoveries", "fdr"],
    ["anyFalse", "fwe"],
  ] as const)("keeps the columns that scikit-learn keeps by %s", async (keep, name) => {
    const selector = await new SelectKBest({ keep, alpha: 1e-4 }).fit(diabetes.table, disease, noKernels);
    const names = namesOf(diabetes.table);
    expect(namesOf(selector.transform(diabetes.table))).toEqual(reference.kept[name].map((i) => names[i]));
  });

  it("estimates mutual information as scikit-learn to 1e-6", async () => {
    const { iris, classes, columns, target, numbers: expected } = reference.mutual;
    const tableOf = (all: readonly (readonly number[])[]) => table(...all.map((own, i) => numbers(`c${i}`, own)));
    const byInformation = new SelectKBest({ score: "mutualInformation" });
    await byInformation.fit(tableOf(iris), classTargetOf(example("iris", false)), noKernels);
    expect(distance(byInformation.scores, classes)).toBeLessThan(1e-6);
    const values = Float64Array.from(target);
    await byInformation.fit(tableOf(columns), { kind: "number", name: "y", values }, noKernels);
    expect(distance(byInformation.scores, expected)).toBeLessThan(1e-6);
  });

  it("refuses p-values of mutual information, which has none", async () => {
    const wrong = new SelectKBest({ score: "mutualInformation", keep: "anyFalse" });
    await expect(wrong.fit(diabetes.table, disease, noKernels)).rejects.toMatchObject({ field: "keep" });
  });
});
