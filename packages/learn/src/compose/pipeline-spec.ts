// A pipeline as plain JSON: it travels through the API, is hashed, and gives the same model again.
import type { Json } from "../base/component.ts";
import { ParamError } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import type { ColumnKind, ColumnSchema } from "../base/table.ts";
import { describeValue, listNames } from "../base/wording.ts";
import { createEstimator, createTransformer } from "../catalogue.ts";

/** Which columns a step takes: all of one kind, all, or those named. */
export type ColumnChoice = ColumnKind | "all" | readonly string[];

/** One step: a transformer and the columns it takes. */
export interface StepSpec {
  /** A transformer of the catalogue. */
  readonly type: string;
  /** Default: all columns of the kinds the transformer accepts. */
  readonly columns?: ColumnChoice;
  readonly params?: { readonly [name: string]: Json };
}

/** Steps that prepare columns, and the estimator that learns from them. */
export interface PipelineSpec {
  /** The columns used as input; default: all of the table. */
  readonly features?: readonly string[];
  /** Applied in order; a step's outputs take the place of its inputs, after the columns it leaves alone. */
  readonly steps: readonly StepSpec[];
  readonly estimator: { readonly type: string; readonly params?: { readonly [name: string]: Json } };
}

/**
 * Checks a pipeline that may come from anywhere and gives its canonical form: all parameters spelt out, nothing else in
 * it. With the input's `schema`, names of columns are checked too. Throws ParamError; its `field` is the path.
 */
export function validatePipeline(spec: unknown, schema?: readonly ColumnSchema[]): PipelineSpec {
  const { features, steps, estimator } = object(spec, "pipeline", ["features", "steps", "estimator"]);
  if (!Array.isArray(steps)) throw mustBe("steps", "a list of steps", steps);
  const names = features === undefined ? undefined : columnNames(features, "features");
  if (names !== undefined && schema !== undefined) checkKnown(names, schema, "features");
  const chosen = new Set(names);
  const available = names === undefined ? schema : schema?.filter(({ name }) => chosen.has(name));
  return {
    ...(names === undefined ? {} : { features: names }),
    // Later steps may name columns that earlier ones make, which only the data decides: `fitPipeline` checks those.
    steps: steps.map((step: unknown, i) => canonicalStep(step, `steps[${i}]`, i === 0 ? available : undefined)),
    estimator: canonicalComponent(object(estimator, "estimator", ["type", "params"]), "estimator"),
  };
}

/** The canonical form as text: equal pipelines give equal text. */
export function canonicalPipeline(spec: PipelineSpec): string {
  return canonicalJson(validatePipeline(spec) as unknown as Json);
}

/** SHA-256 of the canonical form, in hex. */
export async function hashPipeline(spec: PipelineSpec): Promise<string> {
  return sha256(new TextEncoder().encode(canonicalPipeline(spec)));
}

/** JSON with the keys of every object sorted. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** Throws ParamError for `field` when one of `names` is not a column of `schema`. */
export function checkKnown(names: readonly string[], schema: readonly { name: string }[], field: string): void {
  const known = new Set(schema.map(({ name }) => name));
  for (const name of names) {
    if (!known.has(name))
      throw new ParamError(field, `there is no column ${describeValue(name)}; there are: ${listNames([...known])}`);
  }
}

// Internal

const KINDS: readonly unknown[] = ["number", "category", "date", "text", "all"];

type Fields = Readonly<Record<string, unknown>>;

function canonicalStep(step: unknown, path: string, schema: readonly ColumnSchema[] | undefined): StepSpec {
  const fields = object(step, path, ["type", "columns", "params"]);
  const { type, params } = canonicalComponent(fields, path);
  if (fields.columns === undefined) return { type, params };
  const field = `${path}.columns`;
  if (KINDS.includes(fields.columns)) return { type, columns: fields.columns as ColumnChoice, params };
  const columns = columnNames(fields.columns, field);
  if (schema !== undefined) checkKnown(columns, schema, field);
  return { type, columns, params };
}

function canonicalComponent({ type, params = {} }: Fields, path: string) {
  if (typeof type !== "string") throw mustBe(`${path}.type`, "the name of a component", type);
  const given = object(params, `${path}.params`);
  const create = path === "estimator" ? createEstimator : createTransformer;
  try {
    return { type, params: create(type, given).params as { readonly [name: string]: Json } };
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    const field = error.field === "type" && !Object.hasOwn(given, "type") ? "type" : `params.${error.field}`;
    throw new ParamError(`${path}.${field}`, `${path}: ${error.message}`, { cause: error });
  }
}

function object(value: unknown, field: string, allowed?: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw mustBe(field, "an object", value);
  for (const key of Object.keys(value)) {
    if (allowed !== undefined && !allowed.includes(key)) {
      throw new ParamError(`${field}.${key}`, `\`${field}\` has no field \`${key}\`; it has: ${allowed.join(", ")}`);
    }
  }
  return value as Fields;
}

function columnNames(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) {
    const also = field === "features" ? "" : `, or one of ${KINDS.join(", ")}`;
    throw mustBe(field, `a list of column names${also}`, value);
  }
  if (value.length === 0) throw mustBe(field, "at least one column name", value);
  const seen = new Set<string>();
  for (const name of value) {
    if (seen.has(name)) throw new ParamError(field, `\`${field}\` names the column ${describeValue(name)} twice`);
    seen.add(name);
  }
  return value;
}

function mustBe(field: string, what: string, got: unknown): ParamError {
  return new ParamError(field, `\`${field}\` must be ${what}, got ${describeValue(got)}`);
}
