// What a training attempt reads and writes. Every step may be repeated: a run that is over is left alone, and a late
// word of a dead trainer changes nothing.
import { join } from "node:path";
import type { ApiError, PipelineSpec, Split, Task } from "@massif/api";
import type { BlobInfo } from "../blobs/blobs.ts";
import type { TaskProgress, TaskUsage } from "../runtime/task-protocol.ts";
import type { RunOutcome, TrainTask } from "../runtime/train-protocol.ts";
import { finishComparisonIfDone } from "../store/comparisons.ts";
import { findDatasetVersion } from "../store/dataset-versions.ts";
import { appendRunEvents, listRunEvents } from "../store/run-events.ts";
import { failRun, findRunById, startRun, succeedRun } from "../store/runs.ts";
import type { JsonObject, Row } from "../store/schema.ts";
import { asJson } from "./dataset-resource.ts";
import type { Means } from "./means.ts";
import { environment } from "./reproduction.ts";
import { endRetraining } from "./retraining.ts";
import { growthOf, planOf, type RunGrowth, settlePlan } from "./run-plan.ts";
import { coresOf, ranksOf } from "./run-ranks.ts";
import { pipelineOf, targetOf } from "./run-resource.ts";
import { toldLosses } from "./told-losses.ts";
import type { UsageLog } from "./usage-log.ts";

/** An attempt that has begun. */
export interface Attempt {
  readonly run: Row<"runs">;
  /** What the trainer is told, but for where the model file goes. */
  readonly task: Omit<TrainTask, "output">;
}

/** Training attempts of runs of any project. */
export class Training {
  readonly #means: Means;
  readonly #usage: UsageLog;

  constructor(means: Means, usage: UsageLog) {
    this.#means = means;
    this.#usage = usage;
  }

