// Clusterers against scikit-learn (bench/peers/unsupervised_reference.py), and by what clusters must be.
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { estimateMixture } from "../../src/cluster/mixture.ts";
import { PointTree } from "../../src/cluster/point-tree.ts";
import {
  AgglomerativeClustering,
  adjustedMutualInformation,
  adjustedRand,
  type Clusterer,
  calinskiHarabasz,
  DBSCAN,
  daviesBouldin,
  GaussianMixture,
  KMeans,
  MiniBatchKMeans,
  silhouette,
  type Table,
  vMeasure,
} from "../../src/index.ts";
import { numericColumns } from "../../src/matrix/numeric-columns.ts";
import { example } from "../example-data.ts";
import fixture from "../fixtures/unsupervised.json" with { type: "json" };
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const [iris, wine] = [example("iris", true).table, example("wine", true).table];

function clustersOf(model: Clusterer, data: Table) {
  const prediction = model.predict(data);
  if (prediction.kind !== "cluster") throw new Error("a clusterer predicts clusters");
  return prediction;
}

describe.each(["ward", "complete", "average", "single"] as const)(
  "AgglomerativeClustering by %s linkage",
  (linkage) => {
    it("makes scikit-learn's groups of wine, numbered by size", async () => {
      const model = await new AgglomerativeClustering({ clusters: 4, linkage }).fit(wine, undefined, context);
      const labels = model.labels as Int32Array;
      expect(adjustedRand(fixture.hierarchy[linkage], labels)).toBe(1);
      const sizes = [0, 1, 2, 3].map((k) => labels.filter((code) => code === k).length);
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    });
  },
);

describe("AgglomerativeClustering", () => {
  it("puts new rows to the nearest mean of a group", async () => {
    const points = table(numbers("x", [0, 1, 0, 10, 11]), numbers("y", [0, 0, 1, 5, 5]));
    const model = await new AgglomerativeClustering().fit(points, undefined, context);
    expect([...(model.labels as Int32Array)]).toEqual([0, 0, 0, 1, 1]);
    const { codes, distances } = clustersOf(model, table(numbers("x", [10.5]), numbers("y", [5])));
    expect([codes[0], distances[1]]).toEqual([1, 0]);
  });
});

describe.each(fixture.density)("DBSCAN within $radius of $minRows rows", ({ radius, minRows, labels, cores }) => {
  it("has scikit-learn's clusters and noise; border rows may be in another cluster within the radius", async () => {
    const model = await new DBSCAN({ radius, minRows }).fit(iris, undefined, context);
    const { codes, clusters, distances } = clustersOf(model, iris);
    expect(clusters).toBe(new Set(labels.filter((label) => label >= 0)).size + 1);
    const names = new Map(cores.map((row) => [labels[row], codes[row]]));
    for (const [row, label] of labels.entries()) {
      if (label < 0) expect(codes[row]).toBe(clusters - 1);
      else expect(distances[row * clusters + (names.get(label) as number)]).toBeLessThanOrEqual(radius);
    }
    for (const row of cores) expect(codes[row]).toBe(names.get(labels[row]));
  });
});

describe("a tree of points", () => {
  it("finds what is within a radius, border included, and the nearest point, as a look at all points does", () => {
    const point = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 150 }),
        point,
        fc.integer({ min: 0, max: 4 }),
        (all, q, r) => {
          const tree = new PointTree(Float64Array.from(all.flat()), 2);
          const squares = all.map(([x, y]) => (x - q[0]) ** 2 + (y - q[1]) ** 2);
          const found: number[] = [];
          tree.within(Float64Array.from(q), r, (i) => found.push(i));
          expect(found.sort((a, b) => a - b)).toEqual(squares.flatMap((square, i) => (square <= r * r ? [i] : [])));
          expect(tree.nearestSquare(Float64Array.from(q), Number.POSITIVE_INFINITY)).toBe(Math.min(...squares));
        },
      ),
    );
  });
});

