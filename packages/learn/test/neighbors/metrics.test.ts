// Neighbours by other metrics and within a radius, against scikit-learn (bench/peers/neighbors_reference.py) and against
// comparing with all points.
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Estimator,
  type FitContext,
  KNeighborsClassifier,
  KNeighborsRegressor,
  RadiusNeighborsClassifier,
  RadiusNeighborsRegressor,
  takeRows,
  takeTarget,
} from "../../src/index.ts";
import { metricOf } from "../../src/neighbors/metric.ts";
import { metricSearch } from "../../src/neighbors/metric-search.ts";
import { classTargetOf, distance, example, numberTargetOf } from "../example-data.ts";
import reference from "../fixtures/neighbor-metrics.json" with { type: "json" };
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

type Params = ConstructorParameters<typeof KNeighborsRegressor>[0];

function parted(name: string, chosen?: readonly number[]) {
  const data = example(name, true);
  const rows = Uint32Array.from(data.labels, (_, i) => i);
  const train = rows.filter((i) => i % 4 !== 0);
  const held = chosen === undefined ? rows.filter((i) => i % 4 === 0) : Uint32Array.from(chosen);
  return { data, train, learned: takeRows(data.table, train), asked: takeRows(data.table, held) };
}

const diabetes = parted("diabetes", reference.asked);
const disease = takeTarget(numberTargetOf(diabetes.data), diabetes.train);
const iris = parted("iris");
const species = takeTarget(classTargetOf(iris.data), iris.train);

async function values(model: Estimator): Promise<Float64Array> {
  const prediction = (await model.fit(diabetes.learned, disease, context)).predict(diabetes.asked);
  if (prediction.kind !== "number") throw new Error("a regressor predicts numbers");
  return prediction.values;
}

async function shares(model: Estimator): Promise<Float64Array> {
  const prediction = (await model.fit(iris.learned, species, context)).predict(iris.asked);
  if (prediction.kind !== "class") throw new Error("a classifier predicts classes");
  return prediction.probabilities;
}

const split = (name: string) => {
  const [metric, weights] = name.split("-") as ["manhattan", "uniform"];
  return { metric, weights, p: 3.5 } satisfies Params;
};

describe.each(Object.entries(reference.nearest))("the nearest by %s", (name, expected) => {
  it.each(["brute", "kdtree", "balltree"] as const)("are scikit-learn's to 1e-12, by %s", async (algorithm) => {
    const params = { ...split(name), k: 7, algorithm };
    expect(distance(await values(new KNeighborsRegressor(params)), expected.values)).toBeLessThan(1e-12);
    expect(distance(await shares(new KNeighborsClassifier(params)), expected.probabilities)).toBeLessThan(1e-12);
  });
});

describe.each(Object.entries(reference.within))("all within a radius by %s", (name, expected) => {
  const radius = reference.radii[split(name).metric];

  it("are scikit-learn's to 1e-12, and without any the mean of all rows stands in", async () => {
    const mean = disease.values.reduce((sum, value) => sum + value, 0) / disease.values.length;
    const filled = expected.values.map((value) => value ?? mean);
    const found = await values(new RadiusNeighborsRegressor({ ...split(name), radius }));
    expect(distance(found, filled)).toBeLessThan(1e-12);
    const classes = await shares(new RadiusNeighborsClassifier({ ...split(name), radius }));
    expect(distance(classes, expected.probabilities.flat() as number[])).toBeLessThan(1e-12);
  });
});

it("a tree finds what comparing with all points finds, by every metric", () => {
  const point = fc.array(
    fc.integer({ min: -4, max: 4 }).map((v) => v / 3),
    { minLength: 3, maxLength: 3 },
  );
  const points = fc.array(point, { minLength: 1, maxLength: 200 });
  const metrics = fc.constantFrom("euclidean", "manhattan", "chebyshev", "minkowski", "cosine");
  const trees = fc.constantFrom("kdtree" as const, "balltree" as const);
  fc.assert(
    fc.property(points, point, metrics, fc.integer({ min: 1, max: 9 }), trees, (rows, row, name, wanted, tree) => {
      const metric = metricOf({ metric: name, p: 2.5 });
      const set = { count: rows.length, features: 3, values: Float64Array.from(rows.flat()) };
      const query = new Float64Array(metric.width(3));
      metric.place(Float64Array.from(row), 0, 3, query, 0);
      const k = Math.min(wanted, rows.length);
      const [walk, all] = [metricSearch(set, metric, tree), metricSearch(set, metric, "brute")];
      expect(walk.nearest(k)(query)).toEqual(all.nearest(k)(query));
      const near = [walk, all].map((search) => {
        const { count, numbers } = search.within(metric.rankOf(0.9))(query);
        return numbers.slice(0, count).sort();
      });
      expect(near[0]).toEqual(near[1]);
    }),
    { numRuns: 200 },
  );
});

