// The rules of a plan, on made-up facts: which way is chosen where, and what the figures rest on.
import { describe, expect, test } from "vitest";
import { CHUNKED, choosePlan, type Measured, type PlanFacts, READING } from "../../src/services/plan-rules.ts";
import { DEFAULT_PRICES } from "../../src/services/prices.ts";

const FAMILY = "GradientDescentRegressor/minibatch";

/** One nanosecond per inner loop, 50 per cell; two threads take 60 % of the time of one. */
function measurements(source: "calibration" | "run" = "calibration"): Measured[] {
  const fit = (threads: number, units: number) => ({
    phase: "fit",
    family: FAMILY,
    source,
    threads,
    units,
    value: units * 1e-9 * (threads === 2 ? 0.6 : 1),
  });
  const other = (phase: string, family: string, units: number, value: number) => ({
    phase,
    family,
    source,
    threads: 1,
    units,
    value,
  });
  return [
    fit(1, 1e7),
    fit(1, 1e8),
    fit(2, 1e8),
    other("read", READING, 1e4, 0.5005),
    other("read", READING, 1e6, 0.55),
    other("evaluate", FAMILY, 1e6, 0.01),
    other("memory", FAMILY, 0, 150e6),
  ];
}

function facts(change: Partial<PlanFacts> = {}, bytes = 100e6, fit = 1e8): PlanFacts {
  return {
    work: { family: FAMILY, fit, evaluate: 1e5, stopsEarly: false, bytes },
    cells: 1e6,
    rows: 100_000,
    rowBytes: 200,
    passes: 50,
    keptBytes: 0,
    measured: measurements(),
    cores: 2,
    memoryMb: 1000,
    prices: DEFAULT_PRICES,
    ...change,
  };
}

const modeOf = (plan: ReturnType<typeof choosePlan>) => plan.options[plan.chosen].mode;

describe("choosePlan", () => {
  test("goes from one thread to threads to chunks as the work and the data grow", () => {
    expect(modeOf(choosePlan(facts()))).toBe("memory");
    expect(modeOf(choosePlan(facts({}, 100e6, 1e10)))).toBe("threads");
    expect(modeOf(choosePlan(facts({ rows: 3e6 }, 3e9, 1e10)))).toBe("outofcore");
  });

  test("predicts the sum of reading, fitting and judging, and what threads leave of the fit", () => {
    const { options } = choosePlan(facts({}, 100e6, 1e10));
    expect(options[0].seconds?.expected).toBeCloseTo(0.55 + 10, 1);
    expect(options[1].seconds?.expected).toBeCloseTo(0.55 + 6, 1);
    expect(options[0].memoryBytes?.expected).toBe(250e6);
  });

  test("a run outweighs the count of bytes once there are two", () => {
    const seen = (value: number) => ({
      phase: "memory",
      family: FAMILY,
      source: "run" as const,
      threads: 1,
      units: 100e6,
      value,
    });
    const measured = [...measurements(), seen(350e6), seen(350e6), seen(350e6)];
    const { options } = choosePlan(facts({ measured }));
    expect(options[0].memoryBytes?.expected).toBe(350e6);
  });

  test("what may stop early has a band that reaches down to the fewest steps seen", () => {
    const steps = [0.2, 0.3, 0.4].map((value) => ({
      phase: "steps",
      family: FAMILY,
      source: "run" as const,
      threads: 1,
      units: 1,
      value,
    }));
    const early = facts({ measured: [...measurements(), ...steps] }, 100e6, 1e10);
    const { options } = choosePlan({ ...early, work: { ...early.work, stopsEarly: true } });
    expect(options[0].seconds?.expected).toBeCloseTo(0.55 + 3, 1);
    expect(options[0].seconds?.low).toBeLessThan(2.5);
    expect(options[0].seconds?.high).toBeGreaterThan(4);
  });

  test("what fits nowhere is tried in memory, with a warning that names the memory it needs", () => {
    const plan = choosePlan(facts({ chunkRefusal: "Ridge needs all rows at once" }, 3e9));
    expect(modeOf(plan)).toBe("threads");
    expect(plan.warnings[0]).toMatch(
      /needs about 3150 MB.*1000 MB.*Ridge needs all rows.*--task-memory` above 3938 MB/,
    );
  });

  test("chunks shrink until they fit, and say so when even the smallest does not", () => {
    const tight = choosePlan(facts({ memoryMb: 300, rows: 400_000 }, 3e9));
    const chunks = tight.options[2];
    expect(chunks.feasible).toBe(true);
    expect(chunks.memoryBytes?.expected).toBeLessThanOrEqual(240e6);
    const none = choosePlan(facts({ memoryMb: 220 }, 3e9)).options[2];
    expect(none).toMatchObject({ feasible: false, reason: expect.stringMatching(/needs about \d+ MB/) });
  });

  test("fits in chunks are predicted by fits in chunks once there are some", () => {
    const own = [1e9, 1e10].map((units) => ({
      phase: "fit",
      family: FAMILY + CHUNKED,
      source: "run" as const,
      threads: 1,
      units,
      value: units * 4e-9,
    }));
    const { options } = choosePlan(facts({ measured: [...measurements(), ...own] }, 3e9, 1e10));
    expect(options[2].seconds?.expected).toBeCloseTo(0.55 + 40, 0);
  });

  test("one core is offered no threads, and ranks only where they can be", () => {
    const { options } = choosePlan(facts({ cores: 1, rankRefusal: "no" }));
    expect(options.map(({ mode }) => mode)).toEqual(["memory", "outofcore", "ranks"]);
    expect(options[2]).toMatchObject({ feasible: false, seconds: null, reason: "no" });
  });

  test("without a measurement it guesses within a wide band", () => {
    const { options } = choosePlan(facts({ measured: [] }));
    const { expected, low, high } = options[0].seconds ?? { expected: 0, low: 0, high: 0 };
    expect(high / expected).toBeGreaterThan(3);
    expect(expected / low).toBeGreaterThan(1.5);
  });
});
