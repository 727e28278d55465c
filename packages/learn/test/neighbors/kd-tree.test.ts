import { createRuntime } from "@massif/kernels";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type FitContext, KNeighborsRegressor, ParamError, Random } from "../../src/index.ts";
import { buildKdTree } from "../../src/neighbors/kd-tree.ts";
import { singleLeaf } from "../../src/neighbors/norm-search.ts";
import { pointsOf } from "../../src/neighbors/point-set.ts";
import { RowSearch } from "../../src/neighbors/row-search.ts";
import { searchTable } from "../../src/neighbors/table-search.ts";
import { numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 2 });
const context: FitContext = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

// Few distinct values, so that equal points and equal distances are common.
const scenes = fc.integer({ min: 1, max: 13 }).chain((features) => {
  const point = fc.array(
    fc.integer({ min: -5, max: 5 }).map((v) => v / 3),
    { minLength: features, maxLength: features },
  );
  return fc.record({
    points: fc.array(point, { minLength: 1, maxLength: 300 }),
    queries: fc.array(point, { minLength: 1, maxLength: 10 }),
  });
});

const columnsOf = (rows: readonly (readonly number[])[]) =>
  rows[0].map((_, j) => Float64Array.from(rows, (row) => row[j]));

describe("a KD-tree", () => {
  it("leads to the same neighbours as comparing with all points, by rows and by kernels", () => {
    fc.assert(
      fc.property(scenes, fc.integer({ min: 1, max: 8 }), ({ points, queries }, wanted) => {
        const k = Math.min(wanted, points.length);
        const set = pointsOf(columnsOf(points), points.length);
        const tree = buildKdTree(set);
        const all = new RowSearch(set, singleLeaf(set.count), k);
        const expected = queries.map((query) => [...all.find(Float64Array.from(query)).squares]);
        const walk = new RowSearch(set, tree, k);
        expect(queries.map((query) => [...walk.find(Float64Array.from(query)).squares])).toEqual(expected);
        for (const by of [tree, undefined]) {
          const found: number[][] = [];
          searchTable(runtime, { points: set, tree: by, k, columns: columnsOf(queries) }, (row, { squares }) => {
            found[row] = [...squares];
          });
          expect(found).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("holds every point once, and no point on the wrong side of a split", () => {
    fc.assert(
      fc.property(scenes, ({ points }) => {
        const set = pointsOf(columnsOf(points), points.length);
        const tree = buildKdTree(set);
        expect([...tree.order].sort((a, b) => a - b)).toEqual(points.map((_, i) => i));
        for (let leaf = 0; leaf < tree.leaves; leaf++) {
          for (let node = tree.leaves + leaf; node > 1; node >>= 1) {
            const parent = node >> 1;
            for (const number of tree.order.subarray(tree.starts[leaf], tree.starts[leaf + 1])) {
              const value = points[number][tree.dimensions[parent]];
              if (node % 2 === 0) expect(value).toBeLessThanOrEqual(tree.splits[parent]);
              else expect(value).toBeGreaterThanOrEqual(tree.splits[parent]);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("KNeighborsRegressor", () => {
  it("refuses more neighbours than rows", async () => {
    const y = { kind: "number", name: "y", values: Float64Array.of(1, 2) } as const;
    const fit = new KNeighborsRegressor().fit(table(numbers("a", [1, 2])), y, context);
    await expect(fit).rejects.toThrow(ParamError);
    await expect(fit).rejects.toThrow("`k` of KNeighborsRegressor must be at most the 2 rows, got 5");
  });

  it("lets exact matches alone decide when weighting by distance", async () => {
    const y = { kind: "number", name: "y", values: Float64Array.of(1, 3, 100) } as const;
    const model = new KNeighborsRegressor({ k: 3, weights: "distance" });
    await model.fit(table(numbers("a", [0, 0, 1])), y, context);
    expect(model.predict(table(numbers("a", [0])))).toEqual({ kind: "number", values: Float64Array.of(2) });
  });
});

it("a KD-tree splits columns whose median tells points apart, not one-hot columns", () => {
  const random = new Random(1);
  const isRare = Float64Array.from({ length: 1000 }, () => (random.uniform() < 0.1 ? 30 : 0));
  const spread = Float64Array.from({ length: 1000 }, () => random.normal());
  const { dimensions } = buildKdTree(pointsOf([isRare, spread], 1000));
  expect([...dimensions.subarray(1)].every((dimension) => dimension === 1)).toBe(true);
});
