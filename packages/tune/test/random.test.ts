import { describe, expect, it } from "vitest";
import { Random } from "../src/random.ts";

describe("Random", () => {
  it("gives the same stream for the same seed and lane, and another for any other", () => {
    const firsts = new Set<number>();
    for (const seed of [0, 1, 2 ** 32, 2 ** 53 - 1]) {
      for (const lane of [0, 1, 2, 2 ** 32, 2 ** 53 - 1]) {
        expect(new Random(seed, lane).uniform()).toBe(new Random(seed, lane).uniform());
        firsts.add(new Random(seed, lane).uniform());
      }
    }
    expect(firsts.size).toBe(20);
  });

  it("has the first moments of the uniform and the normal distribution", () => {
    const n = 20_000;
    const random = new Random(7);
    let [uniform, normal, square] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      uniform += random.uniform() / n;
      const z = random.normal();
      normal += z / n;
      square += (z * z) / n;
    }
    // Four standard errors of each mean.
    expect(Math.abs(uniform - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(normal)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  });

  it("is uncorrelated between neighbouring lanes of one seed", () => {
    const n = 5000;
    let sum = 0;
    for (let lane = 0; lane < n; lane++) {
      sum += (new Random(5, lane).uniform() - 0.5) * (new Random(5, lane + 1).uniform() - 0.5) * 12;
    }
    expect(Math.abs(sum / n)).toBeLessThan(4 / Math.sqrt(n));
  });

  it("permutes without loss", () => {
    expect([...new Random(2).permutation(50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});
