// Checks of one declaration by itself, from untrusted JSON. What concerns several parameters is checked in space.ts.
import { inWords, SpaceError } from "../errors.ts";
import { stepsBetween } from "./axis.ts";
import type { Choice, Parameter } from "./parameter.ts";

const FIELDS: Readonly<Record<Parameter["type"], readonly string[]>> = {
  float: ["type", "min", "max", "log", "step", "when"],
  int: ["type", "min", "max", "log", "when"],
  categorical: ["type", "choices", "when"],
};

/** Throws SpaceError for the first thing in a declaration that cannot be. */
export function checkParameter(name: string, given: unknown): asserts given is Parameter {
  if (name === "" || name === "__proto__")
    throw new SpaceError(name, `a parameter must have a name other than ${inWords(name)}; rename it`);
  if (!isRecord(given))
    throw new SpaceError(
      name,
      `\`${name}\` must be an object such as {"type": "float", "min": 0, "max": 1}, got ${inWords(given)}`,
    );
  const type = given.type;
  if (typeof type !== "string" || !Object.hasOwn(FIELDS, type))
    fail(name, "type", `must be one of float, int, categorical`, given.type);
  checkFields(name, given, type as Parameter["type"]);
  if (type === "categorical") checkChoices(name, given.choices);
  else checkRange(name, given);
  if (given.when !== undefined) checkWhen(name, given.when);
}

/** Whether a value can be one of a categorical parameter's: a JSON scalar. */
export function isChoice(value: unknown): value is Choice {
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || typeof value === "string" || typeof value === "boolean";
}

/** Whether a value is a plain object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Internal

function fail(name: string, field: string, rule: string, value: unknown, cure = ""): never {
  const ending = cure === "" ? "" : `; ${cure}`;
  throw new SpaceError(`${name}.${field}`, `\`${field}\` of \`${name}\` ${rule}, got ${inWords(value)}${ending}`);
}

function checkFields(name: string, given: Record<string, unknown>, type: Parameter["type"]): void {
  for (const field of Object.keys(given)) {
    if (!FIELDS[type].includes(field))
      fail(
        name,
        field,
        `is no field of a ${type} parameter (it has ${FIELDS[type].join(", ")})`,
        given[field],
        "remove it",
      );
  }
  if (given.log !== undefined && typeof given.log !== "boolean") fail(name, "log", "must be true or false", given.log);
}

function checkRange(name: string, given: Record<string, unknown>): void {
  const { type, min, max, log, step } = given;
  const whole = type === "int";
  for (const [field, value] of [
    ["min", min],
    ["max", max],
  ] as const) {
    if (whole ? !Number.isSafeInteger(value) : !Number.isFinite(value))
      fail(name, field, `must be ${whole ? "a whole number" : "a finite number"}`, value);
  }
  const low = min as number;
  const high = max as number;
  if (high < low) fail(name, "max", `must be >= \`min\` (${low})`, high, "swap them");
  // Kernels are as narrow as a hundredth of the range, and one over that must be a number too.
  if (high !== low && high - low < 1e-300)
    fail(name, "max", `is too close to \`min\` (${low})`, high, "widen the range");
  if (!(high - low <= (whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE)))
    fail(name, "max", `is too far from \`min\` (${low})`, high, "narrow the range");
  if (log === true && low <= 0)
    fail(name, "min", `must be > 0 on a logarithmic scale`, low, "raise it or leave out `log`");
  if (step !== undefined) checkStep(name, step, { low, high, log });
}

function checkStep(name: string, step: unknown, { low, high, log }: { low: number; high: number; log: unknown }): void {
  if (log === true) fail(name, "step", "cannot go with `log`", step, "leave one of them out");
  if (typeof step !== "number" || !(step > 0) || !(stepsBetween(low, high, step) >= 1))
    fail(
      name,
      "step",
      `must be > 0 and at most the range (${high - low})`,
      step,
      "choose a smaller step or a wider range",
    );
  if ((high - low) / step > 2 ** 50) fail(name, "step", "is too fine to be told apart", step, "leave it out");
}

function checkChoices(name: string, choices: unknown): void {
  if (!Array.isArray(choices) || choices.length === 0)
    fail(name, "choices", "must be a list of at least one value", choices);
  const seen = new Set<unknown>();
  for (const [i, choice] of choices.entries()) {
    if (!isChoice(choice)) fail(name, `choices[${i}]`, "must be a text, a finite number, true, false or null", choice);
    // -0 and 0 are one key of a Set and one value in JSON.
    if (seen.has(choice)) fail(name, `choices[${i}]`, "must differ from the choices before it", choice, "remove it");
    seen.add(choice);
  }
}

function checkWhen(name: string, when: unknown): void {
  if (!isRecord(when) || Object.keys(when).length === 0)
    fail(name, "when", `must name the parameters it depends on, such as {"kernel": ["rbf"]}`, when);
  for (const [parent, values] of Object.entries(when)) {
    if (!Array.isArray(values) || values.length === 0)
      fail(name, `when.${parent}`, "must be a list of at least one value", values);
    const odd = values.find((value) => !isChoice(value));
    if (odd !== undefined) fail(name, `when.${parent}`, "must list texts, finite numbers, true, false or null", odd);
  }
}
