import { createHash } from "node:crypto";
import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Estimator,
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  RandomForestClassifier,
  RandomForestRegressor,
} from "../../src/index.ts";
import { classData, regressionData } from "../mixed-data.ts";

const runtimes = [1, 2, 3].map((threads) => createRuntime({ threads }));
afterAll(() => {
  for (const runtime of runtimes) runtime.close();
});

function hash(model: Estimator): string {
  const digest = createHash("sha256");
  const { tensors, meta } = model.getState();
  for (const [name, { data }] of Object.entries(tensors)) {
    digest.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return digest.update(JSON.stringify(meta)).digest("hex");
}

const { whole: diamonds } = regressionData("diamonds", "price");
const { whole: penguins } = classData("penguins", "species");
const { whole: cancer } = classData("breast_cancer", "diagnosis");

const cases = [
  ["boosting of diamonds", () => new GradientBoostingRegressor({ nEstimators: 15 }), diamonds],
  [
    "boosting of diamonds on samples, by depth, with early stopping",
    () =>
      new GradientBoostingRegressor({
        nEstimators: 15,
        subsample: 0.7,
        columnSample: 0.6,
        earlyStopping: true,
        growth: "depth",
      }),
    diamonds,
  ],
  ["boosting of penguins", () => new GradientBoostingClassifier({ nEstimators: 20 }), penguins],
  ["boosting of tumours", () => new GradientBoostingClassifier({ nEstimators: 20 }), cancer],
  ["a forest of diamonds", () => new RandomForestRegressor({ nEstimators: 7, maxFeatures: 0.5 }), diamonds],
  ["a forest of penguins", () => new RandomForestClassifier({ nEstimators: 30 }), penguins],
] as const;

describe("the same bits", () => {
  it.each(cases)("for 1, 2 and 3 threads and a second run: %s", async (_, make, { table, target }) => {
    const hashes = new Set<string>();
    for (const runtime of [...runtimes, runtimes[1]]) {
      const model = make();
      await model.fit(table, target, { runtime, seed: 5, report: async () => {} });
      hashes.add(hash(model));
    }
    expect(hashes.size).toBe(1);
    const other = make();
    await other.fit(table, target, { runtime: runtimes[0], seed: 6, report: async () => {} });
    if (other instanceof RandomForestRegressor) expect(hashes.has(hash(other))).toBe(false);
  });
});
