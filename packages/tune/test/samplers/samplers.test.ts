import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Params,
  type SamplerSpec,
  Space,
  SpaceError,
  type SpaceSpec,
  Study,
  type Trial,
} from "../../src/index.ts";
import { gridPoints } from "../../src/samplers/grid-sampler.ts";
import { goodCount, splitTrials } from "../../src/samplers/split-trials.ts";
import { drive, spaces } from "../spaces.ts";

const samplers = fc.constantFrom<SamplerSpec>(
  { name: "random" },
  { name: "tpe", startup: 3 },
  { name: "tpe", startup: 0, candidates: 2, constantLiar: false },
  { name: "grid", levels: 2 },
);

describe("every sampler", () => {
  it("suggests points of the space, whatever it is and however trials end", () => {
    fc.assert(
      fc.property(
        spaces,
        samplers,
        fc.nat(),
        fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }),
        (space, sampler, seed, picks) => {
          const study = new Study({ space, sampler, seed });
          drive(study, 14, picks);
          for (const { params } of study.trials) study.space.check(params);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("suggests the same again for the same seed, and something else for another", () => {
    const space = { x: { type: "float", min: 0, max: 1 }, n: { type: "int", min: 1, max: 99, log: true } } as const;
    for (const name of ["random", "tpe", "grid"] as const) {
      const runs = [1, 1, 2].map((seed) => {
        const study = new Study({ space, seed, sampler: { name } });
        drive(study, 20, [1, 4]);
        return JSON.stringify(study.trials);
      });
      expect(runs[1]).toBe(runs[0]);
      expect(runs[2]).not.toBe(runs[0]);
    }
  });
});

describe("the grid", () => {
  const space: SpaceSpec = {
    kernel: { type: "categorical", choices: ["rbf", "linear"] },
    gamma: { type: "float", min: 0.01, max: 100, log: true, when: { kernel: ["rbf"] } },
    size: { type: "int", min: 1, max: 3 },
    share: { type: "float", min: 0, max: 1, step: 0.4 },
  };

  it("tries each combination of what exists together once, then has nothing left", () => {
    const study = new Study({ space, sampler: { name: "grid", levels: 3 } });
    const keys: string[] = [];
    for (let trial = study.ask(); trial !== null; trial = study.ask()) {
      keys.push(JSON.stringify(trial.params));
      study.tell(trial.number, trial.number % 2 === 0 ? { value: 1 } : { state: "failed" });
    }
    // (3 gammas of rbf + linear) x 3 sizes x 3 shares.
    expect(keys).toHaveLength(36);
    expect(new Set(keys).size).toBe(36);
    expect(keys).not.toEqual([...keys].sort());
  });

  it("has the ends of ranges and even steps between them on each scale", () => {
    const values = (name: string, levels: number) => [
      ...new Set(gridPoints(new Space(space), levels).flatMap((point) => point[name] ?? [])),
    ];
    expect(values("gamma", 3)).toEqual([0.01, 1, 100]);
    expect(values("size", 2)).toEqual([1, 3]);
    expect(values("share", 9)).toEqual([0, 0.4, 0.8]);
    expect(values("size", 1)).toEqual([1]);
  });

  it("goes around what was enqueued", () => {
    const study = new Study({ space: { size: { type: "int", min: 1, max: 3 } }, sampler: { name: "grid" } });
    study.enqueue({ size: 2 });
    const sizes = [study.ask(), study.ask(), study.ask()].map((trial) => trial?.params.size);
    expect(sizes[0]).toBe(2);
    expect([...sizes].sort()).toEqual([1, 2, 3]);
    expect(study.ask()).toBeNull();
    study.enqueue({ size: 2 });
    expect(study.ask()?.params).toEqual({ size: 2 });
  });

  it("refuses more levels than anybody tries at once", () => {
    const study = new Study({
      space: { x: { type: "float", min: 0, max: 1 } },
      sampler: { name: "grid", levels: 1e15 },
    });
    expect(() => study.ask()).toThrow(/more than 100000 points/);
  });

  it("tells a parameter that does not exist from one that is null, whatever its name", () => {
    const space: SpaceSpec = JSON.parse(
      '{"on": {"type": "categorical", "choices": [true, false]},' +
        ' "toString": {"type": "categorical", "choices": [null, "x"], "when": {"on": [true]}}}',
    );
    const study = new Study({ sampler: { name: "grid" }, space });
    const tried = Array.from({ length: 3 }, () => JSON.stringify(study.ask()?.params)).sort();
    expect(tried).toEqual(['{"on":false}', '{"on":true,"toString":"x"}', '{"on":true,"toString":null}']);
    expect(study.ask()).toBeNull();
  });

  it("refuses more points than anybody tries", () => {
    const wide = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`x${i}`, { type: "float", min: 0, max: 1 }]));
    const study = new Study({ space: wide as SpaceSpec, sampler: { name: "grid" } });
    expect(() => study.ask()).toThrow(SpaceError);
    expect(() => study.ask()).toThrow(/more than 100000 points; take fewer `levels` than 5/);
  });
});

function trialOf(number: number, state: Trial["state"], value: number | null, reports: Trial["reports"] = []): Trial {
  return { number, params: {}, seed: 0, state, value, reports, reason: null, attempts: 1 };
}