it("the angle between rows is what counts by cosine; rows of zeros are alike, and 1 from all others", () => {
  const metric = metricOf({ metric: "cosine", p: 2 });
  const set = { count: 4, features: 2, values: Float64Array.of(1e200, 0, 0, 1e-200, 0, 0, -3, 0) };
  const ranked = (x: number, y: number) => {
    const query = new Float64Array(3);
    metric.place(Float64Array.of(x, y), 0, 2, query, 0);
    const { numbers: found, squares } = metricSearch(set, metric, "kdtree").nearest(4)(query);
    return [...found].map((number, i) => [number, metric.distanceOf(squares[i])]);
  };
  expect(ranked(5, 0)).toEqual([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
  ]);
  expect(ranked(0, 0)[0]).toEqual([2, 0]);
});

it("a row without a neighbour gets the shares of all classes, so the commonest", async () => {
  const target = { kind: "class", name: "y", codes: Int32Array.of(0, 1, 1), classes: ["a", "b"] } as const;
  const model = new RadiusNeighborsClassifier({ radius: 0.5 });
  await model.fit(table(numbers("x", [0, 1, 2])), target, context);
  const found = model.predict(table(numbers("x", [0.2, 9])));
  expect(found).toMatchObject({ codes: Int32Array.of(0, 1), probabilities: Float64Array.of(1, 0, 1 / 3, 2 / 3) });
});

it.each([RadiusNeighborsClassifier, KNeighborsClassifier])(
  "a state with codes of no class is refused, %#",
  async (Classifier) => {
    const model = await new Classifier().fit(iris.learned, species, context);
    const { tensors, meta } = model.getState();
    const codes = { ...tensors.codes, data: (tensors.codes.data as Int32Array).map((code) => code + 2) };
    const load = () => new Classifier().setState({ tensors: { ...tensors, codes }, meta });
    expect(load).toThrow(`"codes" in the state of ${model.spec.name}`);
  },
);

it("a state with fewer rows than neighbours is refused", async () => {
  const state = (await new KNeighborsRegressor({ k: 2 }).fit(diabetes.learned, disease, context)).getState();
  const load = () => new KNeighborsRegressor({ k: 1000 }).setState(state);
  expect(load).toThrow("fewer than its `k`");
});

describe("the haversine metric", () => {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  /** By the formula, of Sinnott (1984). */
  const formula = ([a, b]: readonly number[], [c, d]: readonly number[]) => {
    const rise = Math.sin(radians(c - a) / 2) ** 2;
    const turn = Math.cos(radians(a)) * Math.cos(radians(c)) * Math.sin(radians(d - b) / 2) ** 2;
    return 2 * 6371.0088 * Math.asin(Math.sqrt(rise + turn));
  };
  const cities = [
    [52.52, 13.405],
    [48.8566, 2.3522],
    [-33.8688, 151.2093],
    [-18.1248, 178.4501],
    [-13.759, -172.1046],
    [64.1466, -21.9426],
  ];
  const places = Array.from({ length: 120 }, (_, i) => [((i * 37) % 170) - 85, ((i * 101) % 360) - 180]);
  const all = [...cities, ...places];
  const rows = table(
    numbers(
      "latitude",
      all.map(([latitude]) => latitude),
    ),
    numbers(
      "longitude",
      all.map(([, longitude]) => longitude),
    ),
  );

  it.each(["brute", "kdtree", "balltree"] as const)(
    "finds what the formula finds, over the date line too, by %s",
    (search) => {
      const metric = metricOf({ metric: "haversine", p: 2 });
      const points = { count: all.length, features: 2, values: Float64Array.from(all.flat()) };
      const nearest = metricSearch(points, metric, search).nearest(5);
      const query = new Float64Array(3);
      for (const city of cities) {
        metric.place(Float64Array.from(city), 0, 2, query, 0);
        const found = nearest(query);
        const kilometres = all.map((place) => formula(city, place)).sort((a, b) => a - b);
        found.squares.forEach((square, i) => {
          expect(Math.abs(metric.distanceOf(square) - kilometres[i])).toBeLessThan(1e-6);
        });
      }
      expect(metric.distanceOf(metric.rankOf(100))).toBeCloseTo(100, 9);
    },
  );

  it("takes a radius in kilometres, and two columns only", async () => {
    const target = { kind: "number", name: "t", values: Float64Array.from(all, (_, i) => i) } as const;
    const params = { metric: "haversine", radius: 900 } as const;
    const model = await new RadiusNeighborsRegressor(params).fit(rows, target, context);
    const near = all.flatMap((place, i) => (formula(cities[0], place) <= 900 ? [i] : []));
    const { values: found } = model.predict(takeRows(rows, Uint32Array.of(0))) as { values: Float64Array };
    expect(found[0]).toBeCloseTo(near.reduce((sum, i) => sum + i, 0) / near.length, 9);
    const wide = {
      rows: rows.rows,
      columns: [
        ...rows.columns,
        numbers(
          "more",
          all.map(() => 0),
        ),
      ],
    };
    const refused = new KNeighborsRegressor({ metric: "haversine" }).fit(wide, target, context);
    await expect(refused).rejects.toThrow("got 3 columns");
  });
});
