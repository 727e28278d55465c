// The end of a study: its best parameters become an ordinary run, in the same transaction as the last trial's end, so
// that there is never a finished study without its run.
import type { PipelineSpec } from "@massif/api";
import { hashPipeline } from "@massif/learn";
import type { Study, Trial } from "@massif/tune";
import type { Transaction } from "kysely";
import { appendRunEvents } from "../store/run-events.ts";
import { insertRun } from "../store/runs.ts";
import type { JsonObject, Row, Schema } from "../store/schema.ts";
import type { StudyChange } from "../store/studies.ts";
import { asJson } from "./dataset-resource.ts";
import type { Means } from "./means.ts";
import { withParams } from "./study-plan.ts";

interface Ending {
  readonly tx: Transaction<Schema>;
  readonly row: Row<"studies">;
  readonly study: Study;
}

/** What changes of a study that has no trial left to do. */
export async function endStudy(ending: Ending, { queue, clock }: Pick<Means, "queue" | "clock">): Promise<StudyChange> {
  const { row, study } = ending;
  const finishedAt = new Date(clock());
  const { best } = study;
  if (best === null) return { status: "failed", error: errorOf(row, study), finishedAt };
  // A study that went on without finding better ones has its run already.
  if (row.run_id !== null && row.refitted === best.number) return { status: "finished", error: null, finishedAt };
  const runId = await refit(ending, best, queue);
  return { status: "finished", error: null, finishedAt, runId, refitted: best.number };
}

// Internal

async function refit({ tx, row }: Ending, best: Trial, queue: Means["queue"]): Promise<string> {
  const pipeline = withParams(row.pipeline as unknown as PipelineSpec, best.params);
  const label = `${row.label} (${row.name})`.slice(0, 100);
  const run = await insertRun(tx, {
    projectId: row.project_id,
    keyId: row.key_id,
    datasetVersionId: row.dataset_version_id,
    target: row.target,
    task: row.task,
    label,
    pipeline: asJson(pipeline),
    pipelineHash: await hashPipeline(pipeline),
    seed: (row.spec as { seed: number }).seed,
    split: row.split,
    weights: row.weights,
  });
  const data: JsonObject = {
    label,
    task: row.task,
    reason: `the best parameters of the study ${row.name} (trial ${best.number})`,
    warnings: [],
    leftOut: [],
  };
  await appendRunEvents(tx, { runId: run.id, events: [{ type: "queued", data }] });
  await queue.enqueue("train", { runId: run.id }, { transaction: tx, idempotencyKey: run.id });
  return run.id;
}

function errorOf(row: Row<"studies">, { trials }: Study): { code: string; message: string } {
  const ended = trials.filter(({ state }) => state !== "running");
  const seconds = row.timeout_seconds;
  if (ended.length === 0 && seconds !== null)
    return { code: "TIMEOUT", message: `no trial ended within the ${seconds} s of \`timeoutSeconds\`` };
  const first = trials.find(({ state }) => state === "failed");
  const why = first === undefined ? "" : `; trial ${first.number}: ${first.reason}`;
  return { code: "TRAINING_FAILED", message: `none of ${ended.length} trials gave a ${row.metric}${why}` };
}
