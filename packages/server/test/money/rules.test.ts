// The rules of money without a server: prices, rates, months.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { monthOf, monthSpan } from "../../src/services/month.ts";
import { costOf, DEFAULT_PRICES, readMeters } from "../../src/services/prices.ts";
import { RateLimiter } from "../../src/services/rate-limiter.ts";

describe("a cost", () => {
  test("is what the table says, without floating-point noise", () => {
    expect(costOf(DEFAULT_PRICES, "predict", { requests: 1e6 })).toBe(0.2);
    expect(costOf(DEFAULT_PRICES, "predict", { requests: 1, rows: 3, cpuSeconds: 0.001 })).toBe(0.00000054);
    expect(costOf(DEFAULT_PRICES, "train", { cpuSeconds: 10, memoryMbSeconds: 2000 })).toBe(0.000208);
    expect(costOf(DEFAULT_PRICES, "storage", { storedGbHours: 720 })).toBe(0.02);
    expect(costOf(DEFAULT_PRICES, "serve", { memoryMbSeconds: 1000 })).toBe(0.000004);
  });

  test("is the sum of its meters, and requests of tasks are not charged", () => {
    const used = fc.record({
      requests: fc.nat(1e6),
      rows: fc.nat(1e6),
      cpuSeconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
      memoryMbSeconds: fc.double({ min: 0, max: 1e8, noNaN: true }),
      storedGbHours: fc.double({ min: 0, max: 1e5, noNaN: true }),
    });
    fc.assert(
      fc.property(used, fc.constantFrom("predict", "train", "serve", "storage" as const), (quantities, kind) => {
        const meters = readMeters(DEFAULT_PRICES, kind, quantities);
        const sum = meters.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0);
        expect(Math.abs(costOf(DEFAULT_PRICES, kind, quantities) - sum)).toBeLessThan(1e-9 * (1 + sum));
        expect(meters.some(({ meter }) => meter === "requests")).toBe(kind === "predict" && quantities.requests > 0);
      }),
    );
  });
});

describe("a rate limit", () => {
  test("allows exactly so many requests in any minute, as a slow count says", () => {
    const steps = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), steps, (perMinute, waits) => {
        let now = 0;
        const limiter = new RateLimiter(() => now);
        const allowed: number[] = [];
        for (const wait of waits) {
          now += wait;
          const recent = allowed.filter((time) => time > now - 60_000).length;
          if (recent < perMinute) {
            expect(limiter.take("key", perMinute)).toEqual({ limit: perMinute, remaining: perMinute - recent - 1 });
            allowed.push(now);
          } else expect(() => limiter.take("key", perMinute)).toThrow(/may make/);
        }
      }),
    );
  });

  test("says after how many seconds it allows one more, and keeps that promise", () => {
    let now = 1_000_000;
    const limiter = new RateLimiter(() => now);
    limiter.take("key", 2);
    now += 10_000;
    limiter.take("key", 2);
    const refusal = refused(() => limiter.take("key", 2));
    expect(refusal).toMatchObject({ code: "RATE_LIMITED", status: 429, retryAfter: 50 });
    now += 49_000;
    expect(refused(() => limiter.take("key", 2))).toMatchObject({ retryAfter: 1 });
    now += 1000;
    limiter.take("key", 2);
  });

  test("counts each key by itself, and goes on counting when the limit changes", () => {
    const limiter = new RateLimiter(() => 5_000_000);
    limiter.take("a", 3);
    limiter.take("a", 3);
    limiter.take("b", 1);
    expect(limiter.take("a", 4)).toEqual({ limit: 4, remaining: 1 });
    expect(() => limiter.take("a", 2)).toThrow();
  });
});

test("months begin and end in UTC, also across years", () => {
  expect(monthOf(Date.UTC(2026, 11, 31, 23, 59, 59))).toBe("2026-12");
  expect(monthSpan("2026-12")).toEqual({ from: new Date("2026-12-01T00:00Z"), to: new Date("2027-01-01T00:00Z") });
  expect(monthSpan("2028-02").to).toEqual(new Date("2028-03-01T00:00Z"));
});

function refused(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("was not refused");
}
