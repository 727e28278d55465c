import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idTime, newId } from "../../src/store/ids.ts";

describe("ids", () => {
  it("sort in the order in which they were made, also when the clock stands still or steps back", () => {
    const start = Date.now() + 10_000;
    const steps = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(steps, (offsets) => {
        const ids = offsets.map((offset) => newId("run", start + offset));
        expect([...ids].sort()).toEqual(ids);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it("carry their prefix and the time at which they were made", () => {
    const now = Date.now() + 1_000_000;
    const id = newId("mdv", now);
    expect(id).toMatch(/^mdv_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(idTime(id)).toBe(now);
    expect(idTime("mdv_nonsense")).toBeUndefined();
  });
});
