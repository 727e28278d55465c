// What a request to tune means for a data set: the pipeline, what is searched in it and how. Pure rules; nothing is read
// or written. A space is refused here, before anything runs, with the field and the value that are wrong.
import { ApiError, type Candidate, hasTarget, type PipelineSpec, type StudyRequest, type Task } from "@massif/api";
import type { ColumnInfo } from "@massif/data";
import {
  describeCatalogue,
  METRICS,
  type MetricSpec,
  ParamError,
  type ParamTable,
  validateParams,
} from "@massif/learn";
import {
  type Params,
  SpaceError,
  type SpaceSpec,
  Study,
  StudyError,
  type StudySpec,
  spaceFromTable,
} from "@massif/tune";
import { rankedBy } from "./run-resource.ts";
import { planTraining } from "./training-plan.ts";

/** A study that can be. */
export interface StudyPlan {
  readonly task: Task;
  readonly label: string;
  readonly pipeline: PipelineSpec;
  readonly metric: MetricSpec["name"];
  /** With all defaults. */
  readonly spec: Required<StudySpec>;
  /** The pipeline's own parameters, as far as the space holds them: what the first trial is run with. */
  readonly start: Params | null;
}

/** Throws INVALID_TARGET, INVALID_PIPELINE, INVALID_SPACE and INVALID_REQUEST. */
export async function planStudy(columns: readonly ColumnInfo[], request: StudyRequest): Promise<StudyPlan> {
  const { target, candidate, seed, leaveOut, weights } = request;
  const wish = {
    target,
    leaveOut,
    weights,
    task: request.task ?? taskOf(candidate),
    candidates: [candidate],
    paths: ["candidate"],
  };
  if (wish.task !== undefined && !hasTarget(wish.task)) {
    const none = wish.task === "clustering" ? "clustering has none" : "outliers have none";
    const message = `a study tunes what predicts a target; ${none} to be judged by`;
    throw new ApiError("INVALID_PIPELINE", message, { details: [{ field: "candidate", problem: message }] });
  }
  const { task, runs } = await planTraining(columns, wish);
  const [{ label, pipeline }] = runs;
  const metric = metricOf(task, request.metric);
  const direction = metric.direction === "higher" ? ("maximize" as const) : ("minimize" as const);
  const space = spaceOf(pipeline, candidate, request.space);
  const { sampler, pruner } = request;
  const study = checked(request.space ?? space, () => {
    const made = new Study({ space, direction, seed, sampler, pruner });
    // A grid is laid out with the first point.
    made.ask();
    return made;
  });
  checkValues(pipeline, study.space.spec);
  return {
    task,
    label,
    pipeline,
    metric: metric.name,
    spec: { space: study.space.spec, direction, seed, sampler: study.samplerSpec, pruner: study.prunerSpec },
    start: sampler.name === "grid" ? null : startOf(pipeline, study),
  };
}

/** The pipeline with a trial's parameters. */
export function withParams(pipeline: PipelineSpec, params: Params): PipelineSpec {
  const steps = pipeline.steps.map((step) => ({ ...step, params: { ...step.params } }));
  const estimator = { ...pipeline.estimator, params: { ...pipeline.estimator.params } };
  for (const [name, value] of Object.entries(params)) {
    const { step, key } = placeOf(name);
    (step === null ? estimator : steps[step]).params[key] = value;
  }
  return { ...pipeline, steps, estimator };
}

// Internal

/** What an estimator is for; undefined where it is unknown, which the plan says with its place. */
function taskOf({ estimator, pipeline }: Candidate): Task | undefined {
  const type = estimator ?? pipeline?.estimator.type;
  const found = describeCatalogue().find(({ name }) => name === type);
  return found?.kind === "estimator" ? (found.task as Task) : undefined;
}

function metricOf(task: Task, wanted: string | undefined): MetricSpec {
  const known = METRICS.filter((metric) => metric.task === task);
  const name = wanted ?? rankedBy(task).metric;
  const found = known.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  const message = `\`metric\` must be one of ${known.map((metric) => metric.name).join(", ")} for ${task}, got "${name}"`;
  throw new ApiError("INVALID_REQUEST", message, { details: [{ field: "metric", value: name, problem: message }] });
}

/** `steps.0.NAME` is a step's parameter, anything else the estimator's. */
function placeOf(name: string): { step: number | null; key: string } {
  const [, step, key] = /^steps\.(\d+)\.(.+)$/.exec(name) ?? [];
  return step === undefined ? { step: null, key: name } : { step: Number(step), key };
}

interface Place {
  readonly type: string;
  readonly key: string;
  readonly table: ParamTable;
}

