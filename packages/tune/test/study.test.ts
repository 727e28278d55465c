import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Params,
  type PrunerSpec,
  type SamplerSpec,
  SpaceError,
  Study,
  StudyError,
  type StudySpec,
} from "../src/index.ts";
import { drive, spaces } from "./spaces.ts";

interface Json {
  readonly trials: readonly object[];
}

const space = { x: { type: "float", min: 0, max: 1 }, kind: { type: "categorical", choices: ["a", "b"] } } as const;
const conditional = { ...space, y: { type: "int", min: 1, max: 5, when: { kind: ["a"] } } } as const;

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof StudyError) return `${error.code} ${error.field}`;
    throw error;
  }
  return "nothing was thrown";
}

describe("a study", () => {
  it("numbers its trials and gives each a seed of its own", () => {
    const study = new Study({ space, seed: 4 });
    const trials = Array.from({ length: 5 }, () => study.ask()!);
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(trials.map(({ seed }) => seed)).size).toBe(5);
    expect(trials.map(({ seed }) => seed)).toEqual(
      Array.from(
        { length: 5 },
        (
          (again) => () =>
            again.ask()!.seed
        )(new Study({ space, seed: 4, sampler: { name: "random" } })),
      ),
    );
  });

  it("finds the best of the complete trials, the earliest of equals, both ways", () => {
    const values = [3, 1, Number.NaN, 1, 5, -Infinity, 5, Infinity];
    for (const [direction, best] of [
      ["minimize", 1],
      ["maximize", 4],
    ] as const) {
      const study = new Study({ space, direction });
      expect(study.best).toBeNull();
      for (const value of values) study.tell(study.ask()!.number, { value });
      study.tell(study.ask()!.number, { state: "pruned" });
      study.ask();
      expect(study.best?.number).toBe(best);
    }
  });

  it("takes a value that is no finite number for a failure and says so", () => {
    const study = new Study({ space });
    study.tell(study.ask()!.number, { value: Number.NaN });
    expect(study.trials[0]).toMatchObject({
      state: "failed",
      value: null,
      reason: "the value was NaN, not a finite number",
    });
  });

  it("takes the same result twice and refuses another", () => {
    const study = new Study({ space });
    study.ask();
    study.ask();
    study.tell(0, { value: 2 });
    expect(study.tell(0, { value: 2 }).value).toBe(2);
    expect(codeOf(() => study.tell(0, { value: 3 }))).toBe("finished-trial number");
    expect(codeOf(() => study.tell(0, { state: "failed" }))).toBe("finished-trial number");
    expect(() => study.tell(0, { value: 3 })).toThrow(
      "trial 0 is already complete with 2 and cannot become complete with 3",
    );
    study.tell(1, { state: "failed", reason: "out of memory" });
    study.tell(1, { state: "failed", reason: "lost" });
    expect(study.trials[1].reason).toBe("out of memory");
    expect(() => study.tell(1, { value: 1 })).toThrow(
      /already failed and cannot become complete with 1; retry it first/,
    );
    expect(study.trials.map(({ state }) => state)).toEqual(["complete", "failed"]);
  });

  it("begins running and failed trials again with the same parameters and seed", () => {
    const study = new Study({ space });
    const { params, seed } = study.ask()!;
    study.report(0, 1, 5);
    expect(study.retry(0)).toMatchObject({ number: 0, params, seed, state: "running", attempts: 2 });
    expect(study.trials[0].reports).toEqual([{ step: 1, value: 5 }]);
    study.tell(0, { state: "failed", reason: "lost" });
    expect(study.retry(0)).toMatchObject({ state: "running", reason: null, attempts: 3 });
    study.tell(0, { value: 1 });
    expect(codeOf(() => study.retry(0))).toBe("finished-trial number");
    expect(study.trials).toHaveLength(1);
  });

  it("tells a trial that is over to stop and takes nothing from it", () => {
    const study = new Study({ space });
    study.ask();
    study.tell(0, { state: "failed" });
    expect(study.report(0, 1, 5)).toBe("stop");
    expect(study.trials[0].reports).toEqual([]);
  });

  it("takes a report again, and drops later ones where an evaluation was taken up from an earlier point", () => {
    const study = new Study({ space });
    study.ask();
    for (const step of [1, 2, 3, 4]) study.report(0, step, step);
    study.report(0, 2, 2);
    expect(study.trials[0].reports.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    study.report(0, 3, 30);
    study.report(0, 5, Number.NaN);
    expect(study.trials[0].reports).toEqual([
      { step: 1, value: 1 },
      { step: 2, value: 2 },
      { step: 3, value: 30 },
      { step: 5, value: null },
    ]);
  });

  it("tries what was enqueued first and draws the rest", () => {
    const study = new Study({ space: conditional });
    study.enqueue({ kind: "a", y: 3 });
    study.enqueue({ x: 0.25 });
    const first = study.ask()!.params;
    expect(first).toMatchObject({ kind: "a", y: 3 });
    expect(first.x).toBeTypeOf("number");
    expect(study.ask()!.params.x).toBe(0.25);
    expect(study.ask()!.params.x).not.toBe(0.25);
    const wrongs: Params[] = [{ y: 3 }, { kind: "b", y: 3 }, { x: 2 }, { z: 1 }];
    for (const wrong of wrongs) expect(() => study.enqueue(wrong)).toThrow(SpaceError);
  });

  it("makes exist what an enqueued value asks for, whatever was suggested", () => {
    for (let seed = 0; seed < 20; seed++) {
      const study = new Study({ space: conditional, seed });
      study.enqueue({ kind: seed % 2 === 0 ? "a" : "b" });
      study.space.check(study.ask()!.params);
    }
  });

  const wrong: [string, string, (study: Study) => unknown][] = [
    ["an unknown trial", "unknown-trial number", (study) => study.tell(7, { value: 1 })],
    [
      "a trial of the prototype",
      "unknown-trial number",
      (study) => study.tell("length" as unknown as number, { value: 1 }),
    ],
    ["a result of text", "bad-result value", (study) => study.tell(0, { value: "1" as unknown as number })],
    ["no result", "bad-result outcome", (study) => study.tell(0, null as unknown as { value: number })],
    ["two results", "bad-result outcome", (study) => study.tell(0, { value: 1, state: "failed" })],
    ["a result in no known state", "bad-result state", (study) => study.tell(0, { state: "complete" as "failed" })],
    ["a negative step", "bad-report step", (study) => study.report(0, -1, 1)],
    ["a broken step", "bad-report step", (study) => study.report(0, 0.5, 1)],
    ["a report of text", "bad-report value", (study) => study.report(0, 1, "1" as unknown as number)],
  ];
  it.each(wrong)("refuses %s", (_, code, call) => {
    const study = new Study({ space });
    study.ask();
    const before = JSON.stringify(study);
    expect(codeOf(() => call(study))).toBe(code);
    expect(JSON.stringify(study)).toBe(before);
  });

  const options: [string, Partial<Record<keyof StudySpec, unknown>>, string][] = [
    ["a direction", { direction: "up" }, "bad-option direction"],
    ["a negative seed", { seed: -1 }, "bad-option seed"],
    ["a broken seed", { seed: 1.5 }, "bad-option seed"],
    ["an unknown sampler", { sampler: { name: "gp" } }, "bad-option sampler.name"],
    ["a sampler of the prototype", { sampler: { name: "toString" } }, "bad-option sampler.name"],
    ["a sampler's setting out of range", { sampler: { name: "tpe", candidates: 0 } }, "bad-option sampler.candidates"],
    ["a prior without weight", { sampler: { name: "tpe", priorWeight: 0 } }, "bad-option sampler.priorWeight"],
    ["an unknown setting", { sampler: { name: "random", levels: 3 } }, "bad-option sampler.levels"],
    [
      "a pruner's setting out of range",
      { pruner: { name: "halving", reductionFactor: 1 } },
      "bad-option pruner.reductionFactor",
    ],
    ["no pruner's name", { pruner: 3 }, "bad-option pruner.name"],
  ];
  it.each(options)("cannot be made with %s that it does not know", (_, spec, code) => {
    expect(codeOf(() => new Study({ space, ...spec } as StudySpec))).toBe(code);
  });
});

