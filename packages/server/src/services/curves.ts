// Learning and validation curves of a data set version: computed while the caller waits, in a process that waits its turn
// among trainings. Nothing is kept.
import { ApiError, type Curve, type CurveRequest, hasTarget } from "@massif/api";
import { METRICS } from "@massif/learn";
import { TaskDied, TaskFailed } from "../runtime/task-error.ts";
import type { CurveTask } from "../runtime/task-protocol.ts";
import type { Caller } from "./caller.ts";
import { storedColumns } from "./dataset-resource.ts";
import type { Datasets } from "./datasets.ts";
import type { Means } from "./means.ts";
import { planTraining } from "./training-plan.ts";
import type { UsageLog } from "./usage-log.ts";

/** Longest time of one request, that for a turn aside. */
const CURVE_MS = 600_000;
/** Tasks that may wait before more curves are refused. */
const MOST_WAITING = 20;

/** Computes curves. */
export class Curves {
  readonly #means: Means;
  readonly #datasets: Datasets;
  readonly #usage: UsageLog;

  constructor(means: Means, { datasets, usage }: { datasets: Datasets; usage: UsageLog }) {
    this.#means = means;
    this.#datasets = datasets;
    this.#usage = usage;
  }

  /** Computes a curve; throws NOT_FOUND, INVALID_REQUEST, what planning a run throws, and what fits throw. */
  async create(caller: Caller, request: CurveRequest, signal: AbortSignal): Promise<Curve> {
    const { dataset, target, seed, weights, param, values, sizes } = request;
    const split = checked(request);
    const { row } = await this.#datasets.findReady(caller, dataset, request.version);
    const columns = storedColumns(row) ?? [];
    const planned = await planTraining(columns, { ...request, candidates: [request.candidate], paths: ["candidate"] });
    const { task, warnings, runs } = planned;
    const metric = metricOf(task, request.metric);
    const { points } = await this.#run(
      caller,
      {
        kind: "curve",
        data: await this.#means.blobs.path(row.blob ?? ""),
        target,
        task,
        pipeline: runs[0].pipeline,
        split,
        seed,
        weights,
        metric: metric.name,
        sizes,
        param,
        values,
      },
      signal,
    );
    const about = { dataset, version: row.version, target, task, label: runs[0].label };
    const { name } = metric;
    const higherIsBetter = metric.direction === "higher";
    return { ...about, metric: name, higherIsBetter, param: param ?? null, points, warnings: [...warnings] };
  }

  // Internal

  async #run(caller: Caller, task: CurveTask, signal: AbortSignal) {
    const { tasks } = this.#means;
    if (tasks.waiting.tasks >= MOST_WAITING) {
      throw new ApiError("OVERLOADED", `${MOST_WAITING} trainings and curves are waiting already`, { retryAfter: 5 });
    }
    try {
      const { outcome, usage } = await tasks.run(task, { signal, timeoutMs: CURVE_MS });
      await this.#count(caller, usage);
      return outcome;
    } catch (error) {
      if (error instanceof TaskFailed || error instanceof TaskDied) await this.#count(caller, error.usage);
      throw error;
    }
  }

  #count({ projectId, keyId, requestId }: Caller, usage: TaskDied["usage"]): Promise<void> {
    const flushId = `curve:${requestId}:${this.#means.clock()}`;
    return this.#usage.task("train", { projectId, keyId, usage, flushId });
  }
}

// Internal

/** The folds. Throws INVALID_REQUEST for what does not go together. */
function checked({ split, param, values, sizes }: CurveRequest): CurveTask["split"] {
  if ((param === undefined) !== (values === undefined)) {
    throw new ApiError(
      "INVALID_REQUEST",
      "`param` and `values` go together: give both, or neither for a learning curve",
    );
  }
  if (param !== undefined && sizes !== undefined) {
    throw new ApiError(
      "INVALID_REQUEST",
      "give either `sizes` or `param` with `values`: a curve goes over one of them",
    );
  }
  if (split.kind !== "folds") {
    throw new ApiError("INVALID_REQUEST", `\`split\` must be folds, got "${split.kind}": a curve shows their spread`);
  }
  return split;
}

function metricOf(task: CurveTask["task"], name: string | undefined) {
  const known = METRICS.filter((metric) => metric.task === task);
  if (!hasTarget(task)) {
    throw new ApiError("INVALID_REQUEST", `\`task\` ${task} has no target, and curves are of what predicts one`);
  }
  const found = name === undefined ? known[0] : known.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  const names = known.map((metric) => metric.name).join(", ");
  throw new ApiError("INVALID_REQUEST", `\`metric\` "${name}" is none for ${task}; there are ${names}`);
}
