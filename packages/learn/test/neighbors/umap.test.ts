// UMAP by what it is for: that neighbours stay neighbours, measured by trustworthiness as scikit-learn defines it and
// compared with its embeddings of the same rows (bench/peers/decompositions_reference.py).
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { PCA, type Table, type Transformer, takeRows, UMAP } from "../../src/index.ts";
import { example } from "../example-data.ts";
import fixture from "../fixtures/decompositions.json" with { type: "json" };
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const some = (whole: Table, begin: number, end: number) =>
  takeRows(
    whole,
    Uint32Array.from({ length: end - begin }, (_, i) => begin + i),
  );
const values = (of: Table) => of.columns.map((column) => (column as { values: Float64Array }).values);

/** Per row the others, the nearest first. */
function ranked(of: Table): number[][] {
  const columns = values(of);
  return Array.from({ length: of.rows }, (_, i) => {
    const square = Float64Array.from({ length: of.rows }, (_, j) =>
      columns.reduce((sum, column) => sum + (column[i] - column[j]) ** 2, 0),
    );
    square[i] = -1;
    return Array.from(square.keys())
      .sort((a, b) => square[a] - square[b])
      .slice(1);
  });
}

/** Venna & Kaski 2001: 1 when the k nearest in the embedding are all of the k nearest rows. */
function trustworthiness(rows: Table, embedding: Table, k: number): number {
  const [from, to] = [ranked(rows), ranked(embedding)];
  const n = rows.rows;
  let penalty = 0;
  to.forEach((order, i) => {
    const place = new Map(from[i].map((other, rank) => [other, rank + 1]));
    for (const other of order.slice(0, k)) penalty += Math.max(0, (place.get(other) ?? 0) - k);
  });
  return 1 - (penalty * 2) / (n * k * (2 * n - 3 * k - 1));
}

const embed = async (transformer: Transformer, rows: Table) =>
  (await transformer.fit(rows, undefined, context)).transform(rows);

describe("UMAP of digits", () => {
  const { embeddings } = fixture;
  const digits = some(example("digits", false).table, 0, 400);

  it("is measured as scikit-learn measures, to 1e-4 for principal components, as equal distances may change places", async () => {
    const flat = await embed(new PCA({ components: 2 }), digits);
    expect(Math.abs(trustworthiness(digits, flat, 10) - embeddings.pca)).toBeLessThan(1e-4);
  });

  it("is about as trustworthy as t-SNE, and far more than components; held-out rows lie well too", async () => {
    const train = some(digits, 0, 320);
    const umap = await new UMAP({ epochs: 150 }).fit(train, undefined, context);
    const own = trustworthiness(train, umap.transform(train), 10);
    const all = trustworthiness(digits, umap.transform(digits), 10);
    expect(own).toBeGreaterThan(embeddings.tsne - 0.03);
    expect(all).toBeGreaterThan(embeddings.pca + 0.07);
  });
});

describe("UMAP", () => {
  const iris = example("iris", true).table;

  it("gives the same bits for the same seed on any number of threads, others for another seed", async () => {
    const pair = createRuntime({ threads: 2 });
    const make = async (own: Partial<typeof context>) =>
      (await new UMAP({ epochs: 20 }).fit(iris, undefined, { ...context, ...own })).getState();
    const first = await make({});
    expect(await make({ runtime: pair })).toEqual(first);
    expect(await make({ seed: 2 })).not.toEqual(first);
    pair.close();
  });

  it.each(["manhattan", "chebyshev", "minkowski", "cosine"] as const)(
    "keeps neighbours by the %s metric",
    async (metric) => {
      const embedding = await embed(new UMAP({ epochs: 30, metric, p: 3 }), iris);
      expect(trustworthiness(iris, embedding, 10)).toBeGreaterThan(0.85);
    },
  );

  it("places rows that are repeated or few, and gives a row that it knows its place", async () => {
    const same = table(numbers("a", Array(30).fill(1)), numbers("b", Array(30).fill(2)));
    for (const rows of [same, some(iris, 0, 2), some(iris, 0, 3), some(iris, 0, 4)]) {
      const placed = await embed(new UMAP({ epochs: 5 }), rows);
      for (const column of values(placed)) expect(column.every(Number.isFinite)).toBe(true);
    }
    const umap = await new UMAP({ epochs: 5 }).fit(some(iris, 0, 40), undefined, context);
    const { places } = umap.getState().tensors;
    const columns = values(umap.transform(some(iris, 0, 40)));
    expect([columns[0][7], columns[1][7]]).toEqual([places.data[14], places.data[15]]);
  });
});
