// What boosting says and does when kernel memory is short.
import { createRuntime, type KernelRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { GradientBoostingRegressor, Random, ShapeError } from "../../src/index.ts";
import { bitsOf } from "../ranks/shares.ts";
import { numbers, table } from "../tables.ts";

const random = new Random(3);
const rows = 100_000;
const list = (): number[] => Array.from({ length: rows }, () => random.uniform());
const x = table(numbers("a", list()), numbers("b", list()));
const target = { kind: "number", name: "y", values: Float64Array.from(list()) } as const;

const small = createRuntime({ threads: 1, memoryBytes: 3.5 * 2 ** 20 });
const tight = createRuntime({ threads: 1, memoryBytes: 6 * 2 ** 20 });
const ample = createRuntime({ threads: 1 });
afterAll(() => {
  for (const runtime of [small, tight, ample]) runtime.close();
});

const fit = (runtime: KernelRuntime) =>
  new GradientBoostingRegressor({ nEstimators: 3, maxBins: 16 }).fit(x, target, {
    runtime,
    seed: 1,
    report: async () => {},
  });

describe("boosting with little kernel memory", () => {
  it("refuses rows that have no room, and says how many have, before it reserves any", async () => {
    const before = small.allocatedBytes;
    await expect(fit(small)).rejects.toThrow(ShapeError);
    await expect(fit(small)).rejects.toThrow(
      /100000 rows of 2 columns takes 5 MiB .* about \d{5} rows fit; take a sample/,
    );
    expect(small.allocatedBytes).toBe(before);
  });

  it("goes without copies of rows where these have no room, and learns the same bits", async () => {
    const [without, withCopies] = [await fit(tight), await fit(ample)];
    expect(bitsOf(without.getState())).toBe(bitsOf(withCopies.getState()));
  });
});
