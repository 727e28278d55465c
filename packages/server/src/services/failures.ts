// One translation of what the layers below throw into the error table; conditions are told apart by class and code,
// never by their text.
import { ApiError, type ErrorCode, type ErrorDetail, isErrorCode } from "@massif/api";
import { DataError } from "@massif/data";
import { ParamError, ShapeError } from "@massif/learn";
import { BlobDamagedError, BlobMissingError } from "../blobs/blobs.ts";
import { ModelRefused, ReplicaUnavailable } from "../runtime/replica.ts";
import { QueueRefused } from "../runtime/serving/queue-refused.ts";
import { TaskDied, TaskFailed } from "../runtime/task-error.ts";
import { problemOf } from "../runtime/task-problem.ts";
import type { TaskProblem } from "../runtime/task-protocol.ts";
import { StoreError, type StoreErrorCode } from "../store/errors.ts";

/** The ApiError for a failure that a layer below foresaw; undefined for anything else. */
export function toApiError(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof StoreError) return fromStore(error);
  if (error instanceof ParamError) {
    return new ApiError("INVALID_PIPELINE", error.message, {
      details: [detail(error.field, error.message)],
      cause: error,
    });
  }
  if (error instanceof ShapeError) return new ApiError("INVALID_PIPELINE", error.message, { cause: error });
  if (error instanceof DataError) return fromProblem(problemOf(error), error);
  if (error instanceof BlobDamagedError || error instanceof BlobMissingError) {
    return new ApiError("BLOB_DAMAGED", error.message, { cause: error });
  }
  if (error instanceof ModelRefused) return new ApiError("BLOB_DAMAGED", error.message, { cause: error });
  if (error instanceof QueueRefused)
    return new ApiError("OVERLOADED", error.message, { cause: error, retryAfter: error.retryAfter });
  if (error instanceof ReplicaUnavailable)
    return new ApiError("OVERLOADED", error.message, { cause: error, retryAfter: 1 });
  if (error instanceof TaskFailed) return fromProblem(error.problem, error);
  if (error instanceof TaskDied) return fromDeath(error);
  return undefined;
}

/** The ApiError that a task's problem stands for. */
export function fromProblem(problem: TaskProblem, cause?: unknown): ApiError {
  const code = isErrorCode(problem.code) ? problem.code : "INTERNAL";
  // A fault's text may hold a stack: it goes to the log by `cause`, not to the caller.
  if (code === "INTERNAL") return new ApiError(code, "something went wrong inside Massif", { cause });
  const details = problem.field === undefined ? [] : [detail(problem.field, problem.message)];
  return new ApiError(code, problem.message, { details, cause });
}

// Internal

const STORE_CODES: Readonly<Record<StoreErrorCode, ErrorCode>> = {
  HOME_LOCKED: "HOME_LOCKED",
  HOME_NOT_WRITABLE: "HOME_NOT_WRITABLE",
  HOME_NOT_A_FOLDER: "HOME_NOT_WRITABLE",
  HOME_DAMAGED: "HOME_DAMAGED",
  DISK_FULL: "DISK_FULL",
  HOME_FOREIGN: "HOME_FOREIGN",
  NOT_EMPTY: "NOT_EMPTY",
  DATABASE_UNREACHABLE: "DATABASE_UNREACHABLE",
  DATABASE_FAILED: "INTERNAL",
  DATABASE_NEWER: "HOME_DAMAGED",
  MIGRATION_FAILED: "HOME_DAMAGED",
  CONFLICT: "CONFLICT",
  MISUSE: "INTERNAL",
};

function fromStore(error: StoreError): ApiError {
  const code = STORE_CODES[error.code] ?? "INTERNAL";
  const retryAfter = code === "DATABASE_UNREACHABLE" ? 5 : undefined;
  return new ApiError(code, error.message, { cause: error, retryAfter });
}

function fromDeath(error: TaskDied): ApiError {
  const message = `the work ${error.message}`;
  if (error.kind === "timeout") return new ApiError("TIMEOUT", message, { cause: error });
  if (error.kind === "memory") return new ApiError("TOO_LARGE", message, { cause: error });
  if (error.kind === "stopping")
    return new ApiError("OVERLOADED", "the server is stopping", { cause: error, retryAfter: 2 });
  if (error.kind === "cancelled") return new ApiError("CANCELLED", message, { cause: error });
  return new ApiError("INTERRUPTED", message, { cause: error });
}

function detail(field: string, problem: string): ErrorDetail {
  return { field, problem };
}
