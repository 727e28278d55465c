// The tables `policies` (when a model is to be retrained) and `retrainings` (each time one was). A retraining's key
// names what triggered it, so that one trigger is one row however often it is seen.
import type { Executor } from "./database.ts";
import { newId } from "./ids.ts";
import { json } from "./json.ts";
import type { JsonValue, RetrainingStatus, Row } from "./schema.ts";

/** What a policy says. */
export interface NewPolicy {
  readonly projectId: string;
  readonly modelId: string;
  readonly datasetId: string;
  readonly everyRows: number | null;
  readonly schedule: string | null;
  readonly alias: string;
  readonly metric: string;
  readonly minImprovement: number;
  readonly rowsSeen: number;
  readonly nextAt: Date | null;
  readonly createdBy: string;
  readonly at: Date;
}

/** Sets a model's policy; what was triggered before stays with it. */
export function setPolicy(db: Executor, policy: NewPolicy): Promise<Row<"policies">> {
  const values = {
    dataset_id: policy.datasetId,
    every_rows: policy.everyRows,
    schedule: policy.schedule,
    alias: policy.alias,
    metric: policy.metric,
    min_improvement: policy.minImprovement,
    rows_seen: policy.rowsSeen,
    next_at: policy.nextAt,
    created_by: policy.createdBy,
    updated_at: policy.at,
  };
  return db
    .insertInto("policies")
    .values({ id: newId("pol"), project_id: policy.projectId, model_id: policy.modelId, ...values })
    .onConflict((on) => on.constraint("policies_model_unique").doUpdateSet(values))
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The policy of a model. */
export function findPolicy(
  db: Executor,
  { projectId, modelId }: { projectId: string; modelId: string },
): Promise<Row<"policies"> | undefined> {
  return db
    .selectFrom("policies")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("model_id", "=", modelId)
    .executeTakeFirst();
}

/** One policy by its id, held until the transaction ends: what one retraining decides, the next sees. */
export function lockPolicy(db: Executor, id: string): Promise<Row<"policies"> | undefined> {
  return db.selectFrom("policies").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

/** The policies of a project, oldest first. */
export function listPolicies(db: Executor, projectId: string): Promise<Row<"policies">[]> {
  return db.selectFrom("policies").selectAll().where("project_id", "=", projectId).orderBy("id").execute();
}

/** Takes a policy away, with the record of its retrainings. */
export async function deletePolicy(db: Executor, id: string): Promise<void> {
  await db.deleteFrom("policies").where("id", "=", id).execute();
}

/** Policies by rows of a data set that has so many rows now, and had that many fewer when they were last triggered. */
export function listPoliciesPastRows(
  db: Executor,
  { datasetId, rows }: { datasetId: string; rows: number },
): Promise<Row<"policies">[]> {
  return db
    .selectFrom("policies")
    .selectAll()
    .where("dataset_id", "=", datasetId)
    .where("every_rows", "is not", null)
    .where((eb) => eb(eb("rows_seen", "+", eb.ref("every_rows")), "<=", rows))
    .forUpdate()
    .execute();
}

/** Remembers how many rows a policy was triggered at. */
export async function setRowsSeen(db: Executor, { id, rows }: { id: string; rows: number }): Promise<void> {
  await db.updateTable("policies").set({ rows_seen: rows }).where("id", "=", id).execute();
}

/** Policies whose time has come. */
export function listDuePolicies(db: Executor, now: Date): Promise<Row<"policies">[]> {
  return db.selectFrom("policies").selectAll().where("next_at", "<=", now).orderBy("id").execute();
}

/** Moves a policy's next time on; false when another process did so already. */
export async function moveNextAt(
  db: Executor,
  { id, from, to }: { id: string; from: Date; to: Date },
): Promise<boolean> {
  const result = await db
    .updateTable("policies")
    .set({ next_at: to })
    .where("id", "=", id)
    .where("next_at", "=", from)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Adds a retraining; undefined when its trigger has one already. */
export function insertRetraining(
  db: Executor,
  retraining: { policyId: string; key: string; reason: string; datasetVersionId: string },
): Promise<Row<"retrainings"> | undefined> {
  return db
    .insertInto("retrainings")
    .values({
      id: newId("rtr"),
      policy_id: retraining.policyId,
      key: retraining.key,
      reason: retraining.reason,
      status: "waiting",
      dataset_version_id: retraining.datasetVersionId,
    })
    .onConflict((on) => on.constraint("retrainings_key_unique").doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** One retraining, held until the transaction ends. */
export function lockRetraining(db: Executor, id: string): Promise<Row<"retrainings"> | undefined> {
  return db.selectFrom("retrainings").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

/** The retraining that a run was made for. */
export function findRetrainingOfRun(db: Executor, runId: string): Promise<Row<"retrainings"> | undefined> {
  return db.selectFrom("retrainings").selectAll().where("run_id", "=", runId).executeTakeFirst();
}

/** The retrainings of a policy, newest first. */
export function listRetrainings(
  db: Executor,
  { policyId, limit }: { policyId: string; limit: number },
): Promise<Row<"retrainings">[]> {
  return db
    .selectFrom("retrainings")
    .selectAll()
    .where("policy_id", "=", policyId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** Writes down where a retraining stands. */
export async function updateRetraining(
  db: Executor,
  change: {
    id: string;
    status: RetrainingStatus;
    runId?: string;
    modelVersion?: number;
    decision?: JsonValue;
    finishedAt?: Date;
  },
): Promise<void> {
  await db
    .updateTable("retrainings")
    .set({
      status: change.status,
      ...(change.runId === undefined ? {} : { run_id: change.runId }),
      ...(change.modelVersion === undefined ? {} : { model_version: change.modelVersion }),
      ...(change.decision === undefined ? {} : { decision: json(change.decision) }),
      ...(change.finishedAt === undefined ? {} : { finished_at: change.finishedAt }),
    })
    .where("id", "=", change.id)
    .execute();
}
