// The approximate search against the exact one.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/base/random.ts";
import { KNeighborsClassifier, KNeighborsRegressor, type Table, takeRows, takeTarget } from "../../src/index.ts";
import { metricOf } from "../../src/neighbors/metric.ts";
import { metricSearch } from "../../src/neighbors/metric-search.ts";
import { type PointSet, pointsOf } from "../../src/neighbors/point-set.ts";
import { SmallWorld } from "../../src/neighbors/small-world.ts";
import { classTargetOf, example } from "../example-data.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const values = ({ columns }: Table) => columns.map((column) => (column as { values: Float64Array }).values);
const digits = example("digits", false);
const all = Uint32Array.from(digits.labels, (_, i) => i);
const [train, held] = [all.filter((i) => i % 3 === 1), all.filter((i) => i % 9 === 0)];
const parts = { train: takeRows(digits.table, train), held: takeRows(digits.table, held) };
const target = takeTarget(classTargetOf(digits), train);
const tell = async () => {};

/** The share of the exact ten nearest that the graph finds. */
async function recall(points: PointSet, queries: PointSet, { metric: name = "euclidean", kept = 64 }): Promise<number> {
  const metric = metricOf({ metric: name, p: 3 });
  const near = (await SmallWorld.build(points, metric, { seed: 1, tell })).nearest(10, kept);
  const exact = metricSearch(points, metric, "brute").nearest(10);
  const place = new Float64Array(metric.width(points.features));
  let hits = 0;
  for (let i = 0; i < queries.count; i++) {
    metric.place(queries.values, i * points.features, points.features, place, 0);
    // Of points equally far, either may be found.
    const furthest = exact(place).squares[9];
    hits += near(place).squares.filter((rank) => rank <= furthest * (1 + 1e-12)).length;
  }
  return hits / (10 * queries.count);
}

const random = new Random(7);
const cloud = (count: number, features: number): PointSet => ({
  count,
  features,
  values: Float64Array.from({ length: count * features }, () => random.normal()),
});

describe("the graph of near points", () => {
  const [points, queries] = [pointsOf(values(parts.train), train.length), pointsOf(values(parts.held), held.length)];

  it("finds at least 99 % of the ten nearest images of digits", async () => {
    expect(await recall(points, queries, {})).toBeGreaterThan(0.99);
  });

  it.each(["manhattan", "chebyshev", "minkowski", "cosine"])(
    "finds at least 95 % of the ten nearest by the %s metric",
    async (metric) => {
      expect(await recall(cloud(500, 8), cloud(30, 8), { metric })).toBeGreaterThan(0.95);
    },
  );

  it("finds more of them among rows without structure the more points it keeps in mind", async () => {
    const [rows, asked] = [cloud(1500, 20), cloud(50, 20)];
    const shares = await Promise.all([16, 64, 256].map((kept) => recall(rows, asked, { kept })));
    expect(shares[0]).toBeLessThan(shares[1]);
    expect(shares[1]).toBeLessThan(shares[2]);
    expect(shares[2]).toBeGreaterThan(0.98);
  });

  it("finds k points even where rows are repeated so often that few links lead on", async () => {
    const few = { count: 300, features: 1, values: Float64Array.from({ length: 300 }, (_, i) => (i < 290 ? 0 : i)) };
    const world = await SmallWorld.build(few, metricOf({ metric: "euclidean", p: 2 }), { seed: 1, tell });
    const { squares } = world.nearest(295, 64)(Float64Array.of(0));
    expect([squares[289], squares[294]]).toEqual([0, 294 ** 2]);
  });
});

describe("neighbours by hnsw", () => {
  const params = { k: 5, algorithm: "hnsw" } as const;

  it("classify digits as the exact ones do, alike from a stored state and by single rows", async () => {
    const model = await new KNeighborsClassifier(params).fit(parts.train, target, context);
    const exact = await new KNeighborsClassifier({ k: 5 }).fit(parts.train, target, context);
    const [own, other] = [model.predict(parts.held), exact.predict(parts.held)];
    if (own.kind !== "class" || other.kind !== "class") throw new Error("a classifier predicts classes");
    expect(own.codes.filter((code, i) => code !== other.codes[i]).length).toBeLessThanOrEqual(2);
    const restored = new KNeighborsClassifier(params);
    restored.setState(model.getState());
    expect(restored.predict(parts.held)).toEqual(own);
    const again = await new KNeighborsClassifier(params).fit(parts.train, target, context);
    expect(again.getState()).toEqual(model.getState());
    const row = model.compileRow(parts.train.columns.map(({ name }, slot) => ({ kind: "number", name, slot })));
    const out = new Float64Array(10);
    row(
      Float64Array.from(values(parts.held), (column) => column[3]),
      out,
    );
    expect(out).toEqual(own.probabilities.slice(30, 40));
  });

  it("are refused from a state whose graph is cut short, or leads where no row is", async () => {
    const rows = takeRows(parts.train, all.slice(0, 50));
    const numbers = { kind: "number", name: "t", values: new Float64Array(50) } as const;
    const good = (await new KNeighborsRegressor(params).fit(rows, numbers, context)).getState();
    const load = (changed: object) => () =>
      new KNeighborsRegressor(params).setState({ meta: good.meta, tensors: { ...good.tensors, ...changed } });
    expect(load({})).not.toThrow();
    const { levels, links } = good.tensors;
    const beyond = links.data.slice().fill(50, 3, 4);
    expect(load({ links: { shape: links.shape, data: beyond } })).toThrow("rows that are not there");
    expect(load({ links: { shape: [7], data: links.data.slice(0, 7) } })).toThrow("7 elements");
    expect(load({ levels: { shape: [50], data: levels.data.slice().fill(200) } })).toThrow("a level of at most");
    expect(load({ levels: undefined })).toThrow('lacks a Uint8Array "levels"');
  });
});
