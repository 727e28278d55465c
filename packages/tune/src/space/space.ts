// A checked search space: which parameters exist for given values of the others, and what values they may have.
// It knows nothing of how good values are.
import { inWords, SpaceError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Axis, axisOf } from "./axis.ts";
import { checkParameter, isRecord } from "./check-parameter.ts";
import type { Choice, Parameter, Params, SpaceSpec } from "./parameter.ts";

interface DimensionBase {
  readonly name: string;
  readonly parameter: Parameter;
  /** Whether only one value is possible. */
  readonly single: boolean;
}

/** A numeric parameter and its axis. */
export interface NumericDimension extends DimensionBase {
  readonly axis: Axis;
}

/** A categorical parameter and the places of its choices. */
export interface CategoricalDimension extends DimensionBase {
  readonly choices: readonly Choice[];
  readonly places: ReadonlyMap<Choice, number>;
}

/** One parameter of a space, ready to be sampled. */
export type Dimension = NumericDimension | CategoricalDimension;

/** A search space; immutable, and JSON by `toJSON`. */
export class Space {
  readonly spec: SpaceSpec;
  /** The parameters, each after those it depends on; otherwise as declared. */
  readonly dimensions: readonly Dimension[];
  readonly #byName: ReadonlyMap<string, Dimension>;

