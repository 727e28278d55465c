import { describe, it } from "vitest";
import { surviveDeathAfter, surviveDeathAtFlush } from "./first-start.ts";

// A first start flushes about 1,142 times until its rename and some thirty times more until it is closed.
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
  1100,
  ...Array.from({ length: 16 }, (_, i) => 1134 + i),
  1170,
];

describe("a first start killed at any moment", () => {
  for (const n of FLUSHES) {
    it(`leaves a home that opens, killed at flush ${n}`, () => surviveDeathAtFlush(n), 120_000);
  }
  for (let milliseconds = 300; milliseconds <= 6000; milliseconds += 300) {
    it(`leaves a home that opens, killed after ${milliseconds} ms`, () => surviveDeathAfter(milliseconds), 120_000);
  }
});
