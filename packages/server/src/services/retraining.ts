// What a triggered policy does: one retraining per trigger, from its row to the alias. Each step is one transaction that
// finds the row where the step before left it, so that a process may die anywhere and the next goes on: a trigger gives
// one run, and a run one version.
import type { PipelineSpec, RetrainingDecision, Split, Task } from "@massif/api";
import { hashPipeline, incrementRefusal, METRICS } from "@massif/learn";
import type { Transaction } from "kysely";
import type { RunOutcome } from "../runtime/train-protocol.ts";
import { insertAudit } from "../store/audit.ts";
import { findDatasetVersionById, findDatasetVersionByNumber, latestDatasetVersion } from "../store/dataset-versions.ts";
import { setModelAlias } from "../store/model-aliases.ts";
import { findModelVersionByAlias, insertModelVersion } from "../store/model-versions.ts";
import { findModelById } from "../store/models.ts";
import {
  findRetrainingOfRun,
  insertRetraining,
  listDuePolicies,
  listPoliciesPastRows,
  listRetrainings,
  lockPolicy,
  lockRetraining,
  moveNextAt,
  setRowsSeen,
  updateRetraining,
} from "../store/policies.ts";
import { appendRunEvents } from "../store/run-events.ts";
import { findRunById, insertRun } from "../store/runs.ts";
import type { Row, Schema } from "../store/schema.ts";
import { asJson } from "./dataset-resource.ts";
import type { Means } from "./means.ts";
import { nextTime } from "./policies.ts";
import type { RunGrowth } from "./run-plan.ts";
import { pipelineOf } from "./run-resource.ts";

type Tx = Transaction<Schema>;
type Queue = Means["queue"];

/** Triggers the policies by rows that an appended version takes past their number. Part of the append's transaction. */
export async function triggerByRows(
  tx: Tx,
  { datasetId, versionId, rows }: { datasetId: string; versionId: string; rows: number },
  queue: Queue,
): Promise<void> {
  for (const policy of await listPoliciesPastRows(tx, { datasetId, rows })) {
    await setRowsSeen(tx, { id: policy.id, rows });
    const reason = `${rows - policy.rows_seen} rows were appended`;
    await trigger(tx, { policy, key: `${policy.id}:${versionId}`, reason, versionId }, queue);
  }
}

/** Triggers the policies whose time has come; several processes may do so at once. */
export async function triggerByTime({ store, queue, clock }: Pick<Means, "store" | "queue" | "clock">): Promise<void> {
  const now = new Date(clock());
  for (const due of await listDuePolicies(store.db, now)) {
    const { id, next_at: from, schedule } = due;
    if (from === null || schedule === null) continue;
    await store.transaction(async (tx) => {
      // Times that passed while no server ran count once.
      if (!(await moveNextAt(tx, { id, from, to: nextTime(schedule, now) }))) return;
      const newest = await latestDatasetVersion(tx, { datasetId: due.dataset_id, status: "ready" });
      if (newest === undefined) return;
      const when = from.toISOString();
      const reason = `scheduled for ${when}`;
      await trigger(tx, { policy: due, key: `${id}:${when}`, reason, versionId: newest.id }, queue);
    });
  }
}

/** Begins a retraining: makes its run, or says why there is nothing to train. */
export async function beginRetraining(means: Pick<Means, "store" | "queue" | "clock">, id: string): Promise<void> {
  const { store, queue, clock } = means;
  await store.transaction(async (tx) => {
    const retraining = await lockRetraining(tx, id);
    if (retraining?.status !== "waiting") return;
    const policy = await lockPolicy(tx, retraining.policy_id);
    if (policy === undefined) return;
    // One at a time: each is measured against what the one before left.
    const others = await listRetrainings(tx, { policyId: policy.id, limit: 100 });
    if (others.some(({ status }) => status === "training")) return;
    const start = await startOf(tx, policy, retraining);
    if ("skip" in start) {
      const decision = { reason: start.skip };
      await updateRetraining(tx, { id, status: "skipped", decision, finishedAt: new Date(clock()) });
      await audit(tx, policy, { action: "policies.skipped", resource: id, detail: decision });
      return;
    }
    const run = await makeRun(tx, { policy, retraining, start });
    await queue.enqueue("train", { runId: run.id }, { transaction: tx, idempotencyKey: run.id });
    await updateRetraining(tx, { id, status: "training", runId: run.id });
  });
}

