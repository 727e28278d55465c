// Runs and comparisons: what a request to train becomes, and what a job reports. One transaction writes a run, its
// first event and its job, so that there is never one without the others.
import {
  ApiError,
  type Candidate,
  type Comparison,
  type ComparisonSummary,
  hasTarget,
  type RankHost,
  type Reproduction,
  type Run,
  type RunChart,
  type Split,
  type Task,
} from "@massif/api";
import type { Transaction } from "kysely";
import { jobId, jobUuid } from "../queue/job-id.ts";
import { insertAudit } from "../store/audit.ts";
import { findComparison, finishComparisonIfDone, insertComparison, listComparisons } from "../store/comparisons.ts";
import { nameDatasetVersions } from "../store/dataset-versions.ts";
import { findDataset } from "../store/datasets.ts";
import { appendRunEvents, type NewRunEvent } from "../store/run-events.ts";
import { cancelRun, findRun, insertRun, listRuns, listRunsOfComparisons } from "../store/runs.ts";
import type { JsonObject, Row, RunStatus, Schema } from "../store/schema.ts";
import { type Caller, requireRole } from "./caller.ts";
import { asJson, storedColumns } from "./dataset-resource.ts";
import type { Datasets } from "./datasets.ts";
import type { Means } from "./means.ts";
import { compareRuns, reproducedBy } from "./reproduction.ts";
import { endRetraining } from "./retraining.ts";
import { runChart } from "./run-chart.ts";
import { growthOf } from "./run-plan.ts";
import { planRanks, ranksOf } from "./run-ranks.ts";
import { comparisonSummary, leaderboard, runResource, type VersionName } from "./run-resource.ts";
import { toldLosses } from "./told-losses.ts";
import { candidateTask, type PlannedRun, planTraining, type TrainingPlan } from "./training-plan.ts";

/** What is asked for, whether one run or a comparison. */
export interface TrainingRequest {
  readonly dataset: string;
  readonly version?: number;
  /** None for clustering and outliers. */
  readonly target?: string;
  readonly task?: Task;
  readonly leaveOut?: readonly string[];
  readonly split: Split;
  readonly seed: number;
  /** The column with the rows' weights. */
  readonly weights?: string;
  readonly ranks?: number;
  readonly hosts?: readonly RankHost[];
}

export interface RunFilter {
  readonly dataset?: string;
  readonly comparison?: string;
  readonly status?: RunStatus;
  readonly limit: number;
}

type Tx = Transaction<Schema>;

/** Runs of a project. */
export class Runs {
  readonly #means: Means;
  readonly #datasets: Datasets;

  constructor(means: Means, datasets: Datasets) {
    this.#means = means;
    this.#datasets = datasets;
  }