  /** Throws SpaceError where the declaration, which may be any JSON, cannot be searched. */
  constructor(spec: SpaceSpec) {
    if (!isRecord(spec) || Object.keys(spec).length === 0)
      throw new SpaceError("space", `the space must be an object of at least one parameter, got ${inWords(spec)}`);
    for (const [name, parameter] of Object.entries(spec)) checkParameter(name, parameter);
    this.spec = freezeDeep(structuredClone(spec));
    const dimensions = Object.entries(this.spec).map(([name, parameter]) => dimensionOf(name, parameter));
    this.#byName = new Map(dimensions.map((dimension) => [dimension.name, dimension]));
    for (const dimension of dimensions) checkParents(dimension, this.#byName);
    this.dimensions = parentsFirst(dimensions, this.#byName);
  }

  /** Whether a parameter exists where the others are `params`. */
  isActive(dimension: Dimension, params: Params): boolean {
    const when = dimension.parameter.when;
    if (when === undefined) return true;
    for (const parent in when) {
      if (!Object.hasOwn(params, parent) || !when[parent].includes(params[parent])) return false;
    }
    return true;
  }

  /** Gives `given` back if it has values of known parameters that exist together, some absent; else throws SpaceError. */
  checkPartial(given: unknown): Params {
    if (!isRecord(given)) throw new SpaceError("params", `the parameters must be an object, got ${inWords(given)}`);
    for (const [name, value] of Object.entries(given)) {
      const dimension = this.#byName.get(name);
      if (dimension === undefined)
        throw new SpaceError(
          name,
          `the space has no parameter \`${name}\`; it has: ${[...this.#byName.keys()].join(", ")}`,
        );
      if (!contains(dimension, value))
        throw new SpaceError(name, `\`${name}\` must be ${describe(dimension.parameter)}, got ${inWords(value)}`);
    }
    const params = given as Params;
    for (const name of Object.keys(params)) {
      const dimension = this.#byName.get(name)!;
      if (!this.isActive(dimension, params))
        throw new SpaceError(
          name,
          `\`${name}\` exists only when ${describeWhen(dimension.parameter)}; give these too or leave \`${name}\` out`,
        );
    }
    return params;
  }

  /** Gives `given` back if it is a point of the space, every existing parameter and no other; else throws SpaceError. */
  check(given: unknown): Params {
    const params = this.checkPartial(given);
    for (const dimension of this.dimensions) {
      if (this.isActive(dimension, params) && !Object.hasOwn(params, dimension.name))
        throw new SpaceError(
          dimension.name,
          `\`${dimension.name}\` is missing; it must be ${describe(dimension.parameter)}`,
        );
    }
    return params;
  }

  /** A point of the space: `given` values where they exist, `draw` for the others, each after those it depends on. */
  complete(given: Params, draw: (dimension: Dimension) => Choice): Params {
    const params: Record<string, Choice> = {};
    for (const dimension of this.dimensions) {
      if (!this.isActive(dimension, params)) continue;
      params[dimension.name] = Object.hasOwn(given, dimension.name) ? given[dimension.name] : draw(dimension);
    }
    return params;
  }

  toJSON(): SpaceSpec {
    return this.spec;
  }
}

/** A value drawn uniformly on the parameter's scale. */
export function drawUniform(dimension: Dimension, random: Random): Choice {
  if (!("axis" in dimension)) return dimension.choices[random.below(dimension.choices.length)];
  const { low, high } = dimension.axis;
  return dimension.axis.decode(low + random.uniform() * (high - low));
}

/** Whether a value is one the parameter may have. */
export function contains(dimension: Dimension, value: unknown): boolean {
  if (!("axis" in dimension)) return dimension.places.has(value as Choice);
  const parameter = dimension.parameter as Exclude<Parameter, { type: "categorical" }>;
  if (typeof value !== "number" || !(value >= parameter.min && value <= parameter.max)) return false;
  if (parameter.type === "int") return Number.isInteger(value);
  if (parameter.step === undefined) return true;
  const nearest = dimension.axis.decode(dimension.axis.encode(value));
  return Math.abs(value - nearest) <= 1e-9 * parameter.step;
}

/** What a parameter may be, in words: "a number from 0 to 1", "one of rbf, linear". */
export function describe(parameter: Parameter): string {
  if (parameter.type === "categorical") return `one of ${parameter.choices.map(inWords).join(", ")}`;
  const noun = parameter.type === "int" ? "a whole number" : "a number";
  const step = parameter.type === "float" && parameter.step !== undefined ? ` in steps of ${parameter.step}` : "";
  return `${noun} from ${parameter.min} to ${parameter.max}${step}`;
}

// Internal

function dimensionOf(name: string, parameter: Parameter): Dimension {
  if (parameter.type !== "categorical") {
    const axis = axisOf(parameter);
    return { name, parameter, axis, single: axis.size === 1 };
  }
  const { choices } = parameter;
  const places = new Map(choices.map((choice, i) => [choice, i]));
  return { name, parameter, choices, places, single: choices.length === 1 };
}

function checkParents({ name, parameter }: Dimension, all: ReadonlyMap<string, Dimension>): void {
  for (const [parent, values] of Object.entries(parameter.when ?? {})) {
    const field = `${name}.when.${parent}`;
    const dimension = all.get(parent);
    if (dimension === undefined)
      throw new SpaceError(
        field,
        `\`${name}\` depends on \`${parent}\`, which the space lacks; it has: ${[...all.keys()].join(", ")}`,
      );
    if (dimension.parameter.type === "float")
      throw new SpaceError(
        field,
        `\`${name}\` cannot depend on \`${parent}\`, a float; only on an int or a categorical`,
      );
    for (const value of values) {
      if (!contains(dimension, value))
        throw new SpaceError(
          field,
          `\`${name}\` waits for a value \`${parent}\` never has: it is ${describe(dimension.parameter)}, got ${inWords(value)}`,
        );
    }
  }
}

// Kahn 1962: take what depends on nothing left, in declared order, until nothing is left or all of it is on a cycle.
function parentsFirst(dimensions: readonly Dimension[], all: ReadonlyMap<string, Dimension>): Dimension[] {
  const children = new Map<string, Dimension[]>([...all.keys()].map((name) => [name, []]));
  const waiting = new Map<string, number>();
  for (const dimension of dimensions) {
    const parents = Object.keys(dimension.parameter.when ?? {});
    waiting.set(dimension.name, parents.length);
    for (const parent of parents) children.get(parent)!.push(dimension);
  }
  const ordered = dimensions.filter(({ name }) => waiting.get(name) === 0);
  for (let i = 0; i < ordered.length; i++) {
    for (const child of children.get(ordered[i].name)!) {
      const left = waiting.get(child.name)! - 1;
      waiting.set(child.name, left);
      if (left === 0) ordered.push(child);
    }
  }
  if (ordered.length === dimensions.length) return ordered;
  const stuck = dimensions.filter(({ name }) => waiting.get(name)! > 0).map(({ name }) => `\`${name}\``);
  throw new SpaceError("when", `the conditions of ${stuck.join(", ")} wait for one another; remove one \`when\``);
}

function describeWhen(parameter: Parameter): string {
  return Object.entries(parameter.when ?? {})
    .map(([parent, values]) => `\`${parent}\` is ${values.map(inWords).join(" or ")}`)
    .join(" and ");
}

function freezeDeep<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) freezeDeep(inner);
  return Object.freeze(value);
}
