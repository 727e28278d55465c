// Retraining policies: what they may say, and how they are shown. What happens when one is triggered is beside this, in
// `retraining.ts`.
import { ApiError, type Policy, type Retraining, type Task } from "@massif/api";
import { METRICS } from "@massif/learn";
import { CronExpressionParser } from "cron-parser";
import { insertAudit } from "../store/audit.ts";
import { nameDatasetVersions } from "../store/dataset-versions.ts";
import { findDatasetById } from "../store/datasets.ts";
import { findModelById } from "../store/models.ts";
import { deletePolicy, findPolicy, listPolicies, listRetrainings, setPolicy } from "../store/policies.ts";
import { findRunById } from "../store/runs.ts";
import type { Row } from "../store/schema.ts";
import type { Caller } from "./caller.ts";
import type { Datasets } from "./datasets.ts";
import type { Means } from "./means.ts";
import type { Models } from "./models.ts";
import { rankedBy } from "./run-resource.ts";

/** What a policy is asked to be. */
export interface PolicyWish {
  readonly name: string;
  readonly dataset: string;
  readonly everyRows?: number;
  readonly schedule?: string;
  readonly alias: string;
  readonly metric?: string;
  readonly minImprovement: number;
}

/** Policies of a project. */
export class Policies {
  readonly #means: Pick<Means, "store" | "clock">;
  readonly #models: Models;
  readonly #datasets: Datasets;

  constructor(means: Pick<Means, "store" | "clock">, { models, datasets }: { models: Models; datasets: Datasets }) {
    this.#means = means;
    this.#models = models;
    this.#datasets = datasets;
  }

  /** Sets the policy of a model, in place of the one it has; throws NOT_FOUND and INVALID_POLICY. */
  async set(caller: Caller, wish: PolicyWish): Promise<Policy> {
    const { store, clock } = this.#means;
    const at = new Date(clock());
    const nextAt = checkTrigger(wish, at);
    const { model, row: version } = await this.#models.findVersion(caller, wish.name, wish.alias);
    const run = version.run_id === null ? undefined : await findRunById(store.db, version.run_id);
    if (run === undefined || run.target === "") {
      const problem = `version ${version.version} of "${wish.name}" was not trained here on a target, so it cannot be trained again`;
      throw refused("name", wish.name, problem);
    }
    const metric = checkMetric(wish.metric, run.task as Task);
    const { dataset, row } = await this.#datasets.findReady(caller, wish.dataset);
    const policy = await store.transaction(async (tx) => {
      const set = await setPolicy(tx, {
        projectId: caller.projectId,
        modelId: model.id,
        datasetId: dataset.id,
        everyRows: wish.everyRows ?? null,
        schedule: wish.schedule ?? null,
        alias: wish.alias,
        metric,
        minImprovement: wish.minImprovement,
        rowsSeen: row.rows ?? 0,
        nextAt,
        createdBy: caller.keyId,
        at,
      });
      const { everyRows = null, schedule = null, alias } = wish;
      const detail = { model: wish.name, dataset: wish.dataset, everyRows, schedule, alias, metric };
      await insertAudit(tx, { ...who(caller), action: "policies.set", resource: set.id, detail });
      return set;
    });
    return this.#resource(policy);
  }

  /** All policies with their last retrainings. */
  async list({ projectId }: Caller): Promise<Policy[]> {
    const rows = await listPolicies(this.#means.store.db, projectId);
    return Promise.all(rows.map((row) => this.#resource(row)));
  }

  /** The policy of a model; throws NOT_FOUND. */
  async get(caller: Caller, name: string): Promise<Policy> {
    return this.#resource(await this.#find(caller, name));
  }

  /** Takes a policy away; throws NOT_FOUND. */
  async remove(caller: Caller, name: string): Promise<Policy> {
    const row = await this.#find(caller, name);
    const shown = await this.#resource(row);
    await this.#means.store.transaction(async (tx) => {
      await deletePolicy(tx, row.id);
      await insertAudit(tx, { ...who(caller), action: "policies.remove", resource: row.id, detail: { model: name } });
    });
    return shown;
  }

  // Internal

  async #find(caller: Caller, name: string): Promise<Row<"policies">> {
    const { model } = await this.#models.findVersion(caller, name);
    const { projectId } = caller;
    const row = await findPolicy(this.#means.store.db, { projectId, modelId: model.id });
    if (row === undefined) throw new ApiError("NOT_FOUND", `the model "${name}" has no policy`);
    return row;
  }

  async #resource(row: Row<"policies">): Promise<Policy> {
    const { db } = this.#means.store;
    const model = await findModelById(db, row.model_id);
    const dataset = await findDatasetById(db, row.dataset_id);
    const retrainings = await listRetrainings(db, { policyId: row.id, limit: SHOWN });
    const names = await nameDatasetVersions(
      db,
      retrainings.map((one) => one.dataset_version_id),
    );
    return {
      model: model?.name ?? "",
      dataset: dataset?.name ?? "",
      everyRows: row.every_rows,
      schedule: row.schedule,
      alias: row.alias,
      metric: row.metric,
      minImprovement: row.min_improvement,
      rowsSeen: row.rows_seen,
      nextAt: row.next_at?.toISOString() ?? null,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
      retrainings: retrainings.map((one) => retrainingResource(one, names.get(one.dataset_version_id)?.version ?? 0)),
    };
  }
}

/** The first time after `from` that a cron expression names, in UTC. Throws INVALID_POLICY. */
export function nextTime(schedule: string, from: Date): Date {
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) {
    const problem = `\`schedule\` must have five fields (minute, hour, day, month, weekday; in UTC), "${schedule}" has ${fields.length}`;
    throw refused("schedule", schedule, problem);
  }
  try {
    return CronExpressionParser.parse(schedule, { tz: "UTC", currentDate: from }).next().toDate();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refused(
      "schedule",
      schedule,
      `\`schedule\` "${schedule}" is no time: ${why}; "0 3 * * *" is every day at 03:00 UTC`,
    );
  }
}

// Internal

/** Retrainings shown with their policy. */
const SHOWN = 50;

function refused(field: string, value: unknown, problem: string): ApiError {
  return new ApiError("INVALID_POLICY", problem, { details: [{ field, value, problem }] });
}

/** Exactly one trigger; gives the first time of a schedule. */
function checkTrigger({ everyRows, schedule }: PolicyWish, now: Date): Date | null {
  if (everyRows === undefined && schedule === undefined) {
    throw refused("everyRows", undefined, "a policy needs `everyRows` or `schedule`: nothing would ever trigger it");
  }
  if (everyRows !== undefined && schedule !== undefined) {
    throw refused("schedule", schedule, "give either `everyRows` or `schedule`, not both");
  }
  return schedule === undefined ? null : nextTime(schedule, now);
}

function checkMetric(metric: string | undefined, task: Task): string {
  if (metric === undefined) return rankedBy(task).metric;
  const known = METRICS.filter((one) => one.task === task).map(({ name }) => name);
  if (known.includes(metric)) return metric;
  throw refused("metric", metric, `there is no metric "${metric}" for ${task}; there are: ${known.join(", ")}`);
}

function who({ projectId, keyId, requestId }: Caller) {
  return { projectId, keyId, requestId };
}

function retrainingResource(row: Row<"retrainings">, datasetVersion: number): Retraining {
  return {
    id: row.id,
    trigger: row.reason,
    status: row.status,
    datasetVersion,
    run: row.run_id,
    modelVersion: row.model_version,
    decision: row.decision as unknown as Retraining["decision"],
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
