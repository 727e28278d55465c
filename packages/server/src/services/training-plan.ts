// What a request to train means for a data set: the task, the columns that can be learned from and why others are left
// out, and one canonical pipeline per candidate. Pure rules; nothing is read or written.
import { ApiError, type Candidate, hasTarget, type PipelineSpec, type Split, type Task } from "@massif/api";
import { type ColumnInfo, DataError, inferTask, tableKind } from "@massif/data";
import {
  type ColumnSchema,
  createEstimator,
  hashPipeline,
  ParamError,
  recommendSteps,
  validatePipeline,
} from "@massif/learn";
import { defaultCandidates } from "./candidates.ts";

export interface TrainingWish {
  /** The column to predict; none for clustering and outliers. */
  readonly target?: string;
  readonly task?: Task;
  /** Columns that recommended pipelines shall not use. */
  readonly leaveOut?: readonly string[];
  /** The column with the rows' weights. */
  readonly weights?: string;
  /** Folds may name columns. */
  readonly split?: Split;
  readonly candidates?: readonly Candidate[];
  /** Where the candidates are in the request, for messages; default: `candidates[i]`. */
  readonly paths?: readonly string[];
}

/** One pipeline to fit. */
export interface PlannedRun {
  readonly label: string;
  readonly pipeline: PipelineSpec;
  readonly pipelineHash: string;
}

