// How good models get on rows that they have not seen, beside scikit-learn, XGBoost and LightGBM, where their algorithms
// are others than ours (bench/peers/quality_reference.py); and what must come out the same.
import { readFileSync } from "node:fs";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Column,
  type Estimator,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  logLoss,
  MatrixFactorization,
  MLPClassifier,
  MLPRegressor,
  type Prediction,
  type Table,
  type Target,
  takeRows,
  takeTarget,
} from "../src/index.ts";
import { classTargetOf, distance, example, numberTargetOf } from "./example-data.ts";
import fixture from "./fixtures/quality.json" with { type: "json" };
import { classData, regressionData } from "./mixed-data.ts";
import { categories } from "./tables.ts";

const runtime = createRuntime({ threads: 2 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

interface Part<T extends Target> {
  readonly table: Table;
  readonly target: T;
}

/** A sixth of every column's values is missing. */
function withGaps({ rows, columns }: Table): Table {
  const gone = (row: number, j: number) => (row * 7 + j * 13) % 6 === 0;
  return {
    rows,
    columns: columns.map((column, j): Column => {
      if (column.kind === "category")
        return { ...column, codes: column.codes.map((code, i) => (gone(i, j) ? -1 : code)) };
      if (column.kind === "text") return column;
      return { ...column, values: column.values.map((value, i) => (gone(i, j) ? Number.NaN : value)) };
    }),
  };
}

function pick<T extends Target>({ table, target }: Part<T>, of: (row: number) => boolean): Part<T> {
  const rows = Uint32Array.from({ length: table.rows }, (_, row) => row).filter(of);
  return { table: takeRows(table, rows), target: takeTarget(target, rows) as T };
}

/** Every sixth diamond, with gaps; every fifth of these is a test row. */
function sparse<T extends Target>(whole: Part<T>): { train: Part<T>; test: Part<T> } {
  const sixth = pick(whole, (row) => row % 6 === 0);
  const given = { ...sixth, table: withGaps(sixth.table) };
  return { train: pick(given, (row) => row % 5 !== 0), test: pick(given, (row) => row % 5 === 0) };
}

function numbersOf(prediction: Prediction): Float64Array {
  if (prediction.kind !== "number") throw new Error("not numbers");
  return prediction.values;
}

function accuracyOf(prediction: Prediction, target: Target): number {
  if (prediction.kind !== "class" || target.kind !== "class") throw new Error("not classes");
  return prediction.codes.filter((code, row) => code === target.codes[row]).length / prediction.codes.length;
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("boosting of categories and gaps as they are", () => {
  const price = sparse(regressionData("diamonds", "price").whole);
  const actual = price.test.target.values;
  const losses = {
    squared: (p: Float64Array) => {
      const centre = mean(actual);
      return mean(p.map((value, i) => (value - actual[i]) ** 2)) / mean(actual.map((value) => (value - centre) ** 2));
    },
    gamma: (p: Float64Array) => mean(p.map((value, i) => 2 * (actual[i] / value - 1 - Math.log(actual[i] / value)))),
    tweedie: (p: Float64Array) =>
      mean(
        p.map((value, i) => 2 * (actual[i] ** 0.3 / -0.21 + (actual[i] * value ** -0.7) / 0.7 + value ** 0.3 / 0.3)),
      ),
    quantile: (p: Float64Array) =>
      mean(p.map((value, i) => Math.max(0.9 * (actual[i] - value), 0.1 * (value - actual[i])))),
  };

  it.each(["squared", "gamma", "tweedie", "quantile"] as const)(
    "loses less on unseen diamonds than the worst of its peers, and 3 % at most over the best: %s",
    async (loss) => {
      const model = new GradientBoostingRegressor({ loss, quantile: 0.9, power: 1.7 });
      await model.fit(price.train.table, price.train.target, context);
      const ours = losses[loss](numbersOf(model.predict(price.test.table)));
      const theirs = Object.values(fixture.price[loss]);
      expect(ours).toBeLessThan(Math.max(...theirs));
      expect(ours).toBeLessThan(1.03 * Math.min(...theirs));
    },
  );

  it("tells five cuts apart as well as they do: log loss within 5 % of the best, accuracy within 0.015", async () => {
    const cut = sparse(classData("diamonds", "cut").whole);
    const model = new GradientBoostingClassifier();
    const said = (await model.fit(cut.train.table, cut.train.target, context)).predict(cut.test.table);
    if (said.kind !== "class") throw new Error("not classes");
    const { probabilities, classes } = said;
    const peers = Object.values(fixture.cuts);
    const own = logLoss({ actual: cut.test.target.codes, probabilities, classes: classes.length });
    expect(own).toBeLessThan(Math.max(...peers.map((peer) => peer.logLoss)));
    expect(own).toBeLessThan(1.05 * Math.min(...peers.map((peer) => peer.logLoss)));
    const right = accuracyOf(said, cut.test.target);
    expect(right).toBeGreaterThan(Math.max(...peers.map((peer) => peer.accuracy)) - 0.015);
  });

  it("grows scikit-learn's trees on numbers with gaps: predictions to a millionth", async () => {
    const { table, target } = regressionData("diabetes", "progression", 250).whole;
    const params = { nEstimators: 30, maxLeaves: 8, minSamplesLeaf: 1 };
    const gappy = withGaps(table);
    const model = await new GradientBoostingRegressor(params).fit(gappy, target, context);
    expect(distance(numbersOf(model.predict(gappy)), fixture.gaps)).toBeLessThan(1e-6);
  });
});

describe("networks", () => {
  const { weights, shown, r2, accuracy } = fixture.networks;
  const diabetes = example("diabetes", true);
  const disease = numberTargetOf(diabetes);
  const [centre, spread] = [
    mean(disease.values),
    Math.sqrt(mean(disease.values.map((y) => (y - mean(disease.values)) ** 2))),
  ];
  const target = { ...disease, values: disease.values.map((value) => (value - centre) / spread) };

  it("with two layers of scikit-learn's weights predict its numbers to 1e-12", () => {
    const model = new MLPRegressor({ units: 5, hiddenLayers: 2, activation: "logistic" });
    const columns = diabetes.table.columns.map(({ name }) => ({ name, kind: "number" }));
    const data = Float64Array.from(weights);
    const scale = { shape: [2], data: Float64Array.of(0, 1) };
    model.setState({ tensors: { weights: { shape: [data.length], data }, scale }, meta: { columns } });
    const ours = numbersOf(model.predict(diabetes.table)).filter((_, row) => row % 40 === 0);
    expect(distance(ours, shown)).toBeLessThan(1e-12);
  });

  it("foretell disease on unseen rows as well as scikit-learn's: mean R² over seeds within 0.03", async () => {
    const [train, test] = [0, 1].map((own) =>
      pick({ table: diabetes.table, target }, (row) => (row % 4 === 0) === (own === 1)),
    );
    const middle = mean(test.target.values);
    const all = mean(test.target.values.map((value) => (value - middle) ** 2));
    const scores = new Float64Array(3);
    for (const seed of scores.keys()) {
      const model = new MLPRegressor({ units: 20, epochs: 300, learningRate: 0.01, alpha: 1 });
      const said = numbersOf((await model.fit(train.table, train.target, { ...context, seed })).predict(test.table));
      scores[seed] = 1 - mean(said.map((value, i) => (value - test.target.values[i]) ** 2)) / all;
    }
    expect(mean(scores)).toBeGreaterThan(mean(Float64Array.from(r2)) - 0.03);
  });

  it("read unseen digits as well as scikit-learn's: accuracy no more than 0.01 below its seeds'", async () => {
    const digits = example("digits", true);
    const whole = { table: digits.table, target: classTargetOf(digits) };
    const [train, test] = [0, 1].map((own) => pick(whole, (row) => (row % 4 === 0) === (own === 1)));
    const model = new MLPClassifier({ units: 32, epochs: 30 });
    const said = (await model.fit(train.table, train.target, context)).predict(test.table);
    expect(accuracyOf(said, test.target)).toBeGreaterThan(Math.min(...accuracy) - 0.01);
  });
});

describe("factors of who uses what", () => {
  const lines = readFileSync(new URL("../../../examples/data/npm_tools.csv", import.meta.url), "utf8")
    .trim()
    .split("\n");
  const cells = lines.slice(1).map((line) => line.split(","));
  const name = (j: number) => cells.map((row) => row[j]);
  const columns = [categories("owner", name(0)), categories("package", name(1))];
  const table: Table = { rows: cells.length, columns };
  const uses = Float64Array.from(name(2), Number);

  /** Fits, and gives the last loss that it told: what alternating least squares makes smaller. */
  async function objectiveOf(model: Estimator, values: Float64Array): Promise<number> {
    let last = Number.NaN;
    const report = async ({ loss = Number.NaN }) => {
      last = loss;
    };
    await model.fit(table, { kind: "number", name: "uses", values }, { ...context, report });
    return last;
  }

  it("of ratings come as low as NumPy's from any start, within 0.5 %, and fit as closely", async () => {
    const logs = uses.map(Math.log1p);
    const model = new MatrixFactorization({ factors: 3, regularization: 0.05, iterations: 60 });
    const { explicit } = fixture.uses;
    const found = await objectiveOf(model, logs);
    const errors = numbersOf(model.predict(table)).map((value, i) => (value - logs[i]) ** 2);
    expect(found).toBeLessThan(1.005 * Math.max(...explicit.map(({ objective }) => objective)));
    expect(found).toBeGreaterThan(0.995 * Math.min(...explicit.map(({ objective }) => objective)));
    expect(Math.sqrt(mean(errors))).toBeLessThan(1.02 * Math.max(...explicit.map(({ rmse }) => rmse)));
  });

  it("of implicit use come as low as NumPy's over all pairs, within 0.1 %", async () => {
    const params = { feedback: "implicit", factors: 6, regularization: 2, alpha: 1, iterations: 40 } as const;
    const found = await objectiveOf(new MatrixFactorization(params), uses);
    expect(Math.abs(found / Math.min(...fixture.uses.implicit) - 1)).toBeLessThan(1e-3);
  });
});
