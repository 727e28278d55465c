// Random search spaces and studies for property tests.
import fc from "fast-check";
import type { Choice, Outcome, Parameter, SpaceSpec, Study } from "../src/index.ts";

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const positive = fc.double({ min: 1e-6, max: 1e3, noNaN: true });

const float: fc.Arbitrary<Parameter> = fc
  .tuple(number, number)
  .filter(([a, b]) => a === b || Math.abs(a - b) > 1e-300)
  .map(([a, b]) => ({ type: "float", min: Math.min(a, b), max: Math.max(a, b) }));
const logFloat: fc.Arbitrary<Parameter> = fc.tuple(positive, positive).map(([a, b]) => ({
  type: "float",
  min: Math.min(a, b),
  max: Math.max(a, b),
  log: true,
}));
const stepped: fc.Arbitrary<Parameter> = fc
  .tuple(
    fc.integer({ min: -20, max: 20 }),
    fc.constantFrom(0.1, 0.25, 0.3, 1, 7),
    fc.double({ min: 1, max: 30, noNaN: true }),
  )
  .map(([min, step, steps]) => ({ type: "float", min, max: min + step * steps, step }));
const int: fc.Arbitrary<Parameter> = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 60 }))
  .map(([min, width]) => ({ type: "int", min, max: min + width }));
const logInt: fc.Arbitrary<Parameter> = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 1000 }))
  .map(([min, width]) => ({ type: "int", min, max: min + width, log: true }));
const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: -3, max: 3 }),
  fc.boolean(),
  fc.constant(null),
);
const categorical: fc.Arbitrary<Parameter> = fc
  .uniqueArray(choice, { minLength: 1, maxLength: 4 })
  .map((choices) => ({ type: "categorical", choices }));

/** Any declaration without a condition. */
export const parameters = fc.oneof(float, logFloat, stepped, int, logInt, categorical);

/** Any space of up to six parameters, some of which depend on a categorical or whole number before them. */
export const spaces: fc.Arbitrary<SpaceSpec> = fc
  .array(fc.tuple(parameters, fc.boolean(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 })
  .map((entries) => {
    const spec: Record<string, Parameter> = {};
    for (const [i, [parameter, conditional, which, value]] of entries.entries()) {
      const parents = Object.entries(spec).filter(([, other]) => other.type !== "float");
      const parent = parents[which % parents.length];
      const when = conditional && parent !== undefined ? { [parent[0]]: [possible(parent[1], value)] } : undefined;
      spec[`p${i}`] = when === undefined ? parameter : { ...parameter, when };
    }
    return spec;
  });

/** Asks and tells `count` times in ways that `choices` decide: values, failures, prunings, and trials left running. */
export function drive(study: Study, count: number, choices: readonly number[]): void {
  for (let i = 0; i < count; i++) {
    const trial = study.ask();
    if (trial === null) return;
    const pick = choices[i % choices.length] + i;
    if (pick % 3 === 0) study.report(trial.number, 1, Math.sin(pick));
    if (pick % 3 === 0 && pick % 2 === 0) study.report(trial.number, 4, Math.cos(pick));
    const outcomes: readonly (Outcome | null)[] = [
      { value: Math.sin(pick * 7) },
      { value: pick },
      { state: "pruned" },
      { value: -pick },
      null,
      { state: "failed", reason: "lost" },
      { value: Number.NaN },
    ];
    const outcome = outcomes[pick % outcomes.length];
    if (outcome !== null) study.tell(trial.number, outcome);
  }
}

// Internal

function possible(parameter: Parameter, which: number): Choice {
  if (parameter.type === "categorical") return parameter.choices[which % parameter.choices.length];
  return parameter.min + (which % (parameter.max - parameter.min + 1));
}
