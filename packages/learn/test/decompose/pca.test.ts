// Principal components against scikit-learn (bench/peers/features_reference.py), and by what eigenvectors must be.
import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { PCA, TruncatedSVD } from "../../src/index.ts";
import { centredProducts } from "../../src/matrix/centred-products.ts";
import { symmetricEigen } from "../../src/matrix/symmetric-eigen.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/features.json" with { type: "json" };
import unsupervised from "../fixtures/unsupervised.json" with { type: "json" };
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const { components } = fixture;

/** The rows with their signs turned to agree with `expected`. */
function turned(actual: Float64Array, expected: readonly number[]): Float64Array {
  const sign = actual.reduce((sum, value, i) => sum + value * expected[i], 0) < 0 ? -1 : 1;
  return actual.map((value) => sign * value);
}

/** Σ (x − m)(y − m) of all pairs by definition, of values that are there. */
function byDefinition(columns: readonly Float64Array[]): number[] {
  const centred = columns.map((values) => {
    const there = values.filter((value) => !Number.isNaN(value));
    const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
    return values.map((value) => (Number.isNaN(value) ? 0 : value - mean));
  });
  return centred.flatMap((a) => centred.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)));
}

describe("centredProducts", () => {
  const rows = 10_001;
  const wave = Float64Array.from({ length: rows }, (_, i) => 1000 + Math.sin(i * 0.7));
  const mixed = Float64Array.from({ length: rows }, (_, i) => Math.cos(i * 1.3) * 3 + wave[i] / 2);

  it.each([
    ["rows that vary about one mean", (i: number) => wave[i]],
    ["rows that begin far from the rest", (i: number) => (i < 4200 ? 0 : 1e6) + wave[i]],
    ["missing values", (i: number) => (i % 7 === 0 ? Number.NaN : wave[i] + (i > 6000 ? 5 : 0))],
    ["a column that does not vary", () => 0.1],
  ])("are those of the definition for %s, on any number of threads", (_, value) => {
    const columns = [mixed, Float64Array.from({ length: rows }, (_, i) => value(i))];
    const { products } = centredProducts(columns, { runtime, rows, center: true });
    const expected = byDefinition(columns);
    const scale = (i: number) => Math.sqrt(expected[3 * (i >> 1)] * expected[3 * (i & 1)]);
    products.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-9 * scale(i) + 1e-9);
    });
    const pair = createRuntime({ threads: 2 });
    expect(centredProducts(columns, { runtime: pair, rows, center: true }).products).toEqual(products);
    pair.close();
  });
});

describe("PCA of wine", () => {
  const wine = example("wine", true);

  it("has scikit-learn's components and shares to 1e-9, the largest entry of each positive", async () => {
    const pca = await new PCA().fit(wine.table, undefined, context);
    expect(distance(pca.explainedShares, components.shares)).toBeLessThan(1e-9);
    components.first.forEach((expected, k) => {
      const own = pca.components.slice(k * 13, (k + 1) * 13);
      expect(distance(turned(own, expected), expected)).toBeLessThan(1e-9);
      expect(Math.max(...own)).toBe(Math.max(...own.map(Math.abs)));
    });
  });

  it("keeps as many components as a share of the variance needs", async () => {
    const pca = await new PCA({ share: 0.9 }).fit(wine.table, undefined, context);
    expect(pca.outputs()).toHaveLength(components.for90);
  });

  it("whitens to scikit-learn's scores to 1e-9", async () => {
    const pca = await new PCA({ components: 2, whiten: true, prefix: "w" }).fit(wine.table, undefined, context);
    expect(pca.outputs().map(({ name }) => name)).toEqual(["w1", "w2"]);
    const scores = pca.transform(wine.table).columns.map((column) => (column as { values: Float64Array }).values);
    scores.forEach((values, k) => {
      const expected = components.whitened.map((row) => row[k]);
      expect(distance(turned(values.slice(0, 5), expected), expected)).toBeLessThan(1e-9);
    });
  });

  it("without centring is a truncated singular value decomposition, to 1e-9", async () => {
    const raw = example("wine", false).table;
    const svd = await new PCA({ components: 2, center: false }).fit(raw, undefined, context);
    components.svd.forEach((expected, k) => {
      const own = svd.components.slice(k * 13, (k + 1) * 13);
      expect(distance(turned(own, expected), expected)).toBeLessThan(1e-9);
    });
  });
});

