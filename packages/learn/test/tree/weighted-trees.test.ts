// Weighted, pruned and other trees against scikit-learn on the same rows and weights.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { DecisionTreeClassifier, DecisionTreeRegressor, RandomForestClassifier } from "../../src/index.ts";
import fixture from "../fixtures/weighted-trees.json" with { type: "json" };
import { classData, regressionData } from "../mixed-data.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

const weigh = (rows: number): Float64Array => Float64Array.from({ length: rows }, (_, i) => 0.5 + (i % 4));

describe("weighted trees", () => {
  it.each(fixture.cases)("are scikit-learn's: $data by $params", async ({ data, target: name, params, ...known }) => {
    const numbers = data === "diabetes";
    const { whole } = numbers ? regressionData(data, name, 250) : classData(data, name, 250);
    const weights = weigh(whole.table.rows);
    const context = { runtime, seed: 1, weights, report: async () => {} };
    const tree = numbers ? new DecisionTreeRegressor(params as object) : new DecisionTreeClassifier(params as object);
    await tree.fit(whole.table, whole.target, context);
    const said = tree.predict(whole.table);
    let loss = 0;
    for (const [row, weight] of weights.entries()) {
      if (said.kind === "number" && whole.target.kind === "number") {
        const off = said.values[row] - whole.target.values[row];
        loss += weight * (params.criterion === "absolute_error" ? Math.abs(off) : off * off);
      } else if (said.kind === "class" && whole.target.kind === "class") {
        loss += weight * (1 - said.probabilities[row * said.classes.length + whole.target.codes[row]]) ** 2;
      }
    }
    loss /= weights.reduce((sum, weight) => sum + weight, 0);
    // Ties are broken at random there and by column order here.
    expect(loss).toBeGreaterThan(known.lowest - 1e-6 * (1 + known.highest));
    expect(loss).toBeLessThan(known.highest + 1e-6 * (1 + known.highest));
    const leaves = tree.fitted.trees.leafOffsets[1];
    expect(leaves).toBeGreaterThanOrEqual(known.leaves[0]);
    expect(leaves).toBeLessThanOrEqual(known.leaves[1]);
    for (const [f, share] of known.importances.entries()) {
      expect(Math.abs((tree.featureImportances?.[f] ?? 0) - share)).toBeLessThan(known.spread + 1e-5);
    }
  });

  it("score the rows that they left out, and tell the error of these as they grow", async () => {
    const { whole } = classData("breast_cancer", "diagnosis");
    const errors: (number | undefined)[] = [];
    const report = async ({ validationLoss }: { validationLoss?: number }): Promise<void> => {
      errors.push(validationLoss);
    };
    const forest = new RandomForestClassifier({ nEstimators: 40, oobScore: true });
    await forest.fit(whole.table, whole.target, { runtime, seed: 1, report });
    const accuracy = forest.outOfBag?.accuracy ?? 0;
    // scikit-learn's oob_score_ of 40 trees is 0.9578 to 0.9613 over eight seeds; five deviations of the share of 569 rows are 0.04.
    expect(accuracy).toBeGreaterThan(0.92);
    expect(accuracy).toBeLessThan(1);
    expect(errors.at(-1)).toBe(1 - accuracy);
    const again = new RandomForestClassifier();
    again.setState(forest.getState());
    expect(again.outOfBag).toEqual(forest.outOfBag);
    await expect(
      new RandomForestClassifier({ oobScore: true, bootstrap: false }).fit(whole.table, whole.target, {
        runtime,
        seed: 1,
        report,
      }),
    ).rejects.toThrow(/oobScore.*needs `bootstrap`/);
  });
});