function find(pipeline: PipelineSpec, name: string): Place {
  const { step, key } = placeOf(name);
  const component = step === null ? pipeline.estimator : pipeline.steps[step];
  if (component === undefined)
    throw refused(name, name, `the pipeline has no step ${step}; it has ${pipeline.steps.length}, numbered from 0`);
  const { type } = component;
  const table = describeCatalogue().find((one) => one.name === type)?.params ?? {};
  if (!Object.hasOwn(table, key)) {
    const names = Object.keys(table).join(", ") || "none";
    const hint = step === null ? "; a step's parameter is written `steps.0.NAME`" : "";
    throw refused(name, key, `${type} has no parameter \`${key}\`; it has: ${names}${hint}`);
  }
  return { type, key, table };
}

function spaceOf(pipeline: PipelineSpec, candidate: Candidate, given: StudyRequest["space"]): SpaceSpec {
  const fixed = candidate.params ?? candidate.pipeline?.estimator.params ?? {};
  if (given === undefined) return defaultSpace(pipeline, fixed);
  const space: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(given)) {
    const { table, key } = find(pipeline, name);
    if (candidate.params !== undefined && Object.hasOwn(candidate.params, name))
      throw refused(
        name,
        candidate.params[name],
        `\`${name}\` is fixed by \`candidate.params\` and cannot be searched; leave it out of one of them`,
      );
    space[name] = entry === true ? checked(given, () => spaceFromTable(table, { include: [key] })[key]) : entry;
  }
  return space as SpaceSpec;
}

function defaultSpace(pipeline: PipelineSpec, fixed: object): SpaceSpec {
  const { type } = pipeline.estimator;
  const table = describeCatalogue().find(({ name }) => name === type)?.params ?? {};
  const include = Object.entries(table).flatMap(([name, param]) =>
    "search" in param && param.search !== undefined && !Object.hasOwn(fixed, name) ? [name] : [],
  );
  if (include.length > 0) return checked({}, () => spaceFromTable(table, { include }));
  const message = `${type} has no parameter left with a range to search; give a \`space\` of your own`;
  throw new ApiError("INVALID_SPACE", message, { details: [{ field: "space", problem: message }] });
}

/** Every end of a range and every choice must be one that the component takes. */
function checkValues(pipeline: PipelineSpec, space: SpaceSpec): void {
  for (const [name, parameter] of Object.entries(space)) {
    const { type, key, table } = find(pipeline, name);
    const values =
      parameter.type === "categorical"
        ? parameter.choices.map((value, i) => [`choices[${i}]`, value] as const)
        : ([
            ["min", parameter.min],
            ["max", parameter.max],
          ] as const);
    for (const [field, value] of values) {
      try {
        validateParams(type, { [key]: table[key] }, { [key]: value });
      } catch (error) {
        if (!(error instanceof ParamError)) throw error;
        throw refused(`${name}.${field}`, value, `\`${field}\` of \`${name}\` leaves what it may be: ${error.message}`);
      }
    }
  }
}

function startOf(pipeline: PipelineSpec, { space }: Study): Params | null {
  let start: Params = {};
  for (const { name } of space.dimensions) {
    const { step, key } = placeOf(name);
    const value = (step === null ? pipeline.estimator : pipeline.steps[step]).params?.[key];
    try {
      start = space.checkPartial({ ...start, [name]: value });
    } catch (error) {
      // A default that the space leaves out, such as null for "no limit", is sampled.
      if (!(error instanceof SpaceError)) throw error;
    }
  }
  return Object.keys(start).length === 0 ? null : start;
}

/** What the tuner refuses, in the words of the error table. */
function checked<T>(given: object, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof SpaceError) {
      const { field, message } = error;
      if (field.startsWith("sampler")) throw invalid(field, message, error);
      throw refused(field, valueAt(given, field), message, error);
    }
    if (error instanceof StudyError) throw invalid(error.field, error.message, error);
    throw error;
  }
}

function invalid(field: string, message: string, cause: Error): ApiError {
  return new ApiError("INVALID_REQUEST", message, { details: [{ field, problem: message }], cause });
}

function refused(field: string, value: unknown, message: string, cause?: unknown): ApiError {
  const path = field === "space" ? field : `space.${field}`;
  return new ApiError("INVALID_SPACE", message, { details: [{ field: path, value, problem: message }], cause });
}

/** The value at a path such as `depth.max` or `kernel.choices[1]`; a parameter's name may hold dots itself. */
function valueAt(space: object, path: string): unknown {
  const name = Object.keys(space)
    .filter((key) => path === key || path.startsWith(`${key}.`))
    .sort((a, b) => b.length - a.length)[0];
  if (name === undefined) return undefined;
  let value = (space as Record<string, unknown>)[name];
  for (const part of path.slice(name.length).match(/[^.[\]]+/g) ?? []) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