/** Ends the retraining that a run belongs to, in the transaction that ends the run. */
export async function endRetraining(
  tx: Tx,
  run: Row<"runs">,
  { outcome, problem, queue, at }: { outcome?: RunOutcome; problem?: string; queue: Queue; at: Date },
): Promise<void> {
  if (run.growth === null) return;
  const retraining = await findRetrainingOfRun(tx, run.id);
  if (retraining?.status !== "training") return;
  const policy = await lockPolicy(tx, retraining.policy_id);
  if (policy === undefined) return;
  if (outcome?.growth === undefined) {
    const decision = { reason: problem ?? "the training ended without a model" };
    await updateRetraining(tx, { id: retraining.id, status: "failed", decision, finishedAt: at });
    await audit(tx, policy, {
      action: "policies.failed",
      resource: retraining.id,
      detail: { run: run.id, ...decision },
    });
  } else {
    await decide(tx, { policy, retraining, run, outcome, growth: outcome.growth, at });
  }
  const waiting = (await listRetrainings(tx, { policyId: policy.id, limit: 100 })).filter(
    (one) => one.status === "waiting",
  );
  const next = waiting.at(-1);
  if (next === undefined) return;
  const idempotencyKey = `${next.id}:${run.id}`;
  await queue.enqueue("retrain", { retrainingId: next.id }, { transaction: tx, idempotencyKey });
}

// Internal

interface Trigger {
  readonly policy: Row<"policies">;
  readonly key: string;
  readonly reason: string;
  readonly versionId: string;
}

async function trigger(tx: Tx, { policy, key, reason, versionId }: Trigger, queue: Queue): Promise<void> {
  const made = await insertRetraining(tx, { policyId: policy.id, key, reason, datasetVersionId: versionId });
  if (made === undefined) return;
  await queue.enqueue("retrain", { retrainingId: made.id }, { transaction: tx, idempotencyKey: made.id });
}

interface Start {
  readonly current: Row<"model_versions">;
  readonly run: Row<"runs">;
  readonly growth: RunGrowth;
}

/** What to start from: the model in use and the rows it knows; or why there is nothing to do. */
async function startOf(
  tx: Tx,
  policy: Row<"policies">,
  retraining: Row<"retrainings">,
): Promise<Start | { readonly skip: string }> {
  const current = await findModelVersionByAlias(tx, { modelId: policy.model_id, alias: policy.alias });
  if (current === undefined) return { skip: `the model has no alias "${policy.alias}" any more` };
  const run = current.run_id === null ? undefined : await findRunById(tx, current.run_id);
  if (run === undefined) return { skip: `version ${current.version} was not trained here` };
  const newest = await findDatasetVersionById(tx, retraining.dataset_version_id);
  if (newest?.rows == null) return { skip: "the version of the data set is gone" };
  const seenRows = await rowsKnown(tx, run.dataset_version_id, newest);
  if (seenRows >= newest.rows) {
    return { skip: `no row of version ${newest.version} is new to version ${current.version} of the model` };
  }
  // Going on from a model with newer rows alone would forget how much the older ones count.
  const incremental = seenRows > 0 && run.weights === null && incrementRefusal(pipelineOf(run)) === undefined;
  return { current, run, growth: { artifact: current.artifact, seenRows, incremental, version: current.version } };
}

/** Rows at the beginning of `newest` that are those of an earlier version; 0 where it does not continue that version. */
async function rowsKnown(tx: Tx, earlierId: string, newest: Row<"dataset_versions">): Promise<number> {
  let version: Row<"dataset_versions"> | undefined = newest;
  while (version !== undefined) {
    if (version.id === earlierId) return version.rows ?? 0;
    const { appended_from: from, dataset_id: datasetId }: Row<"dataset_versions"> = version;
    version = from === null ? undefined : await findDatasetVersionByNumber(tx, { datasetId, version: from });
  }
  return 0;
}

