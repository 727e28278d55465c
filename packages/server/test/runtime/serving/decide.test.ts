// The autoscaler's decision against tables of Knative's own rules, against a slow transcription of them, and by
// properties that must hold whatever the load does.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, initialState, type LoadMetrics, type ScalerState } from "../../../src/runtime/serving/decide.ts";
import { DEFAULT_SCALE, type ScalePolicy } from "../../../src/runtime/serving/scale-policy.ts";

const KNATIVE: ScalePolicy = {
  ...DEFAULT_SCALE,
  minReplicas: 0,
  maxReplicas: 1000,
  targetConcurrency: 10,
  targetUtilization: 1,
  scaleToZeroGraceSeconds: 0,
};

function load(change: Partial<LoadMetrics>): LoadMetrics {
  const stable = change.stable ?? 0;
  return { now: 1000, stable, panic: stable, inFlight: 0, ready: 1, ...change };
}

/** A state that is old enough to scale to zero. */
function old(desired: number): ScalerState {
  return { ...initialState(desired), activeSince: desired > 0 ? 0 : null };
}

// The cases of Knative's pkg/autoscaler/scaling/autoscaler_test.go that apply, with its figures.
describe("Knative's table", () => {
  test.each([
    { what: "the load of ten replicas wants ten", metrics: { stable: 100, ready: 10 }, desired: 10 },
    { what: "half the load wants half", metrics: { stable: 50, ready: 10 }, desired: 5 },
    { what: "a broken replica's share is rounded up", metrics: { stable: 101, ready: 10 }, desired: 11 },
    { what: "one tick never takes away more than half", metrics: { stable: 1, ready: 100 }, desired: 50 },
    {
      what: "one tick never multiplies by more than the rate",
      metrics: { stable: 9000, ready: 1 },
      rate: 10,
      desired: 10,
    },
    {
      what: "the up rate counts from one when none is ready",
      metrics: { stable: 9000, ready: 0 },
      rate: 10,
      desired: 10,
    },
    { what: "the last replica goes when the window is empty", metrics: { stable: 0, ready: 1 }, desired: 0 },
    { what: "any trace of load keeps one", metrics: { stable: 0.001, ready: 1 }, desired: 1 },
    { what: "what runs at this moment keeps one", metrics: { stable: 0, inFlight: 1, ready: 1 }, desired: 1 },
    { what: "a request at zero makes one", metrics: { stable: 0, inFlight: 1, ready: 0 }, from: 0, desired: 1 },
    { what: "what is gone does not come back by itself", metrics: { stable: 0, ready: 0 }, from: 0, desired: 0 },
  ] as const)("$what", (row) => {
    const { rate = KNATIVE.maxScaleUpRate, from = row.metrics.ready } = row as {
      rate?: number;
      from?: number;
    } & typeof row;
    const decision = decide(load(row.metrics), { ...KNATIVE, maxScaleUpRate: rate }, old(from));
    expect(decision.desired).toBe(row.desired);
  });

  test("the utilisation is aimed at, not the target itself", () => {
    expect(decide(load({ stable: 70, ready: 10 }), { ...KNATIVE, targetUtilization: 0.7 }, old(10)).desired).toBe(10);
    expect(decide(load({ stable: 71, ready: 10 }), { ...KNATIVE, targetUtilization: 0.7 }, old(10)).desired).toBe(11);
  });

  test("a panic begins at twice what the ready replicas can take, holds its most, and ends a stable window later", () => {
    let state = old(10);
    const at = (now: number, stable: number, panic: number) => {
      const decision = decide(load({ now, stable, panic, ready: 10 }), KNATIVE, state);
      state = decision.state;
      return [decision.desired, decision.panicking];
    };
    expect(at(998, 100, 190)).toEqual([10, false]);
    expect(at(1000, 100, 191)).toEqual([20, true]);
    expect(at(1002, 100, 300)).toEqual([30, true]);
    // Less load: the number does not shrink while the panic lasts.
    expect(at(1004, 50, 20)).toEqual([30, true]);
    expect(at(1062, 50, 20)).toEqual([30, true]);
    expect(at(1062.1, 50, 20)).toEqual([5, false]);
  });

  test("the scale-down delay holds the most of its span", () => {
    const policy = { ...KNATIVE, scaleDownDelaySeconds: 10 };
    let state = old(10);
    const at = (now: number, stable: number) => {
      const decision = decide(load({ now, stable, ready: 10 }), policy, state);
      state = decision.state;
      return decision.desired;
    };
    expect([at(1000, 100), at(1004, 50), at(1008, 60), at(1011, 50), at(1019, 50)]).toEqual([10, 10, 10, 6, 5]);
  });

  test("zero comes only when a whole stable window was there to be empty, and the grace period is over", () => {
    const policy = { ...KNATIVE, scaleToZeroGraceSeconds: 30 };
    let state = initialState(1);
    const at = (now: number) => {
      const decision = decide(load({ now, stable: 0, ready: state.desired }), policy, state);
      state = decision.state;
      return decision.desired;
    };
    expect([at(0), at(59), at(60), at(89), at(90), at(100)]).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test("without figures nothing changes, but for what waits and the bounds", () => {
    const nothing = load({ stable: 0, ready: 0 });
    const unknown = { ...nothing, stable: null, panic: null };
    expect(decide(unknown, KNATIVE, initialState(4)).desired).toBe(4);
    expect(decide(unknown, { ...KNATIVE, maxReplicas: 2 }, initialState(4)).desired).toBe(2);
    expect(decide({ ...unknown, inFlight: 3 }, KNATIVE, initialState(0)).desired).toBe(1);
    expect(decide({ ...unknown, inFlight: 3 }, { ...KNATIVE, activationReplicas: 3 }, initialState(0)).desired).toBe(3);
  });
});

const policies = fc
  .record({
    minReplicas: fc.integer({ min: 0, max: 5 }),
    more: fc.integer({ min: 0, max: 20 }),
    activationReplicas: fc.integer({ min: 1, max: 3 }),
    targetConcurrency: fc.double({ min: 0.1, max: 50, noNaN: true }),
    targetUtilization: fc.double({ min: 0.1, max: 1, noNaN: true }),
    panicThreshold: fc.double({ min: 1, max: 10, noNaN: true }),
    maxScaleUpRate: fc.double({ min: 1.01, max: 20, noNaN: true }),
    maxScaleDownRate: fc.double({ min: 1.01, max: 4, noNaN: true }),
    scaleDownDelaySeconds: fc.constantFrom(0, 4, 30),
    scaleToZeroGraceSeconds: fc.constantFrom(0, 6, 30),
  })
  .map(({ more, ...policy }): ScalePolicy => {
    const maxReplicas = Math.max(1, policy.minReplicas + more);
    return { ...DEFAULT_SCALE, ...policy, maxReplicas };
  });
const loads = fc.array(
  fc.record({
    stable: fc.double({ min: 0, max: 300, noNaN: true }),
    panic: fc.double({ min: 0, max: 300, noNaN: true }),
    inFlight: fc.integer({ min: 0, max: 5 }),
    step: fc.double({ min: 0.1, max: 40, noNaN: true }),
  }),
  { minLength: 1, maxLength: 40 },
);

/** All decisions over a course of loads; replicas follow at once. */
function course(policy: ScalePolicy, steps: typeof loads extends fc.Arbitrary<infer T> ? T : never) {
  let state = initialState(Math.max(1, policy.minReplicas));
  let now = 0;
  return steps.map(({ step, ...figures }) => {
    now += step;
    const metrics = { ...figures, now, ready: state.desired };
    const before = state;
    const decision = decide(metrics, policy, before);
    state = decision.state;
    return { metrics, before, decision };
  });
}

describe("whatever the load does", () => {
  test("the number is whole and within its bounds", () => {
    fc.assert(
      fc.property(policies, loads, (policy, steps) => {
        for (const { decision } of course(policy, steps)) {
          expect(Number.isInteger(decision.desired)).toBe(true);
          expect(decision.desired).toBeGreaterThanOrEqual(policy.minReplicas);
          expect(decision.desired).toBeLessThanOrEqual(policy.maxReplicas);
        }
      }),
    );
  });

  test("it never shrinks in a panic", () => {
    fc.assert(
      fc.property(policies, loads, (policy, steps) => {
        for (const { before, decision } of course(policy, steps)) {
          if (!decision.panicking || before.panicSince === null) continue;
          expect(decision.desired).toBeGreaterThanOrEqual(Math.min(before.desired, policy.maxReplicas));
        }
      }),
    );
  });

  test("more load never wants fewer", () => {
    fc.assert(
      fc.property(policies, loads, fc.double({ min: 0, max: 200, noNaN: true }), (policy, steps, extra) => {
        for (const { metrics, before, decision } of course(policy, steps)) {
          const more = { ...metrics, stable: metrics.stable + extra, panic: metrics.panic + extra };
          expect(decide(more, policy, before).desired).toBeGreaterThanOrEqual(decision.desired);
        }
      }),
    );
  });

  test("the same figures give the same decision", () => {
    fc.assert(
      fc.property(policies, loads, (policy, steps) => {
        for (const { metrics, before, decision } of course(policy, steps)) {
          expect(decide(metrics, policy, before)).toEqual(decision);
        }
      }),
    );
  });

  test("nothing that runs loses its last replica", () => {
    fc.assert(
      fc.property(policies, loads, (policy, steps) => {
        for (const { metrics, decision } of course(policy, steps)) {
          if (metrics.inFlight > 0) expect(decision.desired).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("it is Knative's number, step by step", () => {
    fc.assert(
      fc.property(policies, loads, (policy, steps) => {
        const expected = new KnativeReference(policy);
        for (const { metrics, decision } of course(policy, steps)) {
          expect(decision.state.recent.at(-1)?.wanted).toBe(expected.wanted(metrics));
        }
      }),
    );
  });
});

// Internal

/** `Scale` of Knative's autoscaler.go line by line, with its variables' names, before the delay and the bounds. */
class KnativeReference {
  readonly #spec: ScalePolicy;
  #panicTime: number | undefined;
  #maxPanicPods = 0;

  constructor(spec: ScalePolicy) {
    this.#spec = spec;
  }

  wanted(metrics: LoadMetrics): number {
    const spec = this.#spec;
    const readyPodsCount = Math.max(1, metrics.ready);
    const maxScaleUp = Math.ceil(spec.maxScaleUpRate * readyPodsCount);
    const maxScaleDown = Math.floor(readyPodsCount / spec.maxScaleDownRate);
    const targetValue = Math.max(0.01, spec.targetConcurrency * spec.targetUtilization);
    const dspc = Math.ceil((metrics.stable as number) / targetValue);
    const dppc = Math.ceil((metrics.panic as number) / targetValue);
    let desiredStablePodCount = Math.min(Math.max(dspc, maxScaleDown), maxScaleUp);
    let desiredPanicPodCount = Math.min(Math.max(dppc, maxScaleDown), maxScaleUp);
    if (spec.activationReplicas > 1) {
      if (desiredStablePodCount > 0 && spec.activationReplicas > desiredStablePodCount)
        desiredStablePodCount = spec.activationReplicas;
      if (desiredPanicPodCount > 0 && spec.activationReplicas > desiredPanicPodCount)
        desiredPanicPodCount = spec.activationReplicas;
    }
    const isOverPanicThreshold = dppc / readyPodsCount >= spec.panicThreshold;
    if (this.#panicTime === undefined && isOverPanicThreshold) this.#panicTime = metrics.now;
    else if (isOverPanicThreshold) this.#panicTime = metrics.now;
    else if (this.#panicTime !== undefined && this.#panicTime + spec.stableWindowSeconds < metrics.now) {
      this.#panicTime = undefined;
      this.#maxPanicPods = 0;
    }
    if (this.#panicTime === undefined) return desiredStablePodCount;
    if (desiredPanicPodCount > this.#maxPanicPods) this.#maxPanicPods = desiredPanicPodCount;
    if (desiredStablePodCount > this.#maxPanicPods) this.#maxPanicPods = desiredStablePodCount;
    return this.#maxPanicPods;
  }
}
