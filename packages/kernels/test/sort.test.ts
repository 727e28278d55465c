import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.ts";

const runtime = createRuntime({ threads: 1 });
afterAll(() => runtime.close());

function sorted(columns: readonly Float64Array[]): Float64Array[] {
  const count = columns[0].length;
  return runtime.scope((memory) => {
    const at = memory.alloc(Math.max(8, columns.length * count * 8));
    const work = memory.alloc(columns.length * (count * 8 + 8192));
    for (const [k, column] of columns.entries()) runtime.f64(at + k * count * 8, count).set(column);
    runtime.parallel("sortColumns", [at, count, work], columns.length, 1);
    return columns.map((_, k) => runtime.f64(at + k * count * 8, count).slice());
  });
}

describe("sortColumns", () => {
  it("sorts like a typed array does: by value, -0 before 0, NaN last", () => {
    const value = fc.oneof(fc.double(), fc.integer({ min: -300, max: 300 }), fc.constantFrom(0, -0, Number.NaN));
    const columns = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 60 }))
      .chain(([width, count]) => {
        const column = fc.array(value, { minLength: count, maxLength: count }).map((list) => Float64Array.from(list));
        return fc.array(column, { minLength: width, maxLength: width });
      });
    fc.assert(
      fc.property(columns, (list) => {
        expect(sorted(list)).toEqual(list.map((column) => column.toSorted()));
      }),
    );
  });
});
