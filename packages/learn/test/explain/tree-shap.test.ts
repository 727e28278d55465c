// Shapley values by their definition, over all subsets of the columns, against the polynomial algorithm.
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  DecisionTreeRegressor,
  ExtraTreesRegressor,
  explainTrees,
  type FitContext,
  GradientBoostingClassifier,
  RandomForestClassifier,
  type Table,
} from "../../src/index.ts";
import type { TreeModel } from "../../src/tree/tree-model.ts";
import { readNode } from "../../src/tree/tree-set.ts";
import { classData, regressionData } from "../mixed-data.ts";
import { categories, numbers, table } from "../tables.ts";

const runtime = createRuntime({ threads: 1 });
const context: FitContext = { runtime, seed: 3, report: async () => {} };
afterAll(() => runtime.close());

/** What tree `t` says of a row of which only the columns in `known` (bits) are known. */
function expectation(
  { trees }: TreeModel,
  t: number,
  codes: Uint8Array,
  known: number,
): { cover: number; value: number } {
  const visit = (index: number): { cover: number; value: number } => {
    const node = readNode(trees.nodes, trees.nodeOffsets[t], index);
    if (node.kind === "leaf") {
      const leaf = trees.leafOffsets[t] + node.leaf;
      return { cover: trees.traces?.covers[leaf] ?? 0, value: trees.values[leaf * trees.width] };
    }
    const [left, right] = [visit(node.left), visit(node.right)];
    const cover = left.cover + right.cover;
    const code = codes[node.feature];
    const goes =
      node.kind === "category"
        ? ((node.bits[code >>> 5] >>> (code & 31)) & 1) === 1
        : code === 0
          ? node.missingLeft
          : code <= node.code;
    if ((known >>> node.feature) & 1) return { cover, value: goes ? left.value : right.value };
    return { cover, value: (left.cover * left.value + right.cover * right.value) / cover };
  };
  return visit(0);
}

/** Shapley's value of each column for one row: the mean over subsets, weighted by how many orders have it next. */
function shapley(model: TreeModel, rows: Table, row: number): number[] {
  const columns = rows.columns.length;
  const codes = runtime.scope((memory) => {
    const pointer = memory.alloc(columns + 8);
    model.binning.encode(runtime, rows, { stride: columns, at: (f) => pointer + f }, row, 1);
    return runtime.u8(pointer, columns).slice();
  });
  const treeCount = model.trees.nodeOffsets.length - 1;
  const share = model.combination === "mean" ? 1 / treeCount : 1;
  const worth = Array.from({ length: 2 ** columns }, (_, known) => {
    let sum = 0;
    for (let t = 0; t < treeCount; t++) sum += share * expectation(model, t, codes, known).value;
    return sum;
  });
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const size = (set: number): number => set.toString(2).replaceAll("0", "").length;
  return rows.columns.map((_, f) => {
    let value = 0;
    for (let set = 0; set < worth.length; set++) {
      if ((set >>> f) & 1) continue;
      const orders = (factorial(size(set)) * factorial(columns - size(set) - 1)) / factorial(columns);
      value += orders * (worth[set | (1 << f)] - worth[set]);
    }
    return value;
  });
}

const count = 90;
const wave = (a: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * a) * 10);
const mixed = table(
  numbers("a", wave(1.3)),
  numbers(
    "b",
    wave(2.9).map((x, i) => (i % 7 === 0 ? null : x)),
  ),
  categories(
    "c",
    wave(0.7).map((x) => (x > 3 ? "high" : x > -3 ? "middle" : x > -9 ? "low" : null)),
  ),
  numbers("d", wave(5.1)),
);
const y = Float64Array.from(
  { length: count },
  (_, i) => wave(1.3)[i] * wave(5.1)[i] + (i % 7 === 0 ? 20 : 0) + wave(0.7)[i],
);
const target = { kind: "number", name: "y", values: y } as const;
const labels = {
  kind: "class",
  name: "y",
  codes: Int32Array.from(y, (v) => (v > 0 ? 1 : 0)),
  classes: ["n", "p"],
} as const;

const makers = {
  "one tree": () => new DecisionTreeRegressor().fit(mixed, target, context),
  "extra trees": () => new ExtraTreesRegressor({ nEstimators: 5 }).fit(mixed, target, context),
  "a forest": () => new RandomForestClassifier({ nEstimators: 5 }).fit(mixed, labels, context),
  boosting: () =>
    new GradientBoostingClassifier({ nEstimators: 8, minSamplesLeaf: 3, categorySmoothing: 1 }).fit(
      mixed,
      labels,
      context,
    ),
};

describe("contributions of columns", () => {
  it.each(Object.entries(makers))("are Shapley's by all subsets: %s", async (_, make) => {
    const estimator = await make();
    const { values } = explainTrees(estimator.fitted, mixed, "it");
    for (const row of [0, 7, 14, 41, 77]) {
      for (const [f, value] of shapley(estimator.fitted, mixed, row).entries()) {
        expect(Math.abs(values[row * 4 + f] - value)).toBeLessThan(1e-9 * (1 + Math.abs(value)));
      }
    }
  });

  it("sum to the prediction of real rows, to the log-odds of boosting, and per class", async () => {
    const { whole: diabetes } = regressionData("diabetes", "progression", 250);
    const tree = await new DecisionTreeRegressor().fit(diabetes.table, diabetes.target, context);
    expectSums(tree.fitted, diabetes.table);
    const { whole: cancer } = classData("breast_cancer", "diagnosis");
    const boosted = await new GradientBoostingClassifier({ nEstimators: 20 }).fit(cancer.table, cancer.target, context);
    expectSums(boosted.fitted, cancer.table);
    const { whole: penguins } = classData("penguins", "species");
    const forest = await new RandomForestClassifier({ nEstimators: 10 }).fit(penguins.table, penguins.target, context);
    const { values, expected, columns } = explainTrees(forest.fitted, penguins.table, "it");
    const prediction = forest.predict(penguins.table);
    if (prediction.kind !== "class") throw new Error("not classes");
    for (let i = 0; i < prediction.probabilities.length; i++) {
      let sum = expected[i % 3];
      for (let f = 0; f < columns.length; f++) sum += values[i * columns.length + f];
      expect(Math.abs(sum - prediction.probabilities[i])).toBeLessThan(1e-9);
    }

    function expectSums(model: TreeModel, rows: Table): void {
      const explained = explainTrees(model, rows, "it");
      const estimator = model === tree.fitted ? tree : boosted;
      const said = estimator.predict(rows);
      if (said.kind === "cluster") throw new Error("trees find no clusters");
      for (let row = 0; row < rows.rows; row++) {
        let sum = explained.expected[0];
        for (let f = 0; f < rows.columns.length; f++) sum += explained.values[row * rows.columns.length + f];
        const raw =
          said.kind === "number"
            ? said.values[row]
            : Math.log(said.probabilities[row * 2 + 1] / said.probabilities[row * 2]);
        expect(Math.abs(sum - raw)).toBeLessThan(1e-9 * (1 + Math.abs(raw)));
      }
    }
  });
});
