// Whether TPE is worth its name: against uniform draws on published functions, by a rank test over seeds. The long
// form, with all functions and against Optuna, is quality.slow.test.ts.
import { describe, expect, it } from "vitest";
import { bestValues } from "./best-values.ts";
import reference from "./fixtures/optuna.json" with { type: "json" };
import { PROBLEMS, paramsAt } from "./functions.ts";
import { probabilitySmaller } from "./rank-test.ts";

const SEEDS = 15;
/** Each of the functions below fails by chance once in a thousand choices of seeds, if TPE were no better at all. */
const ALPHA = 0.001;

describe("the test functions", () => {
  it("are the ones that Optuna was measured on", () => {
    expect(PROBLEMS.map(({ name }) => name)).toEqual(reference.functions.map(({ name }) => name));
    for (const [i, { points, values }] of reference.functions.entries()) {
      expect(points.map((point) => PROBLEMS[i].value(paramsAt(point)))).toEqual(
        values.map((value) => expect.closeTo(value, 9)),
      );
    }
  });
});

describe("the rank test", () => {
  it("is near the exact probability of each number of inversions, counted over all orders", () => {
    const n = 8;
    const total = countOrders(n, n, n * n);
    for (const u of [5, 13, 19, 28, 32]) {
      const { a, b } = samplesWith(u, n);
      // The normal approximation is good to about half a percent at this size.
      expect(Math.abs(probabilitySmaller(a, b) - countOrders(n, n, u) / total)).toBeLessThan(0.006);
    }
  });

  it("sees no difference where there is none, and is one-sided", () => {
    expect(probabilitySmaller([1, 1, 1], [1, 1, 1])).toBe(1);
    const low = Array.from({ length: 15 }, (_, i) => i);
    const high = low.map((v) => v + 20);
    expect(probabilitySmaller(low, high)).toBeLessThan(1e-5);
    expect(probabilitySmaller(high, low)).toBeGreaterThan(0.999);
    expect(probabilitySmaller(low, low)).toBeCloseTo(0.5, 1);
  });
});

describe("TPE in 80 trials", () => {
  const names = [
    "Ackley 3 r1",
    "DeflectedCorrugatedSpring 4",
    "Sargan 5",
    "Schwefel20 2",
    "Sphere 7 i01234",
    "RosenbrockLog 11",
    "Xor 9",
  ];
  it.each(names)(`is better than random on %s (Mann-Whitney, ${SEEDS} seeds, alpha ${ALPHA})`, (name) => {
    const problem = PROBLEMS.find((one) => one.name === name)!;
    const tpe = bestValues(problem, { name: "tpe" }, SEEDS);
    const random = bestValues(problem, { name: "random" }, SEEDS);
    expect(probabilitySmaller(tpe, random)).toBeLessThan(ALPHA);
  });
});

// Two samples of which `u` pairs are the wrong way round.
function samplesWith(u: number, n: number): { a: number[]; b: number[] } {
  const b = Array.from({ length: n }, (_, i) => i + 1);
  return { a: b.map((_, i) => Math.min(n, Math.max(0, u - n * i)) + 0.9 - i / 20), b };
}

// How many orders of n and m different values have at most u pairs the wrong way round: the greatest is one of the n,
// which is then greater than all m, or one of the m (Mann & Whitney 1947, eq. 1).
function countOrders(n: number, m: number, u: number): number {
  if (u < 0) return 0;
  if (n === 0 || m === 0) return 1;
  return countOrders(n - 1, m, u - m) + countOrders(n, m - 1, u);
}