async function makeRun(
  tx: Tx,
  { policy, retraining, start }: { policy: Row<"policies">; retraining: Row<"retrainings">; start: Start },
): Promise<Row<"runs">> {
  const { run, growth } = start;
  const pipeline = pipelineOf(run) as PipelineSpec;
  const split = run.split as unknown as Split;
  const made = await insertRun(tx, {
    projectId: policy.project_id,
    keyId: policy.created_by,
    datasetVersionId: retraining.dataset_version_id,
    target: run.target,
    task: run.task,
    label: run.label,
    pipeline: asJson(pipeline),
    pipelineHash: await hashPipeline(pipeline),
    seed: run.seed,
    split: asJson(split.kind === "holdout" ? split : { kind: "holdout", testFraction: HELD_OUT }),
    growth: asJson(growth),
    weights: run.weights,
  });
  const data = {
    label: made.label,
    reason: retraining.reason,
    retraining: retraining.id,
    incremental: growth.incremental,
  };
  await appendRunEvents(tx, { runId: made.id, events: [{ type: "queued", data }] });
  return made;
}

/** Share of the newest rows that judge, where the model in use was trained without a split. */
const HELD_OUT = 0.2;

interface Judged {
  readonly policy: Row<"policies">;
  readonly retraining: Row<"retrainings">;
  readonly run: Row<"runs">;
  readonly outcome: RunOutcome;
  readonly growth: NonNullable<RunOutcome["growth"]>;
  readonly at: Date;
}

/** Registers the new version, and moves the alias to it when it is better. */
async function decide(tx: Tx, { policy, retraining, run, outcome, growth, at }: Judged): Promise<void> {
  const { version: currentVersion } = run.growth as unknown as RunGrowth;
  const { metric, alias, model_id: modelId, min_improvement: minImprovement } = policy;
  const registered = await insertModelVersion(tx, {
    modelId,
    runId: run.id,
    artifact: run.artifact ?? "",
    signature: asJson(outcome.signature),
    metrics: outcome.metrics,
  });
  const figure = (metrics: Record<string, number>) => (Number.isFinite(metrics[metric]) ? metrics[metric] : null);
  const [current, candidate] = [figure(growth.currentMetrics), figure(outcome.metrics)];
  const inUse = await findModelVersionByAlias(tx, { modelId, alias });
  const better = isBetter({ metric, task: run.task as Task, current, candidate, minImprovement });
  const moved = better && inUse?.version === currentVersion;
  const words = `${metric} ${candidate?.toPrecision(5)} against ${current?.toPrecision(5)} of version ${currentVersion} on ${growth.testRows} new rows`;
  const reason = moved
    ? `better: ${words}`
    : better
      ? `better (${words}), but "${alias}" was moved to version ${inUse?.version ?? "none"} meanwhile`
      : `not better${minImprovement > 0 ? ` by ${minImprovement * 100} %` : ""}: ${words}`;
  const { newRows, testRows, incremental } = growth;
  const decision: RetrainingDecision = {
    metric,
    current,
    candidate,
    currentVersion,
    newRows,
    testRows,
    incremental,
    reason,
  };
  if (moved) await setModelAlias(tx, { modelId, alias, version: registered.version, at });
  await updateRetraining(tx, {
    id: retraining.id,
    status: moved ? "moved" : "kept",
    modelVersion: registered.version,
    decision: asJson(decision),
    finishedAt: at,
  });
  const model = await findModelById(tx, modelId);
  const detail = { model: model?.name ?? modelId, version: registered.version, alias, ...decision };
  await audit(tx, policy, { action: moved ? "policies.moved" : "policies.kept", resource: retraining.id, detail });
}

/** Whether a figure is better by the share asked for. */
export function isBetter(compared: {
  metric: string;
  task: Task;
  current: number | null;
  candidate: number | null;
  minImprovement: number;
}): boolean {
  const { metric, task, current, candidate, minImprovement } = compared;
  if (candidate === null) return false;
  if (current === null) return true;
  const direction = METRICS.find((one) => one.name === metric && one.task === task)?.direction ?? "higher";
  const gain = direction === "higher" ? candidate - current : current - candidate;
  return gain > minImprovement * Math.abs(current);
}

function audit(
  tx: Tx,
  { project_id: projectId, created_by: keyId }: Row<"policies">,
  change: Pick<Parameters<typeof insertAudit>[1], "action" | "resource" | "detail">,
): Promise<void> {
  return insertAudit(tx, { projectId, keyId, ...change });
}
