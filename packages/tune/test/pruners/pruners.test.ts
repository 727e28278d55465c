import { describe, expect, it } from "vitest";
import { type PrunerSpec, Study } from "../../src/index.ts";
import reference from "../fixtures/optuna.json" with { type: "json" };

const space = { x: { type: "float", min: 0, max: 1 } } as const;

function studyWith(pruner: PrunerSpec, direction: "minimize" | "maximize" = "minimize"): Study {
  return new Study({ space, pruner, direction, sampler: { name: "random" } });
}

/** Runs a curve of values at steps 1, 2, ...; gives the step at which it was stopped, or null. */
function run(study: Study, curve: readonly number[]): number | null {
  const { number } = study.ask()!;
  for (const [i, value] of curve.entries()) {
    if (study.report(number, i + 1, value) === "continue") continue;
    study.tell(number, { state: "pruned" });
    return i + 1;
  }
  study.tell(number, { value: curve[curve.length - 1] });
  return null;
}

interface Case {
  readonly direction: string;
  readonly trials: readonly { readonly curve: readonly number[]; readonly stopped: number | null }[];
}

function expectAsReference(pruner: PrunerSpec, { direction, trials }: Case): void {
  const study = studyWith(pruner, direction as "minimize");
  expect(trials.map(({ curve }) => run(study, curve))).toEqual(trials.map(({ stopped }) => stopped));
  expect(study.trials.filter(({ state }) => state === "pruned").length).toBeGreaterThan(5);
}

describe("no pruner", () => {
  it("never stops a trial", () => {
    expect(run(studyWith({ name: "none" }), [1, Number.NaN, 1e300])).toBeNull();
  });
});

describe("the median pruner", () => {
  it("stops 60 trials exactly where Optuna does, both ways", () => {
    for (const one of reference.median) expectAsReference({ name: "median" }, one);
  });

  it("waits for the startup trials and the warm-up steps", () => {
    const study = studyWith({ name: "median", startup: 2, warmup: 3 });
    expect(run(study, [1, 1, 1, 1])).toBeNull();
    expect(run(study, [9, 9, 9, 9])).toBeNull();
    expect(run(study, [9, 9, 9, 9])).toBe(3);
  });

  it("stops what has reported nothing but NaN, and compares with nobody who did", () => {
    const study = studyWith({ name: "median", startup: 1 });
    run(study, [2, Number.NaN, 2]);
    const { number } = study.ask()!;
    expect(study.report(number, 1, Number.NaN)).toBe("stop");
    expect(study.report(number, 2, 99)).toBe("continue");
    expect(study.report(number, 3, 99)).toBe("stop");
  });
});

describe("successive halving", () => {
  it("stops 90 trials exactly where Optuna does, both ways and with other settings", () => {
    const [minimize, maximize, thirds] = reference.halving;
    expectAsReference({ name: "halving", minResource: 1 }, minimize);
    expectAsReference({ name: "halving", minResource: 1 }, maximize);
    expectAsReference({ name: "halving", minResource: 2, reductionFactor: 3, minEarlyStoppingRate: 1 }, thirds);
  });

  it("keeps the best quarter of those that have come to a rung", () => {
    const study = studyWith({ name: "halving", minResource: 1 });
    const at = (value: number) => study.report(study.ask()!.number, 1, value);
    expect([5, 6, 4, 4.5, 3, 4, 2.9].map(at)).toEqual([
      "continue",
      "stop",
      "continue",
      "stop",
      "continue",
      "stop",
      "continue",
    ]);
    // Eight values: the second best goes on too.
    expect(at(2.95)).toBe("continue");
    expect(at(2.97)).toBe("stop");
  });

  it("judges a trial once per rung, and at each rung that one report passes", () => {
    const study = studyWith({ name: "halving", minResource: 1 });
    const first = study.ask()!.number;
    expect(study.report(first, 1, 1)).toBe("continue");
    for (const value of [0.5, 0.4]) study.report(study.ask()!.number, 1, value);
    expect(study.report(first, 2, 9)).toBe("continue");
    expect(study.report(first, 4, 9)).toBe("continue");
    const leaper = study.ask()!.number;
    // Passes rung 1 as the best there, and is worse than 9 at rung 4.
    expect(study.report(leaper, 5, 0.1)).toBe("continue");
    const worse = study.ask()!.number;
    expect(study.report(worse, 5, 10)).toBe("stop");
  });

  it("takes a hundredth of the longest complete trial for its first rung, and waits for one", () => {
    const study = studyWith({ name: "halving" });
    const long = Array.from({ length: 350 }, () => 1);
    expect(run(study, long)).toBeNull();
    expect(run(study, [9, 9, 9, 9])).toBe(3);
  });

  it("stops at a rung without a finite value", () => {
    const study = studyWith({ name: "halving", minResource: 2 });
    const { number } = study.ask()!;
    expect(study.report(number, 1, Number.NaN)).toBe("continue");
    expect(study.report(number, 2, Infinity)).toBe("stop");
  });
});