export interface TrainingPlan {
  readonly task: Task;
  /** Why it is this task. */
  readonly reason: string;
  readonly warnings: readonly string[];
  readonly runs: readonly PlannedRun[];
  /** Columns that recommended pipelines leave out, with the reason. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
}

/** Throws INVALID_TARGET, INVALID_WEIGHTS and INVALID_PIPELINE. */
export async function planTraining(columns: readonly ColumnInfo[], wish: TrainingWish): Promise<TrainingPlan> {
  const { task, reason, warnings } = taskOf(columns, wish);
  checkWeights(columns, wish);
  checkFolds(columns, wish);
  const { features, leftOut } = chooseFeatures(columns, wish);
  const { weights } = wish;
  const others = columns.filter(({ name }) => name !== wish.target && name !== weights).map(schemaOf);
  const runs: PlannedRun[] = [];
  for (const [i, candidate] of (wish.candidates ?? unnamed(task, weights)).entries()) {
    const path = wish.paths?.[i] ?? `candidates[${i}]`;
    if (weights !== undefined) checkNoFeature(candidate, { weights, path });
    const pipeline = planCandidate(candidate, { task, features, others, path });
    if (weights !== undefined) checkWeighs(pipeline, { weights, path });
    const label = candidate.label ?? pipeline.estimator.type;
    runs.push({ label, pipeline, pipelineHash: await hashPipeline(pipeline) });
  }
  return { task, reason, warnings, runs, leftOut };
}

/** The task that a candidate's estimator is for; undefined for an estimator that is not known. */
export function candidateTask(candidate: Candidate): Task | undefined {
  const type = candidate.estimator ?? candidate.pipeline?.estimator.type ?? "";
  try {
    return createEstimator(type).spec.task;
  } catch {
    // Unknown: the plan says so, with the place in the request.
    return undefined;
  }
}

// Internal

function taskOf(columns: readonly ColumnInfo[], { target, task }: TrainingWish): Pick<TrainingPlan, TaskFields> {
  if (task !== undefined && !hasTarget(task)) {
    if (target === undefined) return { task, reason: "asked for", warnings: [] };
    const problem = `${task === "clustering" ? "clustering has" : "outliers have"} no target; leave "${target}" out`;
    throw invalidTarget(target, problem);
  }
  if (target === undefined) {
    const problem = "no target is named; name the column to predict, or ask for the task `clustering` or `outliers`";
    throw invalidTarget(undefined, problem);
  }
  try {
    return inferTask(columns, target, { task });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw invalidTarget(target, error.message, error);
  }
}

type TaskFields = "task" | "reason" | "warnings";

function invalidTarget(target: string | undefined, problem: string, cause?: unknown): ApiError {
  return new ApiError("INVALID_TARGET", problem, { details: [{ field: "target", value: target, problem }], cause });
}

function chooseFeatures(
  columns: readonly ColumnInfo[],
  { target, task, weights, split, leaveOut = [] }: TrainingWish,
): { features: ColumnSchema[]; leftOut: TrainingPlan["leftOut"] } {
  const others = columns.filter(({ name }) => name !== target);
  checkLeaveOut(columns, leaveOut);
  const reasonOf = (column: ColumnInfo) => {
    if (column.name === weights) return "the weights of the rows";
    if (split?.kind === "folds" && column.name === split.groups) return "the groups of the folds";
    return leaveOut.includes(column.name) ? "as asked" : unusable(column);
  };
  const leftOut = others.flatMap((column) => {
    const reason = reasonOf(column);
    return reason === undefined ? [] : [{ column: column.name, reason }];
  });
  const features = others.filter((column) => reasonOf(column) === undefined).map(schemaOf);
  if (features.length > 0) return { features, leftOut };
  const why = leftOut.map(({ column, reason }) => `${column} (${reason})`).join("; ");
  const what =
    target !== undefined ? `learn "${target}" from` : task === "outliers" ? "find outliers by" : "cluster by";
  throw new ApiError("INVALID_TARGET", `no column is left to ${what}: ${why}`);
}

/** The columns that folds go by are there, and can be gone by. */
function checkFolds(columns: readonly ColumnInfo[], { split, target }: TrainingWish): void {
  if (split?.kind !== "folds") return;
  const { groups, time, repeats = 1 } = split;
  const names = columns.map(({ name }) => name).join(", ");
  for (const [field, name] of Object.entries({ groups, time })) {
    if (name === undefined) continue;
    const column = columns.find((one) => one.name === name);
    if (column === undefined) throw badFolds(field, name, `there is no column "${name}"; there are: ${names}`);
    if (name === target) throw badFolds(field, name, `"${name}" is the target; folds cannot go by it`);
    const kind = tableKind(column);
    if (field === "time" && kind !== "date" && kind !== "number") {
      throw badFolds(field, name, `"${name}" is a ${kind} column; rows are ordered by dates or numbers`);
    }
  }
  if (groups !== undefined && time !== undefined) {
    throw badFolds("time", time, "folds go by groups or by time, not by both; leave one out");
  }
  if (repeats > 1 && (groups ?? time) !== undefined) {
    throw badFolds("repeats", repeats, "folds by groups or by time are the same each time; leave `repeats` out");
  }
}

function badFolds(field: string, value: unknown, problem: string): ApiError {
  return new ApiError("INVALID_REQUEST", problem, { details: [{ field: `split.${field}`, value, problem }] });
}

/** The column is there, holds numbers, and is not what is predicted. */
function checkWeights(columns: readonly ColumnInfo[], { weights, target }: TrainingWish): void {
  if (weights === undefined) return;
  const column = columns.find(({ name }) => name === weights);
  if (column === undefined) {
    const numbers = columns.filter((one) => tableKind(one) === "number" && one.name !== target);
    const names = numbers.map(({ name }) => name).join(", ") || "none";
    throw invalidWeights(weights, `there is no column "${weights}" to weigh rows by; columns of numbers: ${names}`);
  }
  if (weights === target) throw invalidWeights(weights, `"${weights}" is the target; it cannot weigh the rows as well`);
  const kind = tableKind(column);
  if (kind === "number") return;
  throw invalidWeights(weights, `"${weights}" is a ${kind} column; weights are numbers from 0 on`);
}

function checkNoFeature({ pipeline }: Candidate, { weights, path }: { weights: string; path: string }): void {
  if (!pipeline?.features?.includes(weights)) return;
  const cure = "take it out of `features`, or leave `weights` out";
  throw invalidWeights(weights, `${path}: "${weights}" is a feature of the pipeline and the weights at once; ${cure}`);
}

function checkWeighs({ estimator }: PipelineSpec, { weights, path }: { weights: string; path: string }) {
  const { type } = estimator;
  if (createEstimator(type).spec.weights === undefined) {
    const cure = "leave `weights` out, or choose an estimator that weighs rows (the estimator reference says which)";
    throw invalidWeights(weights, `${path}: ${type} cannot weigh rows; ${cure}`);
  }
}

/** What is compared when nothing is named: of what fits the task, all that can do what is asked. */
function unnamed(task: Task, weights: string | undefined): readonly Candidate[] {
  const all = defaultCandidates(task);
  if (weights === undefined) return all;
  return all.filter(({ estimator = "" }) => createEstimator(estimator).spec.weights !== undefined);
}

function invalidWeights(value: string, problem: string): ApiError {
  return new ApiError("INVALID_WEIGHTS", problem, { details: [{ field: "weights", value, problem }] });
}

function checkLeaveOut(columns: readonly ColumnInfo[], leaveOut: readonly string[]): void {
  const unknown = leaveOut.find((name) => !columns.some((column) => column.name === name));
  if (unknown === undefined) return;
  const problem = `there is no column "${unknown}" to leave out; there are: ${columns.map(({ name }) => name).join(", ")}`;
  throw new ApiError("INVALID_REQUEST", problem, { details: [{ field: "leaveOut", value: unknown, problem }] });
}

function unusable({ role, kind, flags }: ColumnInfo): string | undefined {
  if (role !== "feature") return flags.find(({ code }) => code === role)?.reason ?? role;
  // Prose has words to count; names and codes that are too many for categories have not.
  const code = kind === "text" ? flags.find((flag) => flag.code === "high-cardinality") : undefined;
  return code?.reason;
}

/** A schema for planning: how many categories there are matters here; which ones, only the data tells. */
function schemaOf(column: ColumnInfo): ColumnSchema {
  const { name, distinct } = column;
  const kind = tableKind(column);
  return kind === "category"
    ? { name, kind, categories: Array.from({ length: distinct }, (_, i) => String(i)) }
    : { name, kind };
}

interface CandidateContext {
  readonly task: Task;
  readonly features: readonly ColumnSchema[];
  readonly others: readonly ColumnSchema[];
  /** Where the candidate is in the request, for messages. */
  readonly path: string;
}

function planCandidate(candidate: Candidate, { task, features, others, path }: CandidateContext): PipelineSpec {
  try {
    const spec = candidate.pipeline ?? recommended(candidate, features);
    const canonical = validatePipeline(spec, others);
    const { spec: estimator } = createEstimator(canonical.estimator.type);
    if (estimator.task !== task) {
      throw new ParamError("estimator", `${estimator.name} is for ${estimator.task}, the task is ${task}`);
    }
    return canonical as PipelineSpec;
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    const details = [{ field: `${path}.${error.field}`, problem: error.message }];
    throw new ApiError("INVALID_PIPELINE", `${path}: ${error.message}`, { details, cause: error });
  }
}

function recommended({ estimator = "", params = {} }: Candidate, features: readonly ColumnSchema[]): unknown {
  return {
    features: features.map(({ name }) => name),
    steps: recommendSteps(features, estimator),
    estimator: { type: estimator, params },
  };
}
