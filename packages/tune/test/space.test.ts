import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Space, SpaceError, type SpaceSpec } from "../src/index.ts";
import { Random } from "../src/random.ts";
import { drawUniform } from "../src/space/space.ts";
import { spaces } from "./spaces.ts";

const kernel = { type: "categorical", choices: ["rbf", "linear"] } as const;
const gamma = { type: "float", min: 1e-3, max: 10, log: true, when: { kernel: ["rbf"] } } as const;

function errorOf(run: () => unknown): SpaceError {
  try {
    run();
  } catch (error) {
    if (error instanceof SpaceError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a space that cannot be searched", () => {
  const impossible: [string, unknown, string, RegExp][] = [
    ["is no object", [], "space", /object of at least one parameter, got \[\]/],
    ["is empty", {}, "space", /at least one parameter/],
    ["has a parameter that is no object", { a: 3 }, "a", /`a` must be an object such as .*, got 3/],
    [
      "has an unknown type",
      { a: { type: "real", min: 0, max: 1 } },
      "a.type",
      /one of float, int, categorical, got "real"/,
    ],
    ["has a type of the prototype", { a: { type: "constructor" } }, "a.type", /got "constructor"/],
    ["has an unknown field", { a: { type: "float", low: 0, max: 1 } }, "a.low", /no field of a float.*remove it/],
    ["lacks a bound", { a: { type: "float", max: 1 } }, "a.min", /finite number, got undefined/],
    ["has a bound of text", { a: { type: "int", min: "1", max: 2 } }, "a.min", /whole number, got "1"/],
    ["has a broken whole number", { a: { type: "int", min: 0.5, max: 2 } }, "a.min", /whole number, got 0.5/],
    ["has an endless range", { a: { type: "float", min: 0, max: Infinity } }, "a.max", /finite number, got Infinity/],
    [
      "has bounds the wrong way round",
      { a: { type: "float", min: 3, max: 2 } },
      "a.max",
      />= `min` \(3\), got 2; swap/,
    ],
    ["is too wide for a double", { a: { type: "float", min: -1.7e308, max: 1.7e308 } }, "a.max", /narrow the range/],
    [
      "is narrower than a double can share out",
      { a: { type: "float", min: 0, max: 5e-324 } },
      "a.max",
      /too close.*widen/,
    ],
    ["is too wide for whole numbers", { a: { type: "int", min: -(2 ** 52) * 1.5, max: 2 ** 52 } }, "a.max", /narrow/],
    [
      "has a logarithm of zero",
      { a: { type: "float", min: 0, max: 1, log: true } },
      "a.min",
      /> 0 on a logarithmic.*leave out/,
    ],
    [
      "has a flag that is none",
      { a: { type: "float", min: 1, max: 2, log: "yes" } },
      "a.log",
      /true or false, got "yes"/,
    ],
    ["has steps on a log scale", { a: { type: "float", min: 1, max: 2, log: true, step: 1 } }, "a.step", /leave one/],
    ["has a step of zero", { a: { type: "float", min: 1, max: 2, step: 0 } }, "a.step", /> 0 and at most/],
    [
      "has a step beyond the range",
      { a: { type: "float", min: 1, max: 2, step: 1.5 } },
      "a.step",
      /at most the range \(1\)/,
    ],
    ["has a step nobody can see", { a: { type: "float", min: 0, max: 1, step: 1e-17 } }, "a.step", /too fine/],
    ["has no choices", { a: { type: "categorical", choices: [] } }, "a.choices", /at least one value, got \[\]/],
    ["has a choice twice", { a: { type: "categorical", choices: ["x", "x"] } }, "a.choices[1]", /differ.*got "x"/],
    ["has an object for a choice", { a: { type: "categorical", choices: [{}] } }, "a.choices[0]", /a text, a finite/],
    ["has NaN for a choice", { a: { type: "categorical", choices: [Number.NaN] } }, "a.choices[0]", /got NaN/],
    ["names the prototype", JSON.parse('{"__proto__": {"type": "int", "min": 0, "max": 1}}'), "__proto__", /rename/],
    ["depends on nothing", { gamma: { ...gamma, when: {} }, kernel }, "gamma.when", /name the parameters/],
    ["depends on what is not there", { gamma }, "gamma.when.kernel", /which the space lacks; it has: gamma/],
    ["waits for no value", { kernel, gamma: { ...gamma, when: { kernel: [] } } }, "gamma.when.kernel", /at least one/],
    [
      "waits for what never comes",
      { kernel, gamma: { ...gamma, when: { kernel: ["poly"] } } },
      "gamma.when.kernel",
      /never has: it is one of "rbf", "linear", got "poly"/,
    ],
    [
      "depends on a float",
      { c: { type: "float", min: 0, max: 1 }, d: { ...kernel, when: { c: [0] } } },
      "d.when.c",
      /cannot depend on `c`, a float/,
    ],
    [
      "waits for an object",
      { kernel, gamma: { ...gamma, when: { kernel: [{}] } } },
      "gamma.when.kernel",
      /texts, finite/,
    ],
    ["depends on itself", { a: { ...kernel, when: { a: ["rbf"] } } }, "when", /`a` wait for one another/],
    [
      "has a circle of conditions",
      { a: { ...kernel, when: { b: ["rbf"] } }, b: { ...kernel, when: { a: ["rbf"] } } },
      "when",
      /`a`, `b` wait for one another/,
    ],
  ];
  it.each(impossible)("is refused with field and cure where it %s", (_, spec, field, message) => {
    const error = errorOf(() => new Space(spec as SpaceSpec));
    expect(error.field).toBe(field);
    expect(error.message).toMatch(message);
  });
});

describe("a space", () => {
  const space = new Space({
    gamma,
    degree: { type: "int", min: 1, max: 3 },
    kernel,
    tail: { ...kernel, when: { degree: [2, 3], kernel: ["rbf"] } },
  });

  it("orders parameters after those they depend on", () => {
    expect(space.dimensions.map(({ name }) => name)).toEqual(["degree", "kernel", "gamma", "tail"]);
  });

  it("is JSON and back", () => {
    expect(new Space(JSON.parse(JSON.stringify(space))).spec).toEqual(space.spec);
  });

  it("does not change with the object it was made from", () => {
    const spec = { a: { type: "categorical" as const, choices: ["x", "y"] } };
    const made = new Space(spec);
    spec.a.choices.push("z");
    expect(made.spec.a).toEqual({ type: "categorical", choices: ["x", "y"] });
    expect(() => new Space({ a: { type: "categorical", choices: ["x"] } }).check({ a: "z" })).toThrow(SpaceError);
  });

  const points: [string, unknown, string][] = [
    ["a missing parameter", { kernel: "linear" }, "degree"],
    ["an unknown parameter", { degree: 1, kernel: "linear", nu: 1 }, "nu"],
    ["a value outside", { degree: 4, kernel: "linear" }, "degree"],
    ["a broken whole number", { degree: 1.5, kernel: "linear" }, "degree"],
    ["a value of another type", { degree: "1", kernel: "linear" }, "degree"],
    ["a conditional parameter that does not exist", { degree: 1, kernel: "linear", gamma: 1 }, "gamma"],
    ["a conditional parameter that is missing", { degree: 1, kernel: "rbf" }, "gamma"],
    ["a parameter of which one of two conditions fails", { degree: 1, kernel: "rbf", gamma: 1, tail: "rbf" }, "tail"],
    ["no object", null, "params"],
  ];
  it.each(points)("refuses a point with %s", (_, params, field) => {
    expect(errorOf(() => space.check(params)).field).toBe(field);
  });

  it("takes a point with all that exists", () => {
    space.check({ degree: 2, kernel: "rbf", gamma: 0.5, tail: "linear" });
    space.check({ degree: 2, kernel: "linear" });
  });

  it("knows the steps of decimal fractions", () => {
    const steps = new Space({ a: { type: "float", min: 0, max: 1, step: 0.1 } });
    steps.check({ a: 0.3 });
    steps.check({ a: 0.1 * 3 });
    expect(errorOf(() => steps.check({ a: 0.35 })).message).toMatch(/a number from 0 to 1 in steps of 0.1, got 0.35/);
    const random = new Random(1);
    const seen = new Set(Array.from({ length: 400 }, () => drawUniform(steps.dimensions[0], random)));
    expect([...seen].sort()).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });

  it("draws points of itself, whatever it is", () => {
    fc.assert(
      fc.property(spaces, fc.nat(), (spec, seed) => {
        const any = new Space(spec);
        const random = new Random(seed);
        for (let i = 0; i < 5; i++) any.check(any.complete({}, (dimension) => drawUniform(dimension, random)));
      }),
      { numRuns: 200 },
    );
  });

  it("draws whole numbers with equal chances, and logarithms evenly over decades", () => {
    const random = new Random(3);
    const [whole, decade] = new Space({
      whole: { type: "int", min: 1, max: 4 },
      decade: { type: "float", min: 0.01, max: 100, log: true },
    }).dimensions;
    const n = 8000;
    const counts = [0, 0, 0, 0];
    const decades = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      counts[(drawUniform(whole, random) as number) - 1]++;
      decades[Math.floor(Math.log10(drawUniform(decade, random) as number)) + 2]++;
    }
    // Four cells of n/4 each: chi-square with 3 degrees of freedom is above 16.3 once in a thousand.
    for (const cells of [counts, decades]) {
      expect(cells.reduce((sum, count) => sum + (count - n / 4) ** 2 / (n / 4), 0)).toBeLessThan(16.3);
    }
  });
});
