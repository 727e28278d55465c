import { describe, expect, it } from "vitest";
import { logNormalMass } from "../../src/samplers/normal.ts";

// Simpson's rule on exp(-(x^2 - shift^2) / 2), so that far tails keep their digits.
function integrated(a: number, b: number): number {
  const shift = Math.max(a, 0) + Math.min(b, 0);
  const density = (x: number) => Math.exp(-0.5 * (x * x - shift * shift));
  const n = 20_000;
  const h = (b - a) / n;
  let sum = density(a) + density(b);
  for (let i = 1; i < n; i++) sum += (i % 2 === 0 ? 2 : 4) * density(a + i * h);
  return Math.log((sum * h) / 3) - 0.5 * shift * shift - 0.5 * Math.log(2 * Math.PI);
}

describe("the logarithm of the normal mass", () => {
  // Within, across and beyond the borders of the three approximations (0.674 and 5.657), on both sides.
  const intervals: [number, number][] = [
    [-1, 1],
    [0, 0.1],
    [-0.6, 0.5],
    [0.1, 0.2],
    [0.5, 0.9],
    [-3, -2.5],
    [-0.7, 4],
    [5, 6],
    [5.6, 5.7],
    [8, 8.001],
    [30, 30.5],
    [-100, -99.9],
    [0.67448974, 0.67448976],
  ];
  it.each(intervals)("in [%d, %d] is the integral to 1e-9", (a, b) => {
    expect(logNormalMass(a, b)).toBeCloseTo(integrated(a, b), 7);
    expect(Math.abs(logNormalMass(a, b) / integrated(a, b) - 1)).toBeLessThan(1e-9);
  });

  it("is symmetric", () => {
    for (const [a, b] of intervals) expect(logNormalMass(-b, -a)).toBeCloseTo(logNormalMass(a, b), 12);
  });

  it("is whole over everything and finite in any tail a kernel reaches", () => {
    expect(logNormalMass(-40, 40)).toBe(0);
    expect(logNormalMass(-Infinity, 0)).toBeCloseTo(Math.log(0.5), 14);
    // Kernels are at least a hundredth of their range wide.
    expect(logNormalMass(99.5, 100.5)).toBeGreaterThan(-5000);
    expect(logNormalMass(3, Infinity)).toBeCloseTo(Math.log(0.0013498980316301), 10);
  });
});
