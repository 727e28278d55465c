// Parameters are declared once, as data. Validation, docs, CLI flags, console forms and search spaces read this table.
import { ParamError } from "./errors.ts";
import { describeValue } from "./wording.ts";

interface ParamBase<T> {
  readonly default: T;
  /** One sentence. */
  readonly doc: string;
}

/** A number or whole number within bounds. */
export interface NumberParam extends ParamBase<number | null> {
  readonly type: "float" | "int";
  readonly min?: number;
  readonly max?: number;
  /** The bound itself is not allowed. */
  readonly exclusiveMin?: boolean;
  readonly exclusiveMax?: boolean;
  /** `null` is allowed and means "no limit" or "chosen from the data", as `doc` says. */
  readonly nullable?: boolean;
  /** Range a tuner searches by default. */
  readonly search?: { readonly min: number; readonly max: number; readonly log?: boolean };
}

/** True or false. */
export interface BooleanParam extends ParamBase<boolean> {
  readonly type: "boolean";
}

/** One of some words. */
export interface ChoiceParam extends ParamBase<string> {
  readonly type: "choice";
  readonly choices: readonly string[];
}

/** One line of text. */
export interface StringParam extends ParamBase<string> {
  readonly type: "string";
}

/** A list of column names, or of strings. */
export interface StringsParam extends ParamBase<readonly string[] | null> {
  readonly type: "strings";
  readonly nullable?: boolean;
  /** Whether a text may stand for the list of it alone. */
  readonly single?: boolean;
}

/** The declaration of one parameter. */
export type Param = NumberParam | BooleanParam | ChoiceParam | StringParam | StringsParam;
/** The declarations of a component, by name. */
export type ParamTable = Readonly<Record<string, Param>>;
/** What a parameter can hold. */
export type ParamValue = number | boolean | string | readonly string[] | null;
/** Parameters by name. */
export type ParamValues = Readonly<Record<string, ParamValue>>;

/** The value a declaration stands for: `null` only where it is nullable, a union of its words for a choice. */
export type ValueOf<P extends Param> = P extends NumberParam
  ? number | NullOf<P>
  : P extends BooleanParam
    ? boolean
    : P extends ChoiceParam
      ? P["choices"][number]
      : P extends StringParam
        ? string
        : P extends StringsParam
          ? readonly string[] | NullOf<P>
          : never;

type NullOf<P> = P extends { readonly nullable: true } ? null : never;

/** The values of a parameter table. */
export type ParamsOf<T extends ParamTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** `table`'s defaults overlaid with what `given` defines; nothing is checked here. A text alone may become a list. */
export function withDefaults<T extends ParamTable>(table: T, given: Partial<ParamsOf<T>>): ParamsOf<T> {
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(table)) values[name] = param.default;
  for (const [name, value] of Object.entries(given)) {
    const param = Object.hasOwn(table, name) ? table[name] : undefined;
    const isAlone = param?.type === "strings" && param.single === true && typeof value === "string";
    if (value !== undefined) values[name] = isAlone ? [value] : value;
  }
  return Object.freeze(values) as ParamsOf<T>;
}

/** Throws ParamError for the first unknown or impossible value of `owner`'s parameters. */
export function validateParams(owner: string, table: ParamTable, values: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(table, name)) {
      const known = Object.keys(table).join(", ") || "none";
      throw new ParamError(name, `${owner} has no parameter \`${name}\`; it has: ${known}`);
    }
  }
  for (const [name, param] of Object.entries(table)) {
    if (!allows(param, values[name])) {
      throw new ParamError(
        name,
        `\`${name}\` of ${owner} must be ${describeParam(param)}, got ${describeValue(values[name])}`,
      );
    }
  }
}

/** What a parameter may be, in words: "a number > 0", "one of a, b". */
export function describeParam(param: Param): string {
  switch (param.type) {
    case "boolean":
      return "true or false";
    case "choice":
      return `one of ${param.choices.join(", ")}`;
    case "string":
      return "a text";
    case "strings":
      return `${param.single ? "a string or " : ""}a list of strings${param.nullable ? " or null" : ""}`;
    default:
      return describeNumber(param);
  }
}

// Internal

function allows(param: Param, value: unknown): boolean {
  switch (param.type) {
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && param.choices.includes(value);
    case "string":
      return typeof value === "string";
    case "strings":
      if (value === null) return param.nullable === true;
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    default:
      return allowsNumber(param, value);
  }
}

function allowsNumber(param: NumberParam, value: unknown): boolean {
  if (value === null) return param.nullable === true;
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (param.type === "int" && !Number.isInteger(value)) return false;
  if (param.min !== undefined && (param.exclusiveMin ? value <= param.min : value < param.min)) return false;
  if (param.max !== undefined && (param.exclusiveMax ? value >= param.max : value > param.max)) return false;
  return true;
}

function describeNumber(param: NumberParam): string {
  const bounds: string[] = [];
  if (param.min !== undefined) bounds.push(`${param.exclusiveMin ? ">" : ">="} ${param.min}`);
  if (param.max !== undefined) bounds.push(`${param.exclusiveMax ? "<" : "<="} ${param.max}`);
  const noun = param.type === "int" ? "a whole number" : "a number";
  return `${noun}${bounds.length > 0 ? ` ${bounds.join(" and ")}` : ""}${param.nullable ? " or null" : ""}`;
}