describe.each(["full", "tied", "diag", "spherical"] as const)("GaussianMixture of %s covariances", (covariance) => {
  const params = { clusters: 3, covariance, tolerance: 1e-10, maxIterations: 5000 };
  const expected = fixture.mixtures[covariance];

  it("comes to scikit-learn's likelihood and shares from the same start, to 1e-6", async () => {
    const start = await new KMeans({ clusters: 3, starts: 20, tolerance: 0 }).fit(iris, undefined, context);
    const columns = numericColumns(iris, "the test");
    const points = { columns, weights: new Float64Array(iris.rows).fill(1) };
    const options = { ...params, regularization: 1e-6, owner: "the test" };
    const { logLikelihood, shares } = estimateMixture(points, clustersOf(start, iris).codes, options);
    expect(Math.abs(logLikelihood - expected.logLikelihood)).toBeLessThan(1e-6);
    for (const [k, share] of expected.shares.entries()) expect(Math.abs(shares[k] - share)).toBeLessThan(1e-4);
  });

  it("is as likely from starts of its own, and tells the probability of each cluster", async () => {
    const model = await new GaussianMixture({ ...params, starts: 4 }).fit(iris, undefined, context);
    expect(model.logLikelihood).toBeGreaterThan(expected.logLikelihood - 1e-6);
    const { distances } = clustersOf(model, iris);
    for (let i = 0; i < iris.rows; i++) {
      const chances = Array.from(distances.subarray(3 * i, 3 * i + 3), (distance) => Math.exp(-distance));
      expect(chances.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
    }
  });
});

describe("MiniBatchKMeans", () => {
  it("is nearly as tight as k-means, and goes on with further rows", async () => {
    const whole = await new KMeans({ clusters: 3 }).fit(wine, undefined, context);
    const model = await new MiniBatchKMeans({ clusters: 3, batchSize: 32, epochs: 20 }).fit(wine, undefined, context);
    const inertia = (fitted: Clusterer) => {
      const { distances, codes } = clustersOf(fitted, wine);
      return codes.reduce((sum, code, i) => sum + distances[i * 3 + code] ** 2, 0);
    };
    expect(inertia(model)).toBeLessThan(1.02 * inertia(whole));
    await model.partialFit(wine, undefined, context);
    expect(inertia(model)).toBeLessThan(1.02 * inertia(whole));
    const fresh = new MiniBatchKMeans();
    await expect(fresh.partialFit(wine, undefined, context)).rejects.toThrow("not fitted");
  });
});

describe.each(["iris", "wine"] as const)("figures of a clustering of %s", (name) => {
  const expected = fixture.figures[name];
  const data = example(name, true).table;
  const columns = numericColumns(data, "the test");
  const codes = Int32Array.from(expected.labels);

  it("are scikit-learn's to 1e-9", () => {
    expect(silhouette(columns, codes)).toBeCloseTo(expected.silhouette, 9);
    expect(calinskiHarabasz(columns, codes) / expected.calinskiHarabasz).toBeCloseTo(1, 9);
    expect(daviesBouldin(columns, codes)).toBeCloseTo(expected.daviesBouldin, 9);
    expect(adjustedRand(expected.actual, codes)).toBeCloseTo(expected.adjustedRand, 9);
    expect(adjustedMutualInformation(expected.actual, codes)).toBeCloseTo(expected.adjustedMutualInformation, 9);
    const { homogeneity, completeness, vMeasure: both } = vMeasure(expected.actual, codes);
    for (const [i, value] of [homogeneity, completeness, both].entries()) {
      expect(value).toBeCloseTo(expected.vMeasure[i], 9);
    }
  });

  it("do not mind what the groups are called", () => {
    const renamed = codes.map((code) => 7 - 2 * code);
    expect(adjustedRand(codes, renamed)).toBe(1);
    expect(adjustedMutualInformation(codes, renamed)).toBeCloseTo(1, 12);
    expect(daviesBouldin(columns, renamed)).toBeCloseTo(daviesBouldin(columns, codes), 12);
  });
});
