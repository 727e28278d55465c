import { describe, it } from "vitest";
import { surviveDeathAfter, surviveDeathAtFlush } from "./first-start.ts";

// A first start flushes about 1,020 times until its rename and some times more in the migration and the close.
const FLUSHES = [
  2,
  3,
  10,
  100,
  300,
  500,
  700,
  900,
  1000,
  1010,
  ...Array.from({ length: 16 }, (_, i) => 1014 + i),
  1100,
];

describe("a first start killed at any moment", () => {
  for (const n of FLUSHES) {
    it(`leaves a home that opens, killed at flush ${n}`, () => surviveDeathAtFlush(n), 120_000);
  }
  for (let milliseconds = 300; milliseconds <= 6000; milliseconds += 300) {
    it(`leaves a home that opens, killed after ${milliseconds} ms`, () => surviveDeathAfter(milliseconds), 120_000);
  }
});
