import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactSum, gatherRows, gatherTable, gatherTarget, shareRows } from "../../src/base/row-share.ts";
import { categories, dates, numbers, table, texts } from "../tables.ts";
import { onRanks } from "./local-ranks.ts";
import { shareOf } from "./shares.ts";

const whole = table(
  numbers("n", [1, null, -0, 4, 5, 6, 7]),
  categories("c", ["a", "b", null, "a", "c", "b", "a"]),
  dates("d", ["2020-01-01", null, "2021-05-05", null, "2022-01-01", "2000-02-29", "1969-12-31"]),
  texts("t", ["", null, 'quote " and \n', "é", "日本", "x", "end"]),
);

describe("rows of several ranks", () => {
  it("come together as they were, missing values and signs of zero included", async () => {
    const gathered = await onRanks(3, async (communicator) => {
      const { table: own } = shareOf({ table: whole }, communicator);
      return await gatherTable(await shareRows(communicator, own.rows), own);
    });
    for (const one of gathered) {
      expect(one).toEqual(whole);
      expect(Object.is((one.columns[0] as { values: Float64Array }).values[2], -0)).toBe(true);
    }
  });

  it("come together for a target, and for some rows of a column", async () => {
    const target = {
      kind: "class" as const,
      name: "y",
      codes: Int32Array.of(0, 1, 1, 0, 2, 2, 1),
      classes: ["a", "b", "c"],
    };
    const wanted = Uint32Array.of(0, 2, 3, 6);
    const found = await onRanks(4, async (communicator) => {
      const own = shareOf({ table: whole, target }, communicator);
      const share = await shareRows(communicator, own.table.rows);
      const column = (own.table.columns[0] as { values: Float64Array }).values;
      return { target: await gatherTarget(share, own.target!), some: await gatherRows(share, [column], wanted) };
    });
    for (const one of found) expect(one).toEqual({ target, some: [Float64Array.of(1, -0, 4, 7)] });
  });

  it("have a sum whose bits do not depend on how they are shared out", async () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 4, maxLength: 60 }), async (values) => {
        const sums = new Set<number>();
        for (const size of [1, 2, 3, 4]) {
          const each = await onRanks(size, async (communicator) => {
            const { table: own } = shareOf({ table: table(numbers("v", values)) }, communicator);
            const share = await shareRows(communicator, own.rows);
            return await exactSum(share, (own.columns[0] as { values: Float64Array }).values);
          });
          for (const sum of each) sums.add(sum);
        }
        expect(sums.size).toBe(1);
        const reach = Math.max(...values.map(Math.abs));
        const plain = values.reduce((sum, one) => sum + one, 0);
        expect(Math.abs([...sums][0] - plain)).toBeLessThanOrEqual(1e-13 * values.length * reach);
      }),
      { numRuns: 60 },
    );
  });
});