describe("a stored study", () => {
  const samplers: readonly SamplerSpec[] = [
    { name: "tpe", startup: 3 },
    { name: "random" },
    { name: "grid", levels: 3 },
  ];
  const pruners: readonly PrunerSpec[] = [{ name: "none" }, { name: "median", startup: 1 }, { name: "halving" }];

  it("goes on exactly as if it had never stopped, wherever it was stopped", () => {
    const picks = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 });
    const cuts = fc.uniqueArray(fc.nat(19), { maxLength: 4 });
    fc.assert(
      fc.property(
        spaces,
        fc.constantFrom(...samplers),
        fc.constantFrom(...pruners),
        picks,
        cuts,
        (spec, sampler, pruner, pick, stops) => {
          const whole = new Study({ space: spec, sampler, pruner, seed: 6 });
          let stored = new Study({ space: spec, sampler, pruner, seed: 6 });
          for (let i = 0; i < 20; i++) {
            drive(whole, 1, [pick[i % pick.length]]);
            if (stops.includes(i)) stored = Study.fromJSON(JSON.parse(JSON.stringify(stored)));
            drive(stored, 1, [pick[i % pick.length]]);
          }
          expect(JSON.stringify(stored)).toBe(JSON.stringify(whole));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("keeps running trials, their reports and what is enqueued", () => {
    const study = new Study({ space, pruner: { name: "median" } });
    const { params } = study.ask()!;
    study.report(0, 2, 0.5);
    study.enqueue({ x: 0.5 });
    const again = Study.fromJSON(JSON.parse(JSON.stringify(study)));
    expect(again.retry(0)).toMatchObject({ params, reports: [{ step: 2, value: 0.5 }], attempts: 2 });
    expect(again.ask()!.params.x).toBe(0.5);
    expect(study.trials[0].attempts).toBe(1);
  });

  it("has its defaults written out", () => {
    expect(JSON.parse(JSON.stringify(new Study({ space })))).toMatchObject({
      format: "massif-study",
      version: 1,
      direction: "minimize",
      seed: 0,
      sampler: { name: "tpe", startup: 10, candidates: 24, priorWeight: 1, constantLiar: true },
      pruner: { name: "none" },
    });
    expect(new Study({ space, pruner: { name: "halving" } }).prunerSpec).toEqual({
      name: "halving",
      minResource: "auto",
      reductionFactor: 4,
      minEarlyStoppingRate: 0,
    });
  });

  const broken: [string, (json: Json) => unknown, string][] = [
    ["is nothing", () => null, "format"],
    ["is something else", (json) => ({ ...json, format: "x" }), "format"],
    ["is of a later version", (json) => ({ ...json, version: 2 }), "version"],
    ["has no trials", (json) => ({ ...json, trials: undefined }), "trials"],
    ["has no queue", (json) => ({ ...json, queue: {} }), "queue"],
    ["lost a trial", (json) => ({ ...json, trials: json.trials.slice(1) }), "trials[0].number"],
    ["has a trial twice", (json) => ({ ...json, trials: [json.trials[0], ...json.trials] }), "trials[1].number"],
    ["has a trial without value", withTrial({ state: "complete", value: null }), "trials[0].value"],
    ["has a running trial with a value", withTrial({ state: "running", value: 1 }), "trials[0].value"],
    ["has an unknown state", withTrial({ state: "waiting" }), "trials[0].state"],
    ["has a trial that never began", withTrial({ attempts: 0 }), "trials[0].attempts"],
    ["has a seed of text", withTrial({ seed: "1" }), "trials[0].seed"],
    ["has a number for a reason", withTrial({ reason: 3 }), "trials[0].reason"],
    ["has reports that are none", withTrial({ reports: null }), "trials[0].reports"],
    ["has a report without step", withTrial({ reports: [{ value: 1 }] }), "trials[0].reports[0]"],
    [
      "has steps that fall",
      withTrial({
        reports: [
          { step: 2, value: 1 },
          { step: 1, value: 1 },
        ],
      }),
      "trials[0].reports[1].step",
    ],
  ];
  it.each(broken)("is refused where it %s", (_, breakIt, field) => {
    const study = new Study({ space });
    study.tell(study.ask()!.number, { value: 1 });
    study.ask();
    const json = breakIt(JSON.parse(JSON.stringify(study)));
    expect(codeOf(() => Study.fromJSON(json))).toBe(`bad-snapshot ${field}`);
  });

  it("is refused where a trial is no point of its space", () => {
    const study = new Study({ space });
    study.ask();
    const json = withTrial({ params: { x: 0.5 } })(JSON.parse(JSON.stringify(study)));
    expect(() => Study.fromJSON(json)).toThrow(SpaceError);
  });
});

function withTrial(change: object): (json: Json) => unknown {
  return (json) => ({ ...json, trials: [{ ...json.trials[0], ...change }, ...json.trials.slice(1)] });
}