describe("TruncatedSVD of wine", () => {
  it("has scikit-learn's components and shares to 1e-8", async () => {
    const svd = await new TruncatedSVD({ components: 3 }).fit(example("wine", false).table, undefined, context);
    unsupervised.components.svd.forEach((expected, k) => {
      const own = svd.components.slice(k * 13, (k + 1) * 13);
      expect(distance(turned(own, expected), expected)).toBeLessThan(1e-8);
    });
    expect(distance(svd.explainedShares, unsupervised.components.svdShares)).toBeLessThan(1e-8);
  });
});

describe("PCA", () => {
  it.each([true, false])("refuses an infinite value wherever it is, naming it (centred: %s)", async (center) => {
    for (const row of [3, 4500]) {
      const values = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i));
      values[row] = Number.NEGATIVE_INFINITY;
      const bad = table(numbers("steady", Array(5000).fill(1)), numbers("wild", [...values]));
      await expect(new PCA({ center }).fit(bad, undefined, context)).rejects.toThrow(`row ${row} of "wild"`);
    }
  });

  it("leaves out nothing that rows of fewer dimensions have", async () => {
    const x = [1, 2, 3, 4, 5, 9];
    const line = table(
      numbers("a", x),
      numbers(
        "b",
        x.map((v) => 2 * v - 1),
      ),
      numbers(
        "c",
        x.map((v) => 7 - v),
      ),
    );
    const pca = await new PCA({ share: 0.999 }).fit(line, undefined, context);
    expect(pca.outputs()).toHaveLength(1);
    expect(pca.explainedShares[0]).toBeCloseTo(1, 12);
  });

  it("sums the products of many rows in pieces alike", async () => {
    const rows = 70_000;
    const values = (f: (i: number) => number) => Float64Array.from({ length: rows }, (_, i) => f(i));
    const columns = [values((i) => Math.sin(i)), values((i) => Math.sin(i) + 0.1 * Math.cos(3 * i))];
    const long = { rows, columns: columns.map((own, j) => ({ kind: "number", name: `c${j}`, values: own }) as const) };
    const pca = await new PCA({ components: 1 }).fit(long, undefined, context);
    const [a, b] = pca.components;
    expect(Math.hypot(a, b)).toBeCloseTo(1, 12);
    // Variances 0.5 and 0.505, covariance 0.5: the larger eigenvalue is 1.00250623.
    expect(a / b).toBeCloseTo(0.5 / 0.50250623, 4);
  });
});

describe("eigenvectors of a symmetric matrix", () => {
  it("are orthonormal and give the matrix back", () => {
    const matrices = fc
      .integer({ min: 1, max: 12 })
      .chain((n) => fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }));
    fc.assert(
      fc.property(matrices, (entries) => {
        const n = Math.sqrt(entries.length);
        const matrix = Float64Array.from(entries, (_, i) => entries[i] + entries[(i % n) * n + Math.floor(i / n)]);
        const { values, vectors } = symmetricEigen(matrix, n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let [dot, entry] = [0, 0];
            for (let k = 0; k < n; k++) {
              dot += vectors[i * n + k] * vectors[j * n + k];
              entry += values[k] * vectors[k * n + i] * vectors[k * n + j];
            }
            expect(dot).toBeCloseTo(i === j ? 1 : 0, 10);
            expect(Math.abs(entry - matrix[i * n + j])).toBeLessThan(1e-10 * (1 + 20 * n));
          }
        }
        expect([...values]).toEqual([...values].sort((a, b) => b - a));
      }),
    );
  });
});
