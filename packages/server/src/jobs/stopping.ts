// Telling an end of the server from an end of the work.
import { JobAborted } from "../queue/queue.ts";
import { TaskDied } from "../runtime/task-error.ts";

/** Whether a task ended because the server does; the job is then given back, not failed. */
export function isStopping(error: unknown): boolean {
  return error instanceof TaskDied && error.kind === "stopping";
}

/** Whether a job's signal says that somebody cancelled it. */
export function isCancelled(signal: AbortSignal): boolean {
  return signal.reason instanceof JobAborted && signal.reason.reason === "cancelled";
}
