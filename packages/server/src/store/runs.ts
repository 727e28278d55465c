// The table `runs`: one training each. A run moves queued → running → succeeded | failed | cancelled; every change of
// status names the states it may come from, so that a late message of a dead trainer cannot undo a cancellation.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json, jsonOrNull } from "./json.ts";
import { PAGE_START, type Page, pageLimit } from "./page.ts";
import type { FailureJson, JsonObject, JsonValue, Row, RunStatus } from "./schema.ts";

/** What is asked of a run. */
export interface NewRun {
  projectId: string;
  /** Who asked for it, and pays. */
  keyId?: string | null;
  comparisonId?: string | null;
  datasetVersionId: string;
  target: string;
  task: string;
  /** How leaderboards call it. */
  label?: string;
  pipeline: JsonValue;
  pipelineHash: string;
  seed: number;
  split: JsonValue;
  /** How it is spread over processes. */
  ranks?: JsonValue;
  /** Of a retraining: what it starts from. */
  growth?: JsonValue;
  /** The column with the rows' weights. */
  weights?: string | null;
}

/** What a run that succeeded gave. */
export interface RunResult {
  metrics: JsonObject;
  chart?: JsonValue;
  /** Weights in the columns' own units, when the pipeline is linear. */
  linear?: JsonValue;
  /** What the model takes and gives. */
  signature?: JsonValue;
  /** Loss after each epoch, tree or iteration. */
  history?: JsonValue;
  /** SHA-256 of the model file in the blob store. */
  artifact: string;
  modelBytes?: number;
  fitSeconds: number;
  predictMicros: number;
  cpuSeconds: number;
  peakMemoryBytes: number;
  /** How it was spread over processes, and what that gave. */
  ranks?: JsonValue;
}

/** Which runs to list. */
export interface RunFilter {
  projectId: string;
  datasetId?: string;
  comparisonId?: string;
  status?: RunStatus;
}

/** Adds a queued run. */
export function insertRun(db: Executor, run: NewRun): Promise<Row<"runs">> {
  const row = {
    id: newId("run"),
    project_id: run.projectId,
    key_id: run.keyId ?? null,
    comparison_id: run.comparisonId ?? null,
    dataset_version_id: run.datasetVersionId,
    target: run.target,
    task: run.task,
    label: run.label ?? "",
    pipeline: json(run.pipeline),
    pipeline_hash: run.pipelineHash,
    seed: run.seed,
    split: json(run.split),
    ranks: jsonOrNull(run.ranks),
    growth: jsonOrNull(run.growth),
    weights: run.weights ?? null,
    status: "queued" as const,
  };
  return db.insertInto("runs").values(row).returningAll().executeTakeFirstOrThrow();
}

/** Begins an attempt of a queued run, or of a running one whose process died; undefined when it is over already. */
export function startRun(db: Executor, { id, at }: { id: string; at: Date }): Promise<Row<"runs"> | undefined> {
  return db
    .updateTable("runs")
    .set((eb) => ({ status: "running", attempt: eb("attempt", "+", 1), started_at: at }))
    .where("id", "=", id)
    .where("status", "in", ["queued", "running"])
    .returningAll()
    .executeTakeFirst();
}

/** Marks a running run succeeded; undefined when it was not running (cancelled or failed meanwhile). */
export function succeedRun(
  db: Executor,
  { id, result, at }: { id: string; result: RunResult; at: Date },
): Promise<Row<"runs"> | undefined> {
  return db
    .updateTable("runs")
    .set({
      status: "succeeded",
      metrics: json(result.metrics),
      chart: jsonOrNull(result.chart),
      linear: jsonOrNull(result.linear),
      signature: jsonOrNull(result.signature),
      history: jsonOrNull(result.history),
      artifact: result.artifact,
      model_bytes: result.modelBytes ?? null,
      fit_seconds: result.fitSeconds,
      predict_micros: result.predictMicros,
      cpu_seconds: result.cpuSeconds,
      peak_memory_bytes: result.peakMemoryBytes,
      ranks: jsonOrNull(result.ranks),
      error: null,
      finished_at: at,
    })
    .where("id", "=", id)
    .where("status", "=", "running")
    .returningAll()
    .executeTakeFirst();
}

