// The job that trains one run. A trainer that dies is tried again, and goes on from its checkpoint where its estimator
// leaves one; a training that cannot succeed is not.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ApiError } from "@massif/api";
import type { Job } from "../queue/queue.ts";
import { TaskDied } from "../runtime/task-error.ts";
import type { TaskUsage } from "../runtime/task-protocol.ts";
import { STOPPING } from "../runtime/task-run.ts";
import { toApiError } from "../services/failures.ts";
import type { JobKinds } from "../services/job-kinds.ts";
import type { Means } from "../services/means.ts";
import { persist } from "../services/persist.ts";
import type { Plans } from "../services/plans.ts";
import { RunningSpend } from "../services/running-spend.ts";
import type { Attempt, Training } from "../services/training.ts";
import { isAway, isCancelled, isFault, isStopping } from "./endings.ts";

/** What the train job works with. */
export interface TrainMeans {
  readonly means: Means;
  readonly training: Training;
  readonly plans: Plans;
}

/** Trains one run. Rejects to be tried again. */
export async function trainJob(
  { payload: { runId }, lastAttempt }: Job<JobKinds["train"]>,
  signal: AbortSignal,
  { means, training, plans }: TrainMeans,
): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort(isCancelled(signal) ? "cancelled" : STOPPING);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const folder = await mkdtemp(join(means.scratch, "train-"));
  const attempt = new TrainAttempt({ runId, folder, means, training, plans });
  try {
    await attempt.run(abort.signal, () => abort.abort("over budget"));
  } catch (error) {
    if (isStopping(error)) throw error;
    if (isFault(error)) means.log.error({ err: error, run: runId }, "a training failed for a reason nobody foresaw");
    if (!(await attempt.settle(error, lastAttempt))) throw error;
  } finally {
    attempt.end();
    signal.removeEventListener("abort", stop);
    await rm(folder, { recursive: true, force: true });
  }
}

// Internal

interface AttemptParts extends TrainMeans {
  readonly runId: string;
  readonly folder: string;
}

class TrainAttempt {
  readonly #parts: AttemptParts;
  #begun: Attempt | undefined;
  #spend: RunningSpend | undefined;
  #overBudget: ApiError | undefined;
  /** Progress is written in order, and all of it before the end. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal, stop: () => void): Promise<void> {
    const { means, training, runId, folder } = this.#parts;
    const output = join(folder, "model.safetensors");
    const begin = async (threads: number) => {
      this.#begun = await this.#persist("the start of a run", () => training.begin(runId, threads));
      return this.#begun === undefined ? undefined : { ...this.#begun.task, output };
    };
    const onProgress = (progress: Parameters<Training["progress"]>[1], usage: TaskUsage) => {
      const { run } = this.#begun as Attempt;
      this.#count(run, usage, stop);
      this.#written = this.#written
        .then(() => training.progress(run, progress))
        .catch((error) => {
          means.log.warn({ err: error, run: run.id }, "the progress of a run could not be written");
        });
    };
    const timeoutMs = means.limits.trainMs;
    const cores = await this.#persist("the look at a run", () => training.cores(runId));
    // How to spread it was asked for; there is nothing to plan.
    const threads = cores ?? (await this.#plan(signal))?.threads;
    const result = await means.tasks.runLater(begin, { signal, timeoutMs, threads, least: cores, onProgress });
    if (result === undefined) return this.#forget();
    await this.#written;
    const { outcome, usage } = result;
    const blob = await means.blobs.put({ file: output });
    const { run } = this.#begun as Attempt;
    await this.#persist("the result of a run", () => training.succeed(run, { outcome, blob, usage }));
    await this.#forget();
  }

  /** The attempt's usage is written down, or will be by the next one. */
  end(): void {
    this.#spend?.end();
  }

  /** Writes down how the attempt ended; false when it is to be tried again. */
  async settle(error: unknown, last: boolean): Promise<boolean> {
    await this.#written;
    if (isAway(error)) return false;
    const settled = await this.#persist("the end of a run", () => this.#settle(error, last));
    if (settled) await this.#forget();
    return settled;
  }

  // Internal

  /** The run is over: nobody goes on from its checkpoint. */
  #forget(): Promise<void> {
    return rm(this.#parts.training.checkpointPath(this.#parts.runId), { force: true });
  }

  /** How to train; a run without a plan takes what it gets. */
  async #plan(signal: AbortSignal): Promise<{ readonly threads: number } | undefined> {
    const { plans, means, runId } = this.#parts;
    if (signal.aborted) return undefined;
    try {
      return await this.#persist("the plan of a run", () => plans.forRun(runId));
    } catch (error) {
      if (isAway(error) || isStopping(error)) throw error;
      means.log.warn({ err: error, run: runId }, "no plan could be made for a run; it is trained without");
      return undefined;
    }
  }

  #persist<T>(what: string, step: () => Promise<T>): Promise<T> {
    return persist(step, { log: this.#parts.means.log, what });
  }

  async #settle(error: unknown, last: boolean): Promise<boolean> {
    const { training, runId } = this.#parts;
    const run = this.#begun?.run ?? (await training.find(runId));
    if (error instanceof TaskDied) {
      if (this.#overBudget !== undefined && run !== undefined) {
        await training.fail(run, this.#overBudget, error.usage);
        return true;
      }
      // Cancelling wrote the run's end already.
      if (error.kind === "cancelled" || run === undefined) return true;
      const words = `the trainer ${error.message}`;
      if (error.kind === "memory") await training.fail(run, { code: "TRAINING_FAILED", message: words }, error.usage);
      else if (error.kind === "timeout") await training.fail(run, { code: "TIMEOUT", message: words }, error.usage);
      else if (last) {
        const message = `gave up after ${run.attempt} attempts: ${words}`;
        await training.fail(run, { code: "INTERRUPTED", message }, error.usage);
      } else {
        await training.retry(run, words, error.usage);
        return false;
      }
      return true;
    }
    const failure = toApiError(error);
    if (run === undefined || (failure === undefined && !last)) return false;
    const message = failure?.message ?? "something went wrong inside Massif; the server's log has the details";
    const code = failure === undefined || failure.code === "INTERNAL" ? "TRAINING_FAILED" : failure.code;
    await training.fail(run, { code, message }, usageOf(error));
    return failure !== undefined;
  }

  /** Stops the training when its cost so far passes a budget. */
  #count({ project_id: projectId, key_id: keyId }: Attempt["run"], usage: TaskUsage, stop: () => void): void {
    const { means } = this.#parts;
    this.#spend ??= new RunningSpend(means, { projectId, keyId, kind: "train" });
    this.#spend.count(usage).then(
      (over) => {
        if (over === undefined) return;
        this.#overBudget ??= over;
        stop();
      },
      (error) => means.log.warn({ err: error }, "the budget of a training could not be looked up"),
    );
  }
}

function usageOf(error: unknown): TaskDied["usage"] | undefined {
  return error instanceof Error && "usage" in error ? (error.usage as TaskDied["usage"]) : undefined;
}
