import { createRuntime } from "@massif/kernels";
import { afterAll, describe, expect, it } from "vitest";
import { Random } from "../../src/index.ts";
import { areLaidShuffled, orderOf } from "../../src/linear/row-order.ts";
import { copyF64, packRows } from "../../src/matrix/dense-rows.ts";

const runtime = createRuntime({ threads: 2 });
afterAll(() => runtime.close());

describe.each([
  ["few rows, shuffled one by one", 1000, true],
  ["many rows, shuffled once and then in blocks", 300_001, true],
  ["rows as they lie", 1001, false],
] as const)("an epoch over %s", (_name, rows, isShuffled) => {
  it("takes every row once with its own target, in whole batches, in an order of its own", () => {
    runtime.scope((memory) => {
      const column = Float64Array.from({ length: rows }, (_, i) => i);
      const random = isShuffled ? new Random(3) : undefined;
      const places = areLaidShuffled(rows, 4) ? random?.permutation(rows) : undefined;
      const x = packRows(runtime, memory, { columns: [column], rows, intercept: true, places });
      const y = copyF64(runtime, memory, places === undefined ? column : invert(places));
      const order = orderOf(runtime, memory, { data: { kind: "squared", outputs: 1, x, y }, batch: 7, random });
      const epoch = () => {
        const taken: number[] = [];
        let partial = 0;
        order.forEachBlock((at, targets, count) => {
          const block = runtime.f32(at, count * x.stride);
          const own = runtime.f64(targets, count);
          if (count % 7 !== 0) partial++;
          for (let i = 0; i < count; i++) {
            if (own[i] !== block[i * x.stride] || block[i * x.stride + 1] !== 1)
              throw new Error(`row ${i} is mixed up`);
            taken.push(own[i]);
          }
        });
        expect(partial).toBeLessThanOrEqual(1);
        expect(Float64Array.from(taken).sort()).toEqual(column);
        return taken;
      };
      const [first, second] = [epoch(), epoch()];
      expect(first.every((row, i) => row === i)).toBe(!isShuffled);
      expect(first.every((row, i) => row === second[i])).toBe(!isShuffled);
    });
  });
});

/** For each place the number of the row that is there. */
function invert(places: Uint32Array): Float64Array {
  const rows = new Float64Array(places.length);
  places.forEach((place, row) => {
    rows[place] = row;
  });
  return rows;
}
