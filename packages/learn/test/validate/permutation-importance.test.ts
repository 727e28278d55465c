// Permutation importance against scikit-learn (bench/peers/permutation_reference.py) and by what it must be.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { fitPipeline, permutationImportance, type Target } from "../../src/index.ts";
import { classTargetOf, example, numberTargetOf } from "../example-data.ts";
import fixture from "../fixtures/permutation.json" with { type: "json" };

const runtime = createRuntime({ threads: 1 });
const context = { runtime, seed: 1, report: async () => {} };
afterAll(() => runtime.close());

const REPEATS = 40;

const cases = {
  mse: { type: "LinearRegression", target: numberTargetOf(example("diabetes", false)) as Target },
  r2: { type: "LinearRegression", target: numberTargetOf(example("diabetes", false)) as Target },
  accuracy: { type: "GaussianNB", target: classTargetOf(example("iris", false)) as Target },
} as const;

describe("permutationImportance", () => {
  it.each(["mse", "r2", "accuracy"] as const)("has scikit-learn's means and deviations of %s", async (metric) => {
    const expected = fixture[metric];
    const { table } = example(expected.data, false);
    const { type, target } = cases[metric];
    const pipeline = await fitPipeline({ steps: [], estimator: { type } }, { table, target }, context);
    const found = permutationImportance(pipeline, { table, target }, { metric, repeats: REPEATS, seed: 3 });
    expect(found.map(({ name }) => name)).toEqual(expected.columns);
    found.forEach(({ mean, deviation, losses }, j) => {
      const spread = expected.deviations[j];
      // Five deviations of the mean of so many shuffles, and of their deviation.
      expect(Math.abs(mean - expected.means[j])).toBeLessThan((5 * spread) / Math.sqrt(REPEATS) + 1e-9);
      expect(Math.abs(deviation - spread)).toBeLessThan((5 * spread) / Math.sqrt(2 * REPEATS) + 1e-9);
      expect(losses).toHaveLength(REPEATS);
    });
  });

  it("is 0 of a column that the model ignores, is repeatable, and leaves the table alone", async () => {
    const { table } = example("iris", false);
    const target = classTargetOf(example("iris", false));
    const spec = { steps: [], estimator: { type: "DecisionTreeClassifier", params: { maxDepth: 1 } } };
    const pipeline = await fitPipeline(spec, { table, target }, context);
    const kept = table.columns.map((column) => (column.kind === "number" ? column.values.slice() : undefined));
    const turned = { rows: table.rows, columns: table.columns.toReversed() };
    const found = permutationImportance(pipeline, { table: turned, target });
    expect(found.filter(({ mean }) => mean !== 0)).toHaveLength(1);
    expect(permutationImportance(pipeline, { table, target })).toEqual(found);
    expect(table.columns.map((column) => (column.kind === "number" ? column.values : undefined))).toEqual(kept);
  });

  it("refuses unknown metrics, repeats below 1 and clusterings in words", async () => {
    const { table } = example("iris", false);
    const target = classTargetOf(example("iris", false));
    const pipeline = await fitPipeline({ steps: [], estimator: { type: "GaussianNB" } }, { table, target }, context);
    const ask = (options: object) => () => permutationImportance(pipeline, { table, target }, options);
    expect(ask({ metric: "rmse" })).toThrow('"rmse" is none for classification; there are logLoss');
    expect(ask({ metric: "precision" })).toThrow("`metric` precision is not defined for these rows");
    expect(ask({ repeats: 0 })).toThrow("`repeats` must be a whole number of at least 1, got 0");
    const clusters = await fitPipeline({ steps: [], estimator: { type: "KMeans" } }, { table }, context);
    expect(() => permutationImportance(clusters, { table, target })).toThrow("a clustering has none");
  });
});
