// Components learned in batches against scikit-learn (bench/peers/decompositions_reference.py), and against all at once.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { IncrementalPCA, PCA, type Table, takeRows } from "../../src/index.ts";
import { distance, example } from "../example-data.ts";
import fixture from "../fixtures/decompositions.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const { increments } = fixture;
const part = (table: Table, begin: number, end: number) =>
  takeRows(
    table,
    Uint32Array.from({ length: end - begin }, (_, i) => begin + i),
  );

/** The largest difference of components when each may be turned. */
function turnedDistance(actual: Float64Array, expected: readonly (readonly number[])[]): number {
  const size = expected[0].length;
  return Math.max(
    ...expected.map((row, k) => {
      const own = actual.slice(k * size, (k + 1) * size);
      const sign = own.reduce((sum, value, j) => sum + value * row[j], 0) < 0 ? -1 : 1;
      return distance(
        own.map((value) => sign * value),
        row,
      );
    }),
  );
}

describe("IncrementalPCA", () => {
  it.each([
    ["wine", { components: 4, batchSize: 50 }],
    ["digits", { components: 6, batchSize: 200 }],
  ] as const)("of %s has scikit-learn's components, shares and means to 1e-8", async (name, params) => {
    const expected = increments[name];
    const pca = await new IncrementalPCA(params).fit(example(name, name === "wine").table, undefined, context);
    expect(turnedDistance(pca.components, expected.components)).toBeLessThan(1e-8);
    expect(distance(pca.explainedShares, expected.shares)).toBeLessThan(1e-9);
    const { means, variances } = pca.getState().tensors;
    expect(distance(means.data, expected.means)).toBeLessThan(1e-9);
    expect(distance(variances.data, expected.variances)).toBeLessThan(1e-9);
  });

  it("has scikit-learn's components to 1e-8 where a batch has fewer rows than columns", async () => {
    const data = part(example("digits", false).table, 0, 100);
    const pca = await new IncrementalPCA({ components: 3, batchSize: 12 }).fit(data, undefined, context);
    expect(turnedDistance(pca.components, increments.narrow.components)).toBeLessThan(1e-8);
  });

  it("whitens to scikit-learn's scores to 1e-8, but for signs", async () => {
    const { table } = example("wine", true);
    const pca = await new IncrementalPCA({ components: 4, batchSize: 50, whiten: true }).fit(table, undefined, context);
    const { columns } = pca.transform(part(table, 0, 5));
    columns.forEach((column, k) => {
      const expected = increments["wine-whitened"].scores.map((row) => Math.abs(row[k]));
      expect(distance((column as { values: Float64Array }).values.map(Math.abs), expected)).toBeLessThan(1e-8);
    });
  });

  it("comes to the components of all rows at once when it keeps all directions", async () => {
    const { table } = example("wine", true);
    const all = await new PCA().fit(table, undefined, context);
    const own = await new IncrementalPCA({ batchSize: 60 }).fit(table, undefined, context);
    expect(distance(own.components, all.components)).toBeLessThan(1e-7);
    expect(distance(own.explainedShares, all.explainedShares)).toBeLessThan(1e-10);
  });

  it.each([false, true])(
    "goes on by further rows, from its state too, as fit does batch by batch; whiten: %s",
    async (whiten) => {
      const { table } = example("wine", true);
      const params = { components: 4, batchSize: 50, whiten };
      const whole = await new IncrementalPCA(params).fit(part(table, 0, 150), undefined, context);
      const first = new IncrementalPCA(params).partialFit(part(table, 0, 50)).partialFit(part(table, 50, 100));
      const next = new IncrementalPCA(params);
      next.setState(first.getState());
      expect(next.partialFit(part(table, 100, 150)).getState()).toEqual(whole.getState());
    },
  );

  it("refuses a first batch of fewer rows than components, and columns that it does not know", () => {
    const { table } = example("wine", true);
    const pca = new IncrementalPCA({ components: 4 });
    expect(() => pca.partialFit(part(table, 0, 3))).toThrow("at least 4 rows");
    pca.partialFit(part(table, 0, 30));
    expect(() => pca.partialFit({ rows: table.rows, columns: table.columns.slice(1) })).toThrow("was fitted with");
  });
});