  /** Begins an attempt; undefined when the run is over. */
  async begin(runId: string, threads: number): Promise<Attempt | undefined> {
    const { store, clock, blobs } = this.#means;
    const run = await store.transaction(async (tx) => {
      const row = await startRun(tx, { id: runId, at: new Date(clock()) });
      if (row === undefined) return undefined;
      if (row.attempt > 1 && !(await this.#toldWhy(row, tx))) {
        const data = { attempt: row.attempt, reason: "the server ended while the run was in progress" };
        await appendRunEvents(tx, { runId, events: [{ type: "retried", data }] });
      }
      await appendRunEvents(tx, {
        runId,
        events: [{ type: "started", data: { attempt: row.attempt, threads, ...environment() } }],
      });
      return row;
    });
    if (run === undefined) return undefined;
    this.#ring(run);
    const version = await findDatasetVersion(store.db, { projectId: run.project_id, id: run.dataset_version_id });
    const hash = version?.blob ?? "";
    const growth = growthOf(run);
    const current = growth === null ? undefined : await blobs.path(growth.artifact);
    const task = trainTask(run, { data: await blobs.path(hash), dataHash: hash, current });
    return { run, task: { ...task, ...this.#placed(run) } };
  }

  /** The run, of whichever project. */
  find(runId: string): Promise<Row<"runs"> | undefined> {
    return findRunById(this.#means.store.db, runId);
  }

  /** Stores where a training stands. */
  async progress(run: Row<"runs">, progress: TaskProgress): Promise<void> {
    await appendRunEvents(this.#means.store.db, {
      runId: run.id,
      events: [{ type: "progress", data: { ...progress } }],
    });
    this.#ring(run);
  }

  /** Records what a training gave. */
  async succeed(
    run: Row<"runs">,
    { outcome, blob, usage }: { outcome: RunOutcome; blob: BlobInfo; usage: TaskUsage },
  ): Promise<void> {
    const at = new Date(this.#means.clock());
    const result = {
      metrics: outcome.metrics,
      chart: asJson(outcome.chart),
      linear: asJson(outcome.linear),
      signature: asJson(outcome.signature),
      history: asJson(outcome.history),
      artifact: blob.hash,
      modelBytes: blob.bytes,
      fitSeconds: outcome.fitSeconds,
      predictMicros: outcome.predictMicros,
      ranks: run.ranks === null ? undefined : asJson({ ...ranksOf(run), figures: outcome.ranks }),
      ...usage,
    };
    const data = { metrics: outcome.metrics, fitSeconds: outcome.fitSeconds, predictMicros: outcome.predictMicros };
    await this.#end(run, {
      usage,
      type: "succeeded",
      data,
      write: async (tx) => {
        const ended = await succeedRun(tx, { id: run.id, result, at });
        if (ended === undefined) return undefined;
        await settlePlan(tx, ended, { outcome, usage });
        await endRetraining(tx, ended, { outcome, queue: this.#means.queue, at });
        return ended;
      },
    });
  }

  /** Records why a training failed for good. */
  async fail(run: Row<"runs">, error: Pick<ApiError, "code" | "message">, usage?: TaskUsage): Promise<void> {
    const at = new Date(this.#means.clock());
    const { code, message } = error;
    await this.#end(run, {
      usage,
      type: "failed",
      data: { code, message },
      write: async (tx) => {
        const history = await toldLosses(tx, run.id);
        const failed = await failRun(tx, { id: run.id, error: { code, message }, history, at });
        if (failed !== undefined) await endRetraining(tx, failed, { problem: message, queue: this.#means.queue, at });
        return failed;
      },
    });
  }

  /** Records that an attempt died and another will follow. */
  async retry(run: Row<"runs">, reason: string, usage: TaskUsage): Promise<void> {
    const data = { attempt: run.attempt + 1, reason };
    await appendRunEvents(this.#means.store.db, { runId: run.id, events: [{ type: "retried", data }] });
    await this.#usage.task("train", {
      projectId: run.project_id,
      keyId: run.key_id ?? undefined,
      runId: run.id,
      usage,
      flushId: `${run.id}:${run.attempt}`,
    });
    this.#ring(run);
  }

  /** Records that no attempt is left, when that is not known yet. */
  async exhausted(runId: string, reason: string): Promise<void> {
    const run = await this.find(runId);
    if (run !== undefined)
      await this.fail(run, { code: "INTERRUPTED", message: `gave up after ${run.attempt} attempts: ${reason}` });
  }

  /** Cores of this machine that the run must have; undefined: as many as are free, or the run is gone. */
  async cores(runId: string): Promise<number | undefined> {
    const run = await this.find(runId);
    return run && coresOf(run);
  }

  /** Where the run's trainer leaves what another attempt goes on from. */
  checkpointPath(runId: string): string {
    return join(this.#means.checkpoints.folder, `${runId}.safetensors`);
  }

  // Internal

  #placed(run: Row<"runs">): Pick<TrainTask, "checkpoint" | "ranks"> {
    const { checkpoints, launcher } = this.#means;
    const ranks = ranksOf(run);
    return {
      checkpoint: { path: this.checkpointPath(run.id), everyMs: checkpoints.everyMs },
      ranks: ranks === null ? undefined : { count: ranks.count, hosts: ranks.hosts, launcher },
    };
  }

  async #end(run: Row<"runs">, { usage, type, data, write }: RunEnd): Promise<void> {
    const { store, clock } = this.#means;
    await store.transaction(async (tx) => {
      const row = await write(tx);
      if (row === undefined) return;
      await appendRunEvents(tx, { runId: run.id, events: [{ type, data }] });
      if (row.comparison_id !== null)
        await finishComparisonIfDone(tx, { id: row.comparison_id, at: new Date(clock()) });
      const entry = {
        projectId: run.project_id,
        keyId: run.key_id ?? undefined,
        runId: run.id,
        usage,
        flushId: `${run.id}:${row.attempt}`,
      };
      if (usage !== undefined) await this.#usage.task("train", { ...entry, usage }, tx);
    });
    this.#ring(run);
  }

  async #toldWhy({ id }: Row<"runs">, tx: Parameters<typeof listRunEvents>[0]): Promise<boolean> {
    const events = await listRunEvents(tx, { runId: id, after: 0 });
    return events.at(-1)?.type === "retried";
  }

  #ring({ id, comparison_id }: Row<"runs">): void {
    this.#means.bell.ring(id);
    if (comparison_id !== null) this.#means.bell.ring(comparison_id);
  }
}

// Internal

type Tx = Parameters<Parameters<Means["store"]["transaction"]>[0]>[0];

interface RunEnd {
  readonly usage?: TaskUsage;
  readonly type: "succeeded" | "failed";
  readonly data: JsonObject;
  write(tx: Tx): Promise<Row<"runs"> | undefined>;
}

function trainTask(
  run: Row<"runs">,
  { data, dataHash, current }: { data: string; dataHash: string; current: string | undefined },
): Omit<TrainTask, "output"> {
  return {
    kind: "train",
    data,
    dataHash,
    target: targetOf(run),
    task: run.task as Task,
    pipeline: pipelineOf(run) as PipelineSpec,
    split: run.split as unknown as Split,
    seed: run.seed,
    weights: run.weights ?? undefined,
    chunkRows: planOf(run)?.chunkRows ?? undefined,
    growth: current === undefined ? undefined : { ...(growthOf(run) as RunGrowth), current },
  };
}
