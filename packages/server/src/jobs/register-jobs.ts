// Connects the queue's kinds of work to what does them.
import type { Queue } from "../queue/queue.ts";
import type { Datasets } from "../services/datasets.ts";
import type { JobKinds } from "../services/job-kinds.ts";
import type { Means } from "../services/means.ts";
import type { Plans } from "../services/plans.ts";
import { beginRetraining } from "../services/retraining.ts";
import { StudyStates } from "../services/study-state.ts";
import type { Training } from "../services/training.ts";
import type { UsageLog } from "../services/usage-log.ts";
import { importJob } from "./import-job.ts";
import { trainJob } from "./train-job.ts";
import { trialJob, trialJobExhausted } from "./trial-job.ts";

/** What jobs work with. */
export interface JobMeans {
  readonly means: Means;
  readonly datasets: Datasets;
  readonly training: Training;
  readonly plans: Plans;
  readonly usage: UsageLog;
  readonly cores: number;
}

/** Has this process do jobs; as many at once as it has cores, which is also what their processes share. */
export async function registerJobs(queue: Queue<JobKinds>, job: JobMeans): Promise<void> {
  const { datasets, training, cores } = job;
  const importing = {
    concurrency: Math.min(cores, 2),
    exhausted: async ({ payload, reason }: { payload: JobKinds["import"]; reason: string }) =>
      datasets.fail(payload.versionId, { code: "INTERRUPTED", message: `gave up after several attempts: ${reason}` }),
  };
  await queue.work("import", importing, (one, signal) => importJob(one, signal, job));
  const exhausted = async ({ payload, reason }: { payload: JobKinds["train"]; reason: string }) =>
    training.exhausted(payload.runId, reason);
  await queue.work("retrain", { concurrency: 1 }, ({ payload }) => beginRetraining(job.means, payload.retrainingId));
  await queue.work("train", { concurrency: cores, exhausted }, (one, signal) => trainJob(one, signal, job));
  const lanes = { means: job.means, usage: job.usage, states: new StudyStates() };
  const trying = {
    concurrency: cores,
    exhausted: async ({ payload, reason }: { payload: JobKinds["trial"]; reason: string }) =>
      trialJobExhausted(payload, reason, lanes),
  };
  await queue.work("trial", trying, (one, signal) => trialJob(one, signal, { means: job.means, lanes }));
}