  /** Starts one run; throws NOT_FOUND, CONFLICT, INVALID_TARGET and INVALID_PIPELINE. */
  async create(caller: Caller, request: TrainingRequest & { readonly candidate: Candidate }): Promise<Run> {
    // Ranks on hosts make this machine log in there, with its own keys.
    if (request.hosts !== undefined) requireRole(caller, "admin");
    // An estimator says by itself which task it is for.
    const task = request.task ?? candidateTask(request.candidate);
    const { plan, row } = await this.#plan(caller, {
      ...request,
      task,
      candidates: [request.candidate],
      paths: ["candidate"],
    });
    const run = await this.#means.store.transaction(async (tx) => {
      const made = await this.#insert(tx, { caller, request, plan, row, planned: plan.runs[0] });
      await this.#audit(tx, caller, {
        action: "runs.create",
        resource: made.id,
        detail: { dataset: request.dataset, label: made.label },
      });
      return made;
    });
    return this.#resource(run);
  }

  /** Starts several runs on one split. */
  async compare(
    caller: Caller,
    request: TrainingRequest & { readonly candidates?: readonly Candidate[] },
  ): Promise<Comparison> {
    const task = request.task ?? untargetedTask(request);
    const { plan, row } = await this.#plan(caller, { ...request, task });
    const id = await this.#means.store.transaction(async (tx) => {
      const { projectId } = caller;
      const { target = "" } = request;
      const made = await insertComparison(tx, { projectId, datasetVersionId: row.id, target, task: plan.task });
      for (const planned of plan.runs)
        await this.#insert(tx, { caller, request, plan, row, planned, comparisonId: made.id });
      const detail = { dataset: request.dataset, target, candidates: plan.runs.length };
      await this.#audit(tx, caller, { action: "comparisons.create", resource: made.id, detail });
      return made.id;
    });
    return this.getComparison(caller, id);
  }

  /** One run; throws NOT_FOUND. */
  async get(caller: Pick<Caller, "projectId">, id: string): Promise<Run> {
    return this.#resource(await this.find(caller, id));
  }

  /** The row behind `get`. */
  async find({ projectId }: Pick<Caller, "projectId">, id: string): Promise<Row<"runs">> {
    const row = await findRun(this.#means.store.db, { projectId, id });
    if (row === undefined) throw new ApiError("NOT_FOUND", `there is no run "${id}"`);
    return row;
  }

  /** Runs, newest first. */
  async list({ projectId }: Caller, { dataset, comparison, status, limit }: RunFilter): Promise<Run[]> {
    const { db } = this.#means.store;
    const found = dataset === undefined ? undefined : await findDataset(db, { projectId, ref: dataset });
    if (dataset !== undefined && found === undefined) return [];
    const rows = await listRuns(db, { projectId, datasetId: found?.id, comparisonId: comparison, status, limit });
    const names = await nameDatasetVersions(
      db,
      rows.map((row) => row.dataset_version_id),
    );
    return rows.map((row) => runResource(row, names.get(row.dataset_version_id) as VersionName));
  }

  /** What the pictures of a run are drawn from; throws NOT_FOUND while it has no result. */
  async chart(caller: Caller, id: string): Promise<RunChart> {
    const row = await this.find(caller, id);
    const chart = runChart(row);
    if (chart !== undefined) return chart;
    throw new ApiError("NOT_FOUND", `the run ${id} has no charts: it is ${row.status}, only a run that succeeded has`);
  }

  /** Comparisons, newest first. */
  async listComparisons({ projectId }: Caller, { limit }: { limit: number }): Promise<ComparisonSummary[]> {
    const { db } = this.#means.store;
    const rows = await listComparisons(db, { projectId, limit });
    const runs = await listRunsOfComparisons(db, { projectId, comparisonIds: rows.map(({ id }) => id) });
    const names = await nameDatasetVersions(
      db,
      rows.map((row) => row.dataset_version_id),
    );
    return rows.map((row) => {
      const own = runs.filter(({ comparison_id }) => comparison_id === row.id);
      return comparisonSummary(row, own, names.get(row.dataset_version_id) as VersionName);
    });
  }

  /** A comparison with its leaderboard; throws NOT_FOUND. */
  async getComparison({ projectId }: Pick<Caller, "projectId">, id: string): Promise<Comparison> {
    const { db } = this.#means.store;
    const row = await findComparison(db, { projectId, id });
    if (row === undefined) throw new ApiError("NOT_FOUND", `there is no comparison "${id}"`);
    const runs = await listRuns(db, { projectId, comparisonId: id, limit: 1000 });
    const names = await nameDatasetVersions(db, [row.dataset_version_id]);
    const {
      best: _,
      runs: _count,
      ...summary
    } = comparisonSummary(row, runs, names.get(row.dataset_version_id) as VersionName);
    return { ...summary, leaderboard: leaderboard(runs, summary.task) };
  }

  /** Trains again what a run trained, as a new run; throws NOT_FOUND, and CONFLICT for a run that cannot be repeated. */
  async reproduce(caller: Caller, id: string): Promise<Run> {
    const row = await this.find(caller, id);
    const ranks = ranksOf(row);
    if (ranks !== null && ranks.hosts !== null) requireRole(caller, "admin");
    if (row.status !== "succeeded") {
      throw new ApiError("CONFLICT", `the run ${id} is ${row.status}; only a run that succeeded can be reproduced`);
    }
    if (growthOf(row) !== null) {
      const problem = `the run ${id} is a retraining from a model in use, not from data alone; reproduce the run before it`;
      throw new ApiError("CONFLICT", problem);
    }
    const run = await this.#means.store.transaction(async (tx) => {
      const made = await insertRun(tx, {
        projectId: caller.projectId,
        keyId: caller.keyId,
        datasetVersionId: row.dataset_version_id,
        target: row.target,
        task: row.task,
        label: row.label,
        pipeline: row.pipeline,
        pipelineHash: row.pipeline_hash,
        seed: row.seed,
        split: row.split,
        weights: row.weights,
        ranks: ranks === null ? undefined : asJson({ count: ranks.count, hosts: ranks.hosts }),
      });
      const queued: NewRunEvent = { type: "queued", data: { label: row.label, reproduces: id } };
      await appendRunEvents(tx, { runId: made.id, events: [queued] });
      await this.#means.queue.enqueue("train", { runId: made.id }, { transaction: tx, idempotencyKey: made.id });
      await this.#audit(tx, caller, { action: "runs.reproduce", resource: made.id, detail: { original: id } });
      return made;
    });
    return this.#resource(run);
  }

  /** What a run that `reproduce` made came to; throws NOT_FOUND for any other. */
  async reproduction(caller: Caller, id: string): Promise<Reproduction> {
    const again = await this.get(caller, id);
    const { db } = this.#means.store;
    const original = await reproducedBy(db, id);
    if (original === undefined) {
      throw new ApiError("NOT_FOUND", `the run ${id} reproduces no other; \`massif reproduce ${id}\` trains it again`);
    }
    return compareRuns(db, await this.get(caller, original), again);
  }

  /** Stops a run; throws CONFLICT when it is over already. */
  async cancel(caller: Caller, id: string): Promise<Run> {
    const { store, queue, bell, clock } = this.#means;
    await this.find(caller, id);
    const row = await store.transaction(async (tx) => {
      const history = await toldLosses(tx, id);
      const cancelled = await cancelRun(tx, { id, history, at: new Date(clock()) });
      if (cancelled === undefined) return undefined;
      await appendRunEvents(tx, { runId: id, events: [{ type: "cancelled", data: { by: caller.keyId } }] });
      await this.#audit(tx, caller, { action: "runs.cancel", resource: id, detail: {} });
      await endRetraining(tx, cancelled, { problem: "the run was cancelled", queue, at: new Date(clock()) });
      if (cancelled.comparison_id !== null)
        await finishComparisonIfDone(tx, { id: cancelled.comparison_id, at: new Date(clock()) });
      await queue.cancel(jobId("train", jobUuid("train", id)), { transaction: tx });
      return cancelled;
    });
    if (row === undefined) {
      const { status } = await this.find(caller, id);
      throw new ApiError("CONFLICT", `the run ${id} is over already: it ${status}`);
    }
    bell.ring(id);
    return this.#resource(row);
  }

  // Internal

  async #plan(
    caller: Caller,
    request: TrainingRequest & { readonly candidates?: readonly Candidate[]; readonly paths?: readonly string[] },
  ): Promise<{ plan: TrainingPlan; row: Row<"dataset_versions"> }> {
    const { row } = await this.#datasets.findReady(caller, request.dataset, request.version);
    return { plan: await planTraining(storedColumns(row) ?? [], request), row };
  }

  async #insert(tx: Tx, { caller, request, plan, row, planned, comparisonId }: NewRunParts): Promise<Row<"runs">> {
    const run = await insertRun(tx, {
      projectId: caller.projectId,
      keyId: caller.keyId,
      comparisonId,
      datasetVersionId: row.id,
      target: request.target ?? "",
      task: plan.task,
      label: planned.label,
      pipeline: asJson(planned.pipeline),
      pipelineHash: planned.pipelineHash,
      seed: request.seed,
      split: asJson(request.split),
      weights: request.weights,
      ranks: planRanks(request, { plan, planned, cores: this.#means.tasks.limits.cores }),
    });
    const queued: NewRunEvent = { type: "queued", data: eventData(planned, plan) };
    await appendRunEvents(tx, { runId: run.id, events: [queued] });
    await this.#means.queue.enqueue("train", { runId: run.id }, { transaction: tx, idempotencyKey: run.id });
    return run;
  }

  #audit(
    tx: Tx,
    { projectId, keyId, requestId }: Caller,
    change: { action: string; resource: string; detail: JsonObject },
  ): Promise<void> {
    return insertAudit(tx, { projectId, keyId, requestId, ...change });
  }

  async #resource(row: Row<"runs">): Promise<Run> {
    const names = await nameDatasetVersions(this.#means.store.db, [row.dataset_version_id]);
    return runResource(row, names.get(row.dataset_version_id) as VersionName);
  }
}

// Internal

interface NewRunParts {
  readonly caller: Caller;
  readonly request: TrainingRequest;
  readonly plan: TrainingPlan;
  readonly row: Row<"dataset_versions">;
  readonly planned: PlannedRun;
  readonly comparisonId?: string;
}

/** Without a target, estimators that need none say by themselves what is asked for. */
function untargetedTask({ target, candidates = [] }: { target?: string; candidates?: readonly Candidate[] }) {
  if (target !== undefined || candidates.length === 0) return undefined;
  const [task, ...others] = candidates.map(candidateTask);
  return task === undefined || hasTarget(task) || others.some((other) => other !== task) ? undefined : task;
}

function eventData({ label }: PlannedRun, { task, reason, warnings, leftOut }: TrainingPlan): JsonObject {
  return { label, task, reason, warnings: [...warnings], leftOut: asJson(leftOut) };
}
