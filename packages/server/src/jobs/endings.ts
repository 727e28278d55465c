// Telling apart why work ended: the server ends, somebody cancelled, or a fault of our own.
import { JobAborted } from "../queue/queue.ts";
import { TaskDied } from "../runtime/task-error.ts";
import { toApiError } from "../services/failures.ts";

/** Whether a task ended because the server does; the job is then given back, not failed. */
export function isStopping(error: unknown): boolean {
  return error instanceof TaskDied && error.kind === "stopping";
}

/** Whether a job's signal says that somebody cancelled it. */
export function isCancelled(signal: AbortSignal): boolean {
  return signal.reason instanceof JobAborted && signal.reason.reason === "cancelled";
}

/** Whether the database could not be reached: nothing could be written down, so the job is to be done again. */
export function isAway(error: unknown): boolean {
  return toApiError(error)?.code === "DATABASE_UNREACHABLE";
}

/** Whether nobody foresaw this error; its words are for the log, not for the user. */
export function isFault(error: unknown): boolean {
  const failure = toApiError(error);
  return failure === undefined || failure.code === "INTERNAL";
}