describe("what TPE calls good", () => {
  it("is a tenth, and never more than 25", () => {
    expect([0, 1, 10, 11, 100, 250, 251, 9000].map(goodCount)).toEqual([0, 1, 1, 2, 10, 25, 25, 25]);
  });

  it("is the best by value, the earlier of equals, like a stable sort", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 300 }), fc.boolean(), (values, minimize) => {
        const direction = minimize ? "minimize" : "maximize";
        const trials = values.map((value, i) => trialOf(i, "complete", value));
        const sorted = [...trials].sort((a, b) => (minimize ? a.value! - b.value! : b.value! - a.value!));
        const expected = sorted.slice(0, goodCount(values.length)).map(({ number }) => number);
        const { below, above } = splitTrials(trials, direction, true);
        expect(below.map(({ number }) => number)).toEqual(expected.sort((a, b) => a - b));
        expect(below.length + above.length).toBe(trials.length);
      }),
    );
  });

  it("fills up with pruned trials that came farthest, of which the better first, and never with failed ones", () => {
    const trials = [
      trialOf(0, "pruned", null, [{ step: 3, value: 5 }]),
      trialOf(1, "failed", null),
      trialOf(2, "pruned", null, [{ step: 4, value: null }]),
      trialOf(3, "pruned", null, [{ step: 4, value: 9 }]),
      trialOf(4, "running", null, [{ step: 9, value: 0 }]),
      trialOf(5, "complete", 7),
      ...Array.from({ length: 17 }, (_, i) => trialOf(6 + i, "pruned", null)),
    ];
    const numbers = (list: readonly Trial[]) => list.map(({ number }) => number);
    const { below, above } = splitTrials(trials, "minimize", true);
    // 21 finished trials: 3 are good. The running one is taken for a bad one, the failed one is in neither.
    expect(numbers(below)).toEqual([2, 3, 5]);
    expect(numbers(above).slice(0, 3)).toEqual([0, 4, 6]);
    expect(numbers(splitTrials(trials, "minimize", false).above)).not.toContain(4);
  });
});

describe("TPE", () => {
  const space: SpaceSpec = { x: { type: "float", min: 0, max: 1 }, y: { type: "float", min: 0, max: 1 } };

  it("keeps away from running trials", () => {
    // The mean way from each of 30 trials that run at once to the nearest other.
    const spread = (constantLiar: boolean) => {
      let sum = 0;
      for (let seed = 0; seed < 5; seed++) {
        const study = new Study({ space, seed, sampler: { name: "tpe", constantLiar } });
        for (let i = 0; i < 40; i++) {
          const { number, params } = study.ask()!;
          study.tell(number, { value: ((params.x as number) - 0.3) ** 2 + ((params.y as number) - 0.6) ** 2 });
        }
        const open = Array.from({ length: 30 }, () => study.ask()!.params);
        for (const a of open) sum += Math.min(...open.filter((b) => b !== a).map((b) => distance(a, b)));
      }
      return sum / 150;
    };
    expect(spread(true)).toBeGreaterThan(1.5 * spread(false));
  });

  it("learns a conditional parameter from the trials that had it", () => {
    const study = new Study({
      seed: 5,
      space: {
        kind: { type: "categorical", choices: ["a", "b"] },
        depth: { type: "float", min: 0, max: 10, when: { kind: ["a"] } },
        width: { type: "float", min: 0, max: 10, when: { kind: ["b"] } },
      },
    });
    for (let i = 0; i < 120; i++) {
      const { number, params } = study.ask()!;
      const value = params.kind === "a" ? 1 + (params.depth as number) : Math.abs((params.width as number) - 8);
      study.tell(number, { value });
    }
    const late = study.trials.slice(80).map(({ params }) => params);
    const good = late.filter(({ kind, width }) => kind === "b" && Math.abs((width as number) - 8) < 1.5);
    // Uniform draws would be there 3 times in 20.
    expect(good.length).toBeGreaterThan(0.6 * late.length);
  });

  it("goes on among ten thousand trials", () => {
    const mixed: SpaceSpec = {
      ...space,
      n: { type: "int", min: 1, max: 500, log: true },
      c: { type: "categorical", choices: ["a", "b"] },
    };
    const random = new Study({ space: mixed, sampler: { name: "random" } });
    for (let i = 0; i < 10_000; i++) {
      const { number, params } = random.ask()!;
      const value = Math.abs((params.x as number) - 0.7) + Math.abs(Math.log((params.n as number) / 30));
      random.tell(number, { value });
    }
    const tpe = Study.fromJSON({ ...random.toJSON(), sampler: { name: "tpe" } });
    for (let i = 0; i < 3; i++) {
      const { params } = tpe.ask()!;
      tpe.space.check(params);
      expect(Math.abs((params.x as number) - 0.7)).toBeLessThan(0.3);
    }
  });

  it("starts at random for as long as its settings say, and not a trial longer", () => {
    const tell = (study: Study, count: number) => {
      for (let i = 0; i < count; i++) study.tell(study.ask()!.number, { value: i });
      return study.ask()!.params;
    };
    const run = (sampler: SamplerSpec, count: number) => tell(new Study({ space, seed: 8, sampler }), count);
    expect(run({ name: "tpe" }, 9)).toEqual(run({ name: "random" }, 9));
    expect(run({ name: "tpe" }, 10)).not.toEqual(run({ name: "random" }, 10));
    expect(run({ name: "tpe", startup: 40 }, 10)).toEqual(run({ name: "random" }, 10));
  });
});

function distance(a: Params, b: Params): number {
  return Math.hypot((a.x as number) - (b.x as number), (a.y as number) - (b.y as number));
}
