// What trees and forests say and do when kernel memory is short.
import { createRuntime, type KernelRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import {
  DecisionTreeRegressor,
  ExtraTreesRegressor,
  Random,
  RandomForestRegressor,
  ShapeError,
} from "../../src/index.ts";
import { bitsOf } from "../ranks/shares.ts";
import { numbers, table } from "../tables.ts";

const random = new Random(3);
const rows = 40_000;
const list = (): number[] => Array.from({ length: rows }, () => random.uniform());
const x = table(numbers("a", list()), numbers("b", list()));
const target = { kind: "number", name: "y", values: Float64Array.from(list()) } as const;

const small = createRuntime({ threads: 1, memoryBytes: 2.75 * 2 ** 20 });
const tight = createRuntime({ threads: 2, memoryBytes: 6 * 2 ** 20 });
const ample = createRuntime({ threads: 2 });
afterAll(() => {
  for (const runtime of [small, tight, ample]) runtime.close();
});

const contextOf = (runtime: KernelRuntime) => ({ runtime, seed: 1, report: async () => {} });
const forest = () => new RandomForestRegressor({ nEstimators: 5, maxBins: 16 });

describe("trees with little kernel memory", () => {
  it.each([
    ["a decision tree", () => new DecisionTreeRegressor({ maxBins: 16 })],
    ["a random forest", forest],
    ["extra trees", () => new ExtraTreesRegressor({ nEstimators: 5, maxBins: 16 })],
  ])("refuse rows that have no room for one, and say how many have: %s", async (_, make) => {
    const before = small.allocatedBytes;
    const fit = make().fit(x, target, contextOf(small));
    await expect(fit).rejects.toThrow(ShapeError);
    await expect(fit).rejects.toThrow(
      /40000 rows and 2 columns takes \d MiB .* about \d{4,5} rows fit; take a sample .* `minSamplesLeaf`/,
    );
    expect(small.allocatedBytes).toBe(before);
  });

  it("grow fewer at the same time where all have no room, and learn the same bits", async () => {
    const few = await forest().fit(x, target, contextOf(tight));
    const many = await forest().fit(x, target, contextOf(ample));
    expect(bitsOf(few.getState())).toBe(bitsOf(many.getState()));
  });

  it("take more rows where leaves hold more of them", async () => {
    const model = new DecisionTreeRegressor({ maxBins: 16, minSamplesLeaf: 100 });
    await expect(model.fit(x, target, contextOf(small))).resolves.toBe(model);
  });
});
