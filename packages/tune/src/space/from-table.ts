// A search space from a table of parameter declarations such as an estimator's. The shape is all that is asked of the
// table, so that this package knows no estimator.
import { SpaceError } from "../errors.ts";
import type { Parameter, SpaceSpec } from "./parameter.ts";

/** What is read of a declaration; further fields are ignored. */
export interface DeclaredParam {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly exclusiveMin?: boolean;
  readonly exclusiveMax?: boolean;
  readonly choices?: readonly string[];
  /** The range to search by default. */
  readonly search?: { readonly min: number; readonly max: number; readonly log?: boolean };
}

/** Which parameters to search and how to call them. */
export interface FromTableOptions {
  /** Exactly these; by default all that declare a `search` range. */
  readonly include?: readonly string[];
  /** Put before each name, such as "forest." where several tables make one space. */
  readonly prefix?: string;
}

/**
 * The space of a table's `search` ranges. A parameter that is named in `include` and has none is searched over its
 * whole range, its choices, or true and false. Throws SpaceError where nothing can be searched.
 */
export function spaceFromTable(
  table: Readonly<Record<string, DeclaredParam>>,
  { include, prefix = "" }: FromTableOptions = {},
): SpaceSpec {
  const names = include ?? Object.keys(table).filter((name) => table[name].search !== undefined);
  if (names.length === 0)
    throw new SpaceError("include", "no parameter of the table has a range to search; name some in `include`");
  const spec: Record<string, Parameter> = {};
  for (const name of names) {
    if (!Object.hasOwn(table, name))
      throw new SpaceError(
        "include",
        `the table has no parameter \`${name}\`; it has: ${Object.keys(table).join(", ")}`,
      );
    spec[`${prefix}${name}`] = searched(name, table[name]);
  }
  return spec;
}

// Internal

function searched(name: string, param: DeclaredParam): Parameter {
  if (param.type === "boolean") return { type: "categorical", choices: [false, true] };
  if (param.choices !== undefined) return { type: "categorical", choices: [...param.choices] };
  if (param.type !== "float" && param.type !== "int")
    throw new SpaceError(name, `\`${name}\` is a ${param.type}, which cannot be searched; leave it out of \`include\``);
  const { min, max, log = false } = param.search ?? wholeRange(name, param);
  if (!within(param, min) || !within(param, max))
    throw new SpaceError(name, `the range [${min}, ${max}] to search of \`${name}\` leaves what it may be; narrow it`);
  return { type: param.type, min, max, ...(log ? { log } : {}) };
}

function wholeRange(name: string, param: DeclaredParam): { min: number; max: number; log?: boolean } {
  const { min, max, exclusiveMin, exclusiveMax } = param;
  if (min === undefined || max === undefined || exclusiveMin || exclusiveMax)
    throw new SpaceError(
      name,
      `\`${name}\` has no closed range to search; give one of your own instead of \`include\``,
    );
  return { min, max };
}

function within({ min, max, exclusiveMin, exclusiveMax }: DeclaredParam, value: number): boolean {
  if (min !== undefined && (exclusiveMin ? value <= min : value < min)) return false;
  return max === undefined || !(exclusiveMax ? value >= max : value > max);
}
