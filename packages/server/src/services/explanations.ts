// What each column adds to predictions of a registered model: computed from its file in a process of its own, since trees
// may take seconds. No endpoint is needed.
import { ApiError, type ExplainRequest, type ExplainResponse, rowSignatureOf, type Signature } from "@massif/api";
import { TaskDied, TaskFailed } from "../runtime/task-error.ts";
import type { Caller } from "./caller.ts";
import type { Means } from "./means.ts";
import type { Models } from "./models.ts";
import type { UsageLog } from "./usage-log.ts";

/** Most rows of one request: each costs a forest thousands of walks. */
const MOST_ROWS = 1000;
/** Most numbers that one answer holds: rows × classes × columns. */
const MOST_NUMBERS = 2_000_000;
/** Longest time of one request. */
const EXPLAIN_MS = 60_000;
/** Requests that may wait before more are refused. */
const MOST_WAITING = 20;

/** Explains predictions. */
export class Explanations {
  readonly #means: Means;
  readonly #models: Models;
  readonly #usage: UsageLog;

  constructor(means: Means, { models, usage }: { models: Models; usage: UsageLog }) {
    this.#means = means;
    this.#models = models;
    this.#usage = usage;
  }

  /** Explains rows; throws NOT_FOUND, INVALID_ROWS, NOT_EXPLAINABLE, TOO_LARGE, BLOB_DAMAGED, TIMEOUT, OVERLOADED. */
  async explain(
    caller: Caller,
    { name, version, rows, signal }: ExplainRequest & { name: string; version: number; signal: AbortSignal },
  ): Promise<ExplainResponse> {
    const { row } = await this.#models.findVersion(caller, name, version);
    const signature = row.signature as unknown as Signature;
    if (row.format === "onnx") {
      const problem = `version ${version} of "${name}" was imported as ONNX: nothing is known of what its columns add`;
      throw new ApiError("NOT_EXPLAINABLE", problem);
    }
    const { target, inputs, classes } = rowSignatureOf(signature, `the model ${name}`);
    checkSize(rows.length, { columns: inputs.length, outputs: classes?.length ?? 1 });
    const outcome = await this.#run(caller, { source: row.artifact, rows, signal });
    if (outcome.kind === "problems") {
      throw new ApiError("INVALID_ROWS", outcome.problems[0].problem, { details: outcome.problems });
    }
    if (outcome.kind === "refused") {
      throw new ApiError("NOT_EXPLAINABLE", `version ${version} of "${name}": ${outcome.reason}`);
    }
    return { ...outcome.explained, model: { name, version }, target, requestId: caller.requestId };
  }

  // Internal

  async #run(
    caller: Caller,
    { source, rows, signal }: { source: string; rows: ExplainRequest["rows"]; signal: AbortSignal },
  ) {
    const { tasks, blobs } = this.#means;
    if (tasks.waiting.queries >= MOST_WAITING) {
      throw new ApiError("OVERLOADED", `${MOST_WAITING} queries and explanations are waiting already`, {
        retryAfter: 2,
      });
    }
    try {
      const task = { kind: "explain", source: await blobs.path(source), sha256: source, rows } as const;
      const { outcome, usage } = await tasks.run(task, { signal, timeoutMs: EXPLAIN_MS });
      await this.#count(caller, usage);
      return outcome;
    } catch (error) {
      if (error instanceof TaskFailed || error instanceof TaskDied) await this.#count(caller, error.usage);
      throw error;
    }
  }

  #count({ projectId, keyId, requestId }: Caller, usage: TaskDied["usage"]): Promise<void> {
    const flushId = `explain:${requestId}:${this.#means.clock()}`;
    return this.#usage.task("import", { projectId, keyId, usage, flushId });
  }
}

// Internal

function checkSize(rows: number, { columns, outputs }: { columns: number; outputs: number }): void {
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_NUMBERS / (columns * outputs))));
  if (rows <= most) return;
  const limit = `the limit of ${most} rows explained in one request`;
  throw new ApiError("TOO_LARGE", `${rows} rows are over ${limit}${most < MOST_ROWS ? " of this model" : ""}`);
}
