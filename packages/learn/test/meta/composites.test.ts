// Estimators made of estimators, against scikit-learn (bench/peers/composite_reference.py) with the same folds.
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  CalibratedClassifier,
  type ClassTarget,
  type Estimator,
  GaussianNB,
  logLoss,
  type NumberTarget,
  StackingClassifier,
  StackingRegressor,
  type Table,
  VotingClassifier,
  VotingRegressor,
} from "../../src/index.ts";
import { fitRisingCurve, heightAt } from "../../src/meta/isotonic.ts";
import { fitSigmoid, sigmoidAt } from "../../src/meta/sigmoid.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import fixture from "../fixtures/composites.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

/** Row i is in fold i mod 5, as in the reference. */
const byTurns = (rows: number) => {
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  return Array.from({ length: 5 }, (_, fold) => ({
    train: all.filter((row) => row % 5 !== fold),
    test: all.filter((row) => row % 5 === fold),
  }));
};
class Calibrated extends CalibratedClassifier {
  protected override folds({ table }: { table: Table }) {
    return byTurns(table.rows);
  }
}
class Stacked extends StackingClassifier {
  protected override folds({ table }: { table: Table }) {
    return byTurns(table.rows);
  }
}
class StackedLines extends StackingRegressor {
  protected override folds({ table }: { table: Table }) {
    return byTurns(table.rows);
  }
}

const [iris, cancer, diabetes] = [example("iris", false), example("breast_cancer", true), example("diabetes", true)];
const [species, diagnosis, progression] = [classTargetOf(iris), classTargetOf(cancer), numberTargetOf(diabetes)];
const logistic = (c: number) => `LogisticRegression c=${c} solver=newton-cg tolerance=1e-11`;
const PAIR = ["GaussianNB", logistic(0.01)];
const LINES = ["Ridge alpha=100", "LinearRegression"];

async function probabilities(estimator: Estimator, table: Table, target: ClassTarget) {
  const prediction = (await estimator.fit(table, target, context)).predict(table);
  if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
  return prediction;
}

/** The probabilities of every so manieth row. */
async function shown(estimator: Estimator, table: Table, { target, every }: { target: ClassTarget; every: number }) {
  const { probabilities: all, classes } = await probabilities(estimator, table, target);
  const k = classes.length;
  const rows = Math.ceil(table.rows / every);
  return Array.from({ length: rows }, (_, i) => [...all.subarray(i * every * k, (i * every + 1) * k)]).flat();
}

async function valuesOf(estimator: Estimator, target: NumberTarget) {
  const prediction = (await estimator.fit(diabetes.table, target, context)).predict(diabetes.table);
  if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
  return prediction.values.filter((_, i) => i % 40 === 0);
}

