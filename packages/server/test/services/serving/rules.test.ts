// The rules of serving that are plain functions: shares of variants, settings, and the traffic of the last hour.
import { ApiError } from "@massif/api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPolicy, resolvePolicy } from "../../../src/services/serving/policy-rules.ts";
import { TrafficLog } from "../../../src/services/serving/traffic-log.ts";
import { chooseVariant, makeRoom } from "../../../src/services/serving/variant-choice.ts";

/** A small seedable generator (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("variants", () => {
  const weights = fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 })
    .filter((all) => all.some((w) => w > 0));

  test("are chosen by their shares, and never one without a share", () => {
    fc.assert(
      fc.property(weights, fc.integer(), (given, seed) => {
        const random = seeded(seed);
        const variants = given.map((weight, i) => ({ weight, i }));
        const draws = 4000;
        const counts = given.map(() => 0);
        for (let draw = 0; draw < draws; draw++) counts[chooseVariant(variants, random).i]++;
        const total = given.reduce((sum, weight) => sum + weight, 0);
        for (const [i, weight] of given.entries()) {
          const share = weight / total;
          // Six standard deviations of a binomial share.
          const tolerance = 6 * Math.sqrt((share * (1 - share)) / draws);
          if (weight === 0) expect(counts[i]).toBe(0);
          expect(Math.abs(counts[i] / draws - share)).toBeLessThanOrEqual(tolerance + 1e-12);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("the same seed chooses the same", () => {
    const variants = [{ weight: 90 }, { weight: 10 }];
    const course = (seed: number) => {
      const random = seeded(seed);
      return Array.from({ length: 50 }, () => chooseVariant(variants, random).weight);
    };
    expect(course(7)).toEqual(course(7));
  });

  test("make room for a new one in whole percents that add up, each within one of its proportion", () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 99 }), (given, weight) => {
        const made = makeRoom(given, weight);
        const total = given.reduce((sum, one) => sum + one, 0);
        expect(made.reduce((sum, one) => sum + one, 0)).toBe(100 - weight);
        for (const [i, one] of made.entries())
          expect(Math.abs(one - (given[i] * (100 - weight)) / total)).toBeLessThan(1);
      }),
    );
  });
});

describe("settings", () => {
  const ROWS = { cores: 2, task: "regression" } as const;

  test("have defaults that agree with one another on any machine, for rows and tensors", () => {
    for (const cores of [1, 2, 64]) {
      for (const task of ["regression", "tensors"] as const) checkPolicy(resolvePolicy(null, { cores, task }));
    }
    expect(resolvePolicy(null, { cores: 2, task: "tensors" }).maxBatchSize).toBe(1);
    expect(resolvePolicy({ maxBatchSize: 4 }, { cores: 2, task: "tensors" }).maxBatchSize).toBe(4);
  });

  test("that were not given follow those that were", () => {
    expect(resolvePolicy({ minReplicas: 5 }, ROWS)).toMatchObject({ maxReplicas: 5, initialReplicas: 5 });
    expect(resolvePolicy({ stableWindowSeconds: 20 }, ROWS).panicWindowSeconds).toBe(2);
    expect(resolvePolicy({ minReplicas: 0 }, ROWS)).toMatchObject({ minReplicas: 0, initialReplicas: 1 });
  });

  test("that contradict one another are all named, with value and cure", () => {
    const policy = resolvePolicy({ minReplicas: 3, maxReplicas: 2, sloMs: 10, maxQueueDelayMs: 20 }, ROWS);
    let refused: ApiError | undefined;
    try {
      checkPolicy(policy);
    } catch (error) {
      refused = error as ApiError;
    }
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused?.details.map(({ field, value }) => [field, value])).toEqual([
      ["minReplicas", 3],
      ["maxQueueDelayMs", 20],
    ]);
    expect(refused?.message).toContain("lower it, or raise `maxReplicas`");
  });
});

describe("traffic", () => {
  test("is kept in steps of ten seconds for an hour, with quantiles within five percent", () => {
    let now = 1_800_000_000_000;
    const log = new TrafficLog(() => now);
    for (let millis = 1; millis <= 1000; millis++) log.request({ rows: 2, failed: millis % 100 === 0, millis });
    log.level({ replicas: 2, queued: 7, inFlight: 9 });
    log.level({ replicas: 1, queued: 0, inFlight: 0 });
    log.batch({ requests: 3, rows: 6 });
    log.batch({ requests: 1, rows: 2 });
    now += 10_000;
    log.request({ rows: 1, failed: false, millis: 1 });
    const [first, second] = log.points(3600);
    expect(first).toMatchObject({
      requests: 1000,
      errors: 10,
      rows: 1980,
      replicas: 2,
      queued: 7,
      batchRows: 4,
      batchRequests: 2,
    });
    for (const [quantile, expected] of [
      [first.p50, 500],
      [first.p95, 950],
      [first.p99, 990],
    ] as const) {
      expect(Math.abs((quantile as number) / expected - 1)).toBeLessThan(0.05);
    }
    expect(second).toMatchObject({ requests: 1, batchRows: null });
    expect(log.points(10)).toHaveLength(1);
    now += 3_600_000;
    log.request({ rows: 1, failed: false, millis: 1 });
    expect(log.points(3600)).toHaveLength(1);
  });
});
