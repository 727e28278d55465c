// A model is one safetensors file: what was learned as tensors, everything else as texts of its metadata. Its bytes
// depend on data hash, seed, version and pipeline alone: no time, no machine, no number of threads. Loading runs no code.
import type { FittedState, Json, Tensor } from "../base/component.ts";
import { ParamError, ShapeError } from "../base/errors.ts";
import { schemaFromJson, schemaToJson } from "../base/schema.ts";
import { sha256 } from "../base/sha256.ts";
import { type FittedPipeline, type PipelineState, restorePipeline } from "../compose/pipeline.ts";
import { canonicalJson, canonicalPipeline, type PipelineSpec } from "../compose/pipeline-spec.ts";
import type { OutputSchema } from "../compose/target.ts";
import { VERSION } from "../version.ts";
import { ModelFileError } from "./model-file-error.ts";
import { readTensors, writeTensors } from "./safetensors.ts";

/** What a model says about its making. */
export interface ModelProvenance {
  /** SHA-256 of the data it was fitted to. */
  readonly dataHash: string;
  readonly seed: number;
  /** Figures of its evaluation; those that are not finite are left out of the file. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A fitted pipeline and where it came from. */
export interface Model extends ModelProvenance {
  readonly pipeline: FittedPipeline;
  /** The version of Massif that fitted it. */
  readonly version: string;
}

/** A model's bytes and their SHA-256, under which they are stored. */
export interface SavedModel {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Number of the layout of the metadata; a reader refuses any other. */
const FORMAT = "1";

/** Writes a fitted pipeline and its provenance as one file. Throws NotFittedError for a pipeline that is not fitted. */
export async function saveModel(
  pipeline: FittedPipeline,
  { dataHash, seed, metrics }: ModelProvenance,
): Promise<SavedModel> {
  const state = pipeline.getState();
  const tensors = new Map<string, Tensor>();
  const parts = [...state.steps.map((step) => step.state), state.estimator];
  parts.forEach((part, i) => {
    for (const [name, tensor] of Object.entries(part.tensors))
      tensors.set(`${partName(i, parts.length)}.${name}`, tensor);
  });
  const finite = Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
  const metadata = new Map([
    ["massif.format", FORMAT],
    ["massif.version", VERSION],
    ["massif.pipeline", canonicalPipeline(pipeline.spec)],
    ["massif.input", canonicalJson(schemaToJson(pipeline.input))],
    ["massif.output", canonicalJson({ ...pipeline.output })],
    ["massif.columns", canonicalJson(state.steps.map(({ columns }) => columns))],
    ["massif.state", canonicalJson(parts.map(({ meta }) => meta))],
    ["massif.data", dataHash],
    ["massif.seed", String(seed)],
    ["massif.metrics", canonicalJson(finite)],
  ]);
  const bytes = writeTensors({ tensors, metadata });
  return { bytes, sha256: await sha256(bytes) };
}

/**
 * Reads a model file of any origin; with `sha256`, only the file of that hash. Throws ModelFileError saying what is
 * wrong with it.
 */
export async function loadModel(bytes: Uint8Array, expected: { readonly sha256?: string } = {}): Promise<Model> {
  if (expected.sha256 !== undefined) {
    const actual = await sha256(bytes);
    if (actual !== expected.sha256) {
      throw new ModelFileError(`the file is damaged or another: its SHA-256 is ${actual}, not ${expected.sha256}`);
    }
  }
  const { tensors, metadata } = readTensors(bytes);
  const text = (name: string) => requireText(metadata, `massif.${name}`);
  if (text("format") !== FORMAT) {
    throw new ModelFileError(`the file has model format ${text("format")}; this version reads ${FORMAT}`);
  }
  const json = (name: string) => parseJson(text(name), name);
  const seed = Number(text("seed"));
  if (!Number.isFinite(seed)) throw new ModelFileError("the seed of the model is not a number");
  try {
    const spec = json("pipeline") as unknown as PipelineSpec;
    const input = schemaFromJson(json("input"), "the model's input");
    const state = pipelineState(tensors, { columns: json("columns"), metas: json("state") });
    return {
      pipeline: restorePipeline({ spec, input, output: outputFromJson(json("output")) }, state),
      version: text("version"),
      dataHash: text("data"),
      seed,
      metrics: metricsFromJson(json("metrics")),
    };
  } catch (cause) {
    if (!(cause instanceof ShapeError || cause instanceof ParamError)) throw cause;
    throw new ModelFileError(`the contents of the model do not fit together: ${cause.message}`, { cause });
  }
}

// Internal

function partName(index: number, count: number): string {
  return index === count - 1 ? "estimator" : `steps.${index}`;
}

function requireText(metadata: ReadonlyMap<string, string>, name: string): string {
  const text = metadata.get(name);
  if (text === undefined) throw new ModelFileError(`the file is no Massif model: its metadata lack "${name}"`);
  return text;
}

function parseJson(text: string, name: string): Json {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFileError(`"massif.${name}" of the model is not JSON`, { cause });
  }
}

function pipelineState(
  tensors: ReadonlyMap<string, Tensor>,
  { columns, metas }: { columns: Json; metas: Json },
): PipelineState {
  if (!Array.isArray(columns) || !Array.isArray(metas) || metas.length !== columns.length + 1) {
    throw new ShapeError("the lists of columns and of states differ in length");
  }
  const states = metas.map((meta, i): FittedState => {
    if (typeof meta !== "object" || meta === null || Array.isArray(meta))
      throw new ShapeError(`state ${i} is no object`);
    const prefix = `${partName(i, metas.length)}.`;
    const own = [...tensors].filter(([name]) => name.startsWith(prefix));
    const named = own.map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
    return { tensors: Object.fromEntries(named), meta: meta as FittedState["meta"] };
  });
  const steps = columns.map((names, i) => {
    if (!isStrings(names)) throw new ShapeError(`the columns of step ${i} are not a list of names`);
    return { columns: names, state: states[i] };
  });
  return { steps, estimator: states[states.length - 1] };
}

function outputFromJson(json: Json): OutputSchema {
  const { kind, name, classes, clusters } = (json ?? {}) as Record<string, Json | undefined>;
  if (typeof name === "string") {
    if (kind === "number" || kind === "score") return { kind, name };
    if (kind === "class" && isStrings(classes) && classes.length > 0) return { kind, name, classes };
  }
  if (typeof name === "string" && kind === "cluster" && typeof clusters === "number") return { kind, name, clusters };
  throw new ShapeError(
    "the output must have a name and be a number, a score, one of a list of classes or of some clusters",
  );
}

function metricsFromJson(json: Json): Record<string, number> {
  const entries = typeof json === "object" && json !== null ? Object.entries(json) : [];
  if (!entries.every((entry): entry is [string, number] => typeof entry[1] === "number")) {
    throw new ShapeError("the metrics must be numbers");
  }
  return Object.fromEntries(entries);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