describe("calibration curves", () => {
  const { scores, own, at } = fixture.curves;
  const [xs, ys] = [Float64Array.from(scores), Float64Array.from(own)];

  it.each([
    ["plain", undefined],
    ["weighed", Float64Array.from(fixture.curves.weights)],
  ] as const)("have scikit-learn's heights: %s", (name, weights) => {
    const rising = fitRisingCurve({ xs, ys, weights });
    const sigmoid = fitSigmoid({ scores: xs, isOwn: ys, weights });
    expect(
      distance(
        at.map((x) => heightAt(rising, x)),
        fixture.curves[name].rising,
      ),
    ).toBeLessThan(1e-12);
    // Theirs ends at a gradient of 1e-6.
    expect(
      distance(
        at.map((x) => sigmoidAt(sigmoid, x)),
        fixture.curves[name].sigmoid,
      ),
    ).toBeLessThan(1e-6);
  });

  it("rise, keep the mean, and are no further from the points than any other rising curve", () => {
    const point = fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 30 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
        (points, others) => {
          const [px, py] = [points.map(({ x }) => x), points.map(({ y }) => y)];
          const curve = fitRisingCurve({ xs: Float64Array.from(px), ys: Float64Array.from(py) });
          const rival = others.toSorted((a, b) => a - b);
          const sum = (of: (x: number, y: number) => number) => points.reduce((all, { x, y }) => all + of(x, y), 0);
          expect(curve.ys.every((y, i) => i === 0 || y >= curve.ys[i - 1] - 1e-12)).toBe(true);
          expect(Math.abs(sum((x, y) => heightAt(curve, x) - y))).toBeLessThan(1e-9);
          const error = sum((x, y) => (heightAt(curve, x) - y) ** 2);
          expect(error).toBeLessThanOrEqual(sum((x, y) => (rival[x] - y) ** 2) + 1e-9);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("stay finite where classes are apart, or there is one alone", () => {
    const apart = fitSigmoid({ scores: Float64Array.of(-1e9, -1, 1, 1e9), isOwn: Float64Array.of(0, 0, 1, 1) });
    const alone = fitSigmoid({ scores: new Float64Array(4).fill(27), isOwn: new Float64Array(4).fill(1) });
    expect(sigmoidAt(apart, 1e9)).toBeGreaterThan(0.7);
    expect(sigmoidAt(alone, 27)).toBeCloseTo(5 / 6, 6);
  });
});

describe("CalibratedClassifier", () => {
  it.each([
    ["sigmoid", true, "sigmoid"],
    ["sigmoid", false, "sigmoidOne"],
    ["isotonic", true, "isotonic"],
    ["isotonic", false, "isotonicOne"],
  ] as const)("has scikit-learn's probabilities: %s, ensemble %s", async (method, together, name) => {
    const make = () => new Calibrated({ method, ensemble: together, scale: "probability" });
    const { iris: ofIris, cancer: ofCancer } = fixture.calibrated;
    const flowers = await shown(make(), iris.table, { target: species, every: 15 });
    const tumours = await shown(make(), cancer.table, { target: diagnosis, every: 60 });
    expect(distance(flowers, ofIris[name].flat())).toBeLessThan(1e-6);
    expect(distance(tumours, ofCancer[name].flat())).toBeLessThan(1e-6);
  });

  it("by log-odds calibrates a linear model's margins, as scikit-learn to 1e-5", async () => {
    const [estimator, ...params] = logistic(0.01).split(" ");
    const found = await shown(new Calibrated({ estimator, params }), cancer.table, { target: diagnosis, every: 60 });
    expect(distance(found, fixture.calibratedMargin.flat())).toBeLessThan(1e-5);
  });

  it("lowers the log loss of naive Bayes on rows that neither has seen", async () => {
    const half = (start: number) => {
      const rows = Uint32Array.from({ length: 284 }, (_, i) => 2 * i + start);
      const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]);
      const columns = cancer.table.columns.map((column) => ({
        kind: "number" as const,
        name: column.name,
        values: pick(column.kind === "number" ? column.values : new Float64Array()),
      }));
      const codes = Int32Array.from(rows, (row) => diagnosis.codes[row]);
      return { table: { rows: rows.length, columns }, target: { ...diagnosis, codes } };
    };
    const [train, test] = [half(0), half(1)];
    const loss = async (estimator: Estimator) => {
      const prediction = (await estimator.fit(train.table, train.target, context)).predict(test.table);
      if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
      return logLoss({ actual: test.target.codes, probabilities: prediction.probabilities, classes: 2 });
    };
    const plain = await loss(new GaussianNB());
    expect(await loss(new CalibratedClassifier())).toBeLessThan(plain / 2);
    expect(await loss(new CalibratedClassifier({ scale: "probability" }))).toBeLessThan(plain / 2);
  });

  it.each([
    [{ estimator: "Ridge" }, "estimator"],
    [{ estimator: "Nothing" }, "estimator"],
    [{ params: ["varSmoothing=-1"] }, "params"],
    [{ params: ["varSmoothing"] }, "params"],
  ])("refuses %j before any fit, naming its parameter", (params, field) => {
    expect(() => new CalibratedClassifier(params).validate()).toThrow(expect.objectContaining({ field }));
  });
});

describe("voting", () => {
  it("takes the weighted mean of probabilities as scikit-learn to 1e-6", async () => {
    const voting = new VotingClassifier({ estimators: PAIR, weights: ["3", "1"] });
    const found = await shown(voting, iris.table, { target: species, every: 15 });
    expect(distance(found, fixture.voted.soft.flat())).toBeLessThan(1e-6);
  });

  it("counts weighted votes as scikit-learn", async () => {
    const estimators = [...PAIR, logistic(1e-4)];
    const voting = new VotingClassifier({ estimators, voting: "hard", weights: ["1", "1.5", "0.25"] });
    const { codes, classes } = await probabilities(voting, iris.table, species);
    expect(Array.from(codes, (code) => classes[code])).toEqual(fixture.voted.hard);
  });

  it("takes the weighted mean of numbers as scikit-learn to 1e-9", async () => {
    const found = await valuesOf(new VotingRegressor({ estimators: LINES, weights: ["1", "3"] }), progression);
    expect(distance(found, fixture.voted.mean)).toBeLessThan(1e-9);
  });

  it.each([
    [{ estimators: [] }, "estimators"],
    [{ estimators: ["Ridge"] }, "estimators"],
    [{ estimators: ["GaussianNB nonsense=1"] }, "estimators"],
    [{ weights: ["1"] }, "weights"],
    [{ weights: ["1", "-1", "1"] }, "weights"],
    [{ weights: ["1", "", "1"] }, "weights"],
    [{ weights: ["0", "0", "0"] }, "weights"],
  ])("refuses %j, naming its parameter", (params, field) => {
    expect(() => new VotingClassifier(params).validate()).toThrow(expect.objectContaining({ field }));
  });

  it("refuses weights of rows when a part cannot weigh them, naming it", async () => {
    const weights = new Float64Array(150).fill(1);
    const fit = new VotingClassifier({ estimators: ["GaussianNB", "KNeighborsClassifier"] }).fit(iris.table, species, {
      ...context,
      weights,
    });
    await expect(fit).rejects.toThrow("KNeighborsClassifier in VotingClassifier cannot weigh rows");
  });
});

describe("stacking", () => {
  const finalParams = logistic(1).split(" ").slice(1);

  it("of classifiers has scikit-learn's probabilities to 1e-5", async () => {
    const stack = (passthrough = false) => new Stacked({ estimators: PAIR, finalParams, passthrough });
    const { iris: flowers, cancer: tumours, passthrough } = fixture.stacked;
    const of = { target: species, every: 15 };
    expect(distance(await shown(stack(), iris.table, of), flowers.flat())).toBeLessThan(1e-5);
    expect(distance(await shown(stack(true), iris.table, of), passthrough.flat())).toBeLessThan(1e-5);
    const found = await shown(stack(), cancer.table, { target: diagnosis, every: 60 });
    expect(distance(found, tumours.flat())).toBeLessThan(1e-5);
  });

  it("of regressors has scikit-learn's predictions to 1e-8", async () => {
    const stack = (passthrough: boolean) => new StackedLines({ estimators: LINES, passthrough });
    const { diabetes: plain, diabetesPassthrough } = fixture.stacked;
    expect(distance(await valuesOf(stack(false), progression), plain)).toBeLessThan(1e-8);
    expect(distance(await valuesOf(stack(true), progression), diabetesPassthrough)).toBeLessThan(1e-8);
  });

  it("stacks what is made of estimators itself, and survives its state", async () => {
    const estimators = ["CalibratedClassifier method=isotonic", 'VotingClassifier estimators=["GaussianNB"]'];
    const stack = new StackingClassifier({ estimators, passthrough: true });
    const { probabilities: before } = await probabilities(stack, iris.table, species);
    const again = new StackingClassifier({ estimators, passthrough: true });
    again.setState(stack.getState());
    expect(again.predict(iris.table)).toMatchObject({ probabilities: before });
  });

  it("refuses a state whose parts are for other columns or classes", async () => {
    const estimators = ["GaussianNB"];
    const of = async (table: Table, target: ClassTarget) =>
      (await new StackingClassifier({ estimators }).fit(table, target, context)).getState();
    const [own, other] = [await of(iris.table, species), await of(cancer.table, diagnosis)];
    const mixed = (name: "parts" | "final") => ({
      tensors: {
        ...own.tensors,
        ...Object.fromEntries(Object.entries(other.tensors).filter(([key]) => key.startsWith(name))),
      },
      meta: { ...own.meta, [name]: other.meta[name] },
    });
    for (const name of ["parts", "final"] as const)
      expect(() => new StackingClassifier({ estimators }).setState(mixed(name))).toThrow(/columns?|classes/);
  });
});