/** Marks an unfinished run failed with the reason; undefined when it was over already. */
export function failRun(
  db: Executor,
  { id, error, history, at }: { id: string; error: FailureJson; history?: JsonValue; at: Date },
): Promise<Row<"runs"> | undefined> {
  return endRun(db, { id, at, status: "failed", error, history });
}

/** Marks an unfinished run cancelled; undefined when it was over already. */
export function cancelRun(
  db: Executor,
  { id, history, at }: { id: string; history?: JsonValue; at: Date },
): Promise<Row<"runs"> | undefined> {
  return endRun(db, { id, at, status: "cancelled", history });
}

/** One run of a project. */
export function findRun(
  db: Executor,
  { projectId, id }: { projectId: string; id: string },
): Promise<Row<"runs"> | undefined> {
  return db.selectFrom("runs").selectAll().where("project_id", "=", projectId).where("id", "=", id).executeTakeFirst();
}

/** One run by its id, for jobs, which act on behalf of any project. */
export function findRunById(db: Executor, id: string): Promise<Row<"runs"> | undefined> {
  return db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The runs of a project, newest first; narrowed to a dataset, a comparison or a status when given. */
export function listRuns(
  db: Executor,
  { projectId, datasetId, comparisonId, status, ...page }: RunFilter & Page,
): Promise<Row<"runs">[]> {
  return db
    .selectFrom("runs")
    .selectAll()
    .where("project_id", "=", projectId)
    .$if(datasetId !== undefined, (query) =>
      query.where("dataset_version_id", "in", (eb) =>
        eb.selectFrom("dataset_versions").select("dataset_versions.id").where("dataset_id", "=", datasetId!),
      ),
    )
    .$if(comparisonId !== undefined, (query) => query.where("comparison_id", "=", comparisonId!))
    .$if(status !== undefined, (query) => query.where("status", "=", status!))
    .where("id", "<", page.before ?? PAGE_START)
    .orderBy("id", "desc")
    .limit(pageLimit(page))
    .execute();
}

/** All runs of some comparisons of a project, in the order in which they were asked for. */
export async function listRunsOfComparisons(
  db: Executor,
  { projectId, comparisonIds }: { projectId: string; comparisonIds: readonly string[] },
): Promise<Row<"runs">[]> {
  if (comparisonIds.length === 0) return [];
  return db
    .selectFrom("runs")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("comparison_id", "in", comparisonIds)
    .orderBy("id")
    .execute();
}

/** How many runs of all projects have each status. */
export async function countRunsByStatus(db: Executor): Promise<Record<string, number>> {
  const counts = await db
    .selectFrom("runs")
    .select((eb) => ["status", eb.fn.countAll<number>().as("count")])
    .groupBy("status")
    .execute();
  return Object.fromEntries(counts.map(({ status, count }) => [status, Number(count)]));
}

/** Every run that is queued or running, oldest first: what a restarted server looks at. */
export function listUnfinishedRuns(db: Executor): Promise<Row<"runs">[]> {
  return db.selectFrom("runs").selectAll().where("status", "in", ["queued", "running"]).orderBy("id").execute();
}

/** Writes down how a run is to be trained, or how right that was. */
export async function setRunPlan(db: Executor, { id, plan }: { id: string; plan: JsonValue }): Promise<void> {
  await db
    .updateTable("runs")
    .set({ plan: json(plan) })
    .where("id", "=", id)
    .execute();
}

// Internal

interface Ending {
  readonly id: string;
  readonly at: Date;
  readonly status: "failed" | "cancelled";
  readonly error?: FailureJson;
  /** What the run told of its losses. */
  readonly history?: JsonValue;
}

function endRun(db: Executor, { id, at, status, error, history }: Ending): Promise<Row<"runs"> | undefined> {
  return db
    .updateTable("runs")
    .set({ status, error: jsonOrNull(error), history: jsonOrNull(history), finished_at: at })
    .where("id", "=", id)
    .where("status", "in", ["queued", "running"])
    .returningAll()
    .executeTakeFirst();
}
