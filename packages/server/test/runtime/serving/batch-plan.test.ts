// The batching rules: single cases in Triton's words, and any queue against a slow search over all batches.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BatchPlan, type BatchRules, type Pending, planBatch } from "../../../src/runtime/serving/batch-plan.ts";

const RULES: BatchRules = { maxBatchSize: 8, preferredBatchSizes: [], delayMs: 0 };

function queue(...sizes: number[]): Pending[] {
  return sizes.map((size, i) => ({ size, since: 100 + i, deadline: 10_000, shape: "rows" }));
}

describe("a batch", () => {
  test.each([
    { what: "takes what waits, without a delay", sizes: [1, 2], rules: {}, plan: { send: 2 } },
    { what: "never splits a request", sizes: [5, 4, 1], rules: {}, plan: { send: 1 } },
    {
      what: "never overtakes: a small request behind a large one waits",
      sizes: [5, 4, 3],
      rules: {},
      plan: { send: 1 },
    },
    { what: "larger than it may be goes alone", sizes: [20, 1], rules: {}, plan: { send: 1 } },
    { what: "waits for company as long as it may", sizes: [1, 2], rules: { delayMs: 50 }, plan: { waitMs: 48 } },
    { what: "goes when it is full, whatever the delay", sizes: [4, 4, 1], rules: { delayMs: 50 }, plan: { send: 2 } },
    {
      what: "goes at once at a preferred size, and no larger",
      sizes: [2, 2, 1],
      rules: { delayMs: 50, preferredBatchSizes: [4] },
      plan: { send: 2 },
    },
    {
      what: "takes the largest preferred size that can be had",
      sizes: [2, 2, 2, 2],
      rules: { delayMs: 50, preferredBatchSizes: [4, 8] },
      plan: { send: 4 },
    },
    {
      what: "whose delay is over takes all there is, preferred or not",
      sizes: [2, 2, 1],
      rules: { delayMs: 2, preferredBatchSizes: [4] },
      plan: { send: 3 },
    },
  ] as const)("$what", ({ sizes, rules, plan }) => {
    expect(planBatch(queue(...sizes), { ...RULES, ...rules }, 102)).toEqual(plan);
  });

  test("ends where the shape changes, and what goes alone goes alone", () => {
    const [a, b, c] = queue(1, 1, 1);
    expect(planBatch([a, b, { ...c, shape: "other" }], { ...RULES, delayMs: 50 }, 102)).toEqual({ send: 2 });
    expect(planBatch([{ ...a, shape: null }, b], { ...RULES, delayMs: 50 }, 102)).toEqual({ send: 1 });
    expect(planBatch([a, { ...b, shape: null }], { ...RULES, delayMs: 50 }, 102)).toEqual({ send: 1 });
  });

  test("is looked at again before the next request has waited too long", () => {
    const [a, b] = queue(1, 1);
    expect(planBatch([a, { ...b, deadline: 110 }], { ...RULES, delayMs: 50 }, 102)).toEqual({ waitMs: 8 });
  });
});

test("any queue gets the batch that a search over all prefixes finds", () => {
  const pending = fc.record({
    size: fc.integer({ min: 1, max: 12 }),
    gap: fc.integer({ min: 0, max: 30 }),
    shape: fc.constantFrom("a", "a", "a", "b", null),
  });
  const rules = fc.record({
    maxBatchSize: fc.integer({ min: 1, max: 16 }),
    preferredBatchSizes: fc.uniqueArray(fc.integer({ min: 1, max: 16 }), { maxLength: 3 }),
    delayMs: fc.constantFrom(0, 5, 20, 100),
  });
  fc.assert(
    fc.property(fc.array(pending, { minLength: 1, maxLength: 12 }), rules, fc.nat(60), (items, given, later) => {
      const preferredBatchSizes = given.preferredBatchSizes.filter((size) => size <= given.maxBatchSize);
      let since = 0;
      const waiting = items.map(({ size, gap, shape }) => {
        since += gap;
        return { size, shape, since, deadline: 1e9 };
      });
      const now = since + later;
      const all = { ...given, preferredBatchSizes };
      expect(planBatch(waiting, all, now)).toEqual(slowPlan(waiting, all, now));
    }),
    { numRuns: 500 },
  );
});

// Internal

/** The rules as the manual states them: every allowed prefix is looked at. */
function slowPlan(queue: readonly Pending[], rules: BatchRules, now: number): BatchPlan {
  const { maxBatchSize, preferredBatchSizes, delayMs } = rules;
  const total = (count: number) => queue.slice(0, count).reduce((sum, { size }) => sum + size, 0);
  const allowed = (count: number) =>
    count === 1 ||
    (total(count) <= maxBatchSize &&
      queue.slice(0, count).every(({ shape }) => shape !== null && shape === queue[0].shape));
  const counts = queue.map((_, i) => i + 1).filter(allowed);
  const most = Math.max(...counts);
  const preferred = counts.filter((count) => preferredBatchSizes.includes(total(count)));
  const late = delayMs > 0 && now - queue[0].since >= delayMs;
  if (preferred.length > 0 && !late) return { send: Math.max(...preferred) };
  const largest = preferredBatchSizes.length > 0 ? Math.max(...preferredBatchSizes) : maxBatchSize;
  const cannotGrow = most < queue.length || queue[0].shape === null || total(most) >= largest;
  if (late || delayMs === 0 || cannotGrow) return { send: most };
  return { waitMs: delayMs - (now - queue[0].since) };
}
