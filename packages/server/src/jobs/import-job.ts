// The job that turns uploaded bytes into a version. Done again from the start after an interruption; nothing of a half
// import is ever seen.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "../queue/queue.ts";
import { TaskDied } from "../runtime/task-error.ts";
import { STOPPING } from "../runtime/task-run.ts";
import type { Datasets } from "../services/datasets.ts";
import { toApiError } from "../services/failures.ts";
import type { JobKinds } from "../services/job-kinds.ts";
import type { Means } from "../services/means.ts";
import { persist } from "../services/persist.ts";
import type { UsageLog } from "../services/usage-log.ts";
import { isAway, isFault, isStopping } from "./endings.ts";

/** What the import job works with. */
export interface ImportMeans {
  readonly means: Means;
  readonly datasets: Datasets;
  readonly usage: UsageLog;
}

/** Imports one version. Rejects to be tried again. */
export async function importJob(
  { payload: { projectId, versionId, keyId }, attempt, lastAttempt }: Job<JobKinds["import"]>,
  signal: AbortSignal,
  { means, datasets, usage }: ImportMeans,
): Promise<void> {
  const keep = <T>(step: () => Promise<T>) => persist(step, { log: means.log, what: "the result of an import" });
  const source = await datasets.importing(projectId, versionId);
  if (source === undefined) return;
  const { filename, format } = source;
  const folder = await mkdtemp(join(means.scratch, "import-"));
  const abort = new AbortController();
  const stop = () => abort.abort(STOPPING);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const output = join(folder, "version.parquet");
    const { base, append } = source;
    const reading = { source: await means.blobs.path(source.upload), filename, format, output };
    const task =
      base === undefined
        ? ({ kind: "import", ...reading } as const)
        : ({ kind: "append", ...reading, ...append, ...base, base: await means.blobs.path(base.blob) } as const);
    const result = await means.tasks.run(task, { signal: abort.signal });
    const blob = await means.blobs.put({ file: output });
    await keep(() => datasets.finish(versionId, { outcome: result.outcome, blob }));
    const used = { projectId, keyId, usage: result.usage, flushId: `${versionId}:${attempt}` };
    await keep(() => usage.task("import", used));
  } catch (error) {
    if (error instanceof TaskDied && (isStopping(error) || (error.kind !== "memory" && !lastAttempt))) throw error;
    if (isAway(error)) throw error;
    if (isFault(error))
      means.log.error({ err: error, version: versionId }, "an import failed for a reason nobody foresaw");
    const failure = toApiError(error);
    // What nobody foresaw may be passing; when it is not, the last attempt says so.
    if (failure === undefined && !lastAttempt) throw error;
    const message = failure?.message ?? "something went wrong inside Massif; the server's log has the details";
    await keep(() => datasets.fail(versionId, { code: failure?.code ?? "INTERNAL", message }));
    if (failure === undefined) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    await rm(folder, { recursive: true, force: true });
  }
  await datasets.removeUpload(source);
}
