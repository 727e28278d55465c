// Turns what a task threw into words for the user. Only conditions with a class or a code of their own are told apart;
// everything else is a fault, and says so.
import { DataError } from "@massif/data";
import { ConvergenceWarning, ModelFileError, NotFittedError, ParamError, ShapeError } from "@massif/learn";
import { MpiError } from "@massif/mpi";
import { RankProblem, RanksLost } from "./ranks/rank-error.ts";
import { RANKS_LOST, type TaskProblem } from "./task-protocol.ts";

/** The problem that `error` stands for. */
export function problemOf(error: unknown): TaskProblem {
  if (!(error instanceof Error)) return { code: "INTERNAL", message: String(error) };
  const { message } = error;
  if (error instanceof RankProblem) return error.problem;
  if (error instanceof RanksLost) return { code: RANKS_LOST, message };
  if (error instanceof MpiError)
    return { code: error.code === "MPI_MISSING" ? error.code : "RANKS_NOT_STARTED", message };
  if (error.name === "TaskCancelled") return { code: "CANCELLED", message };
  if (error instanceof ConvergenceWarning || error.name === "DivergenceError") return { code: "DIVERGED", message };
  if (error instanceof ParamError) {
    const code = PARAM_CODES[error.field] ?? "INVALID_PIPELINE";
    return { code, message, field: error.field };
  }
  if (error instanceof ModelFileError) return { code: "INVALID_MODEL", message };
  if (error instanceof ShapeError || error instanceof NotFittedError) return { code: "TRAINING_FAILED", message };
  const code = errorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") return { code: "DISK_FULL", message: `the disk is full: ${message}` };
  if (error instanceof DataError)
    return { code: DATA_CODES[error.code] ?? "INVALID_FILE", message, field: error.column };
  return { code: "INTERNAL", message: error.stack ?? message };
}

// Internal

function errorCode(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

// Fields that are none of a pipeline's. (`weights` is a parameter of some estimators.)
const PARAM_CODES: Readonly<Record<string, string>> = {
  target: "INVALID_TARGET",
  rowWeights: "INVALID_WEIGHTS",
  split: "INVALID_REQUEST",
  // Of curves.
  sizes: "INVALID_REQUEST",
  param: "INVALID_REQUEST",
};

// Codes of the data package that are not about the file itself.
const DATA_CODES: Readonly<Record<string, string>> = {
  ABORTED: "CANCELLED",
  CONSTANT_TARGET: "INVALID_TARGET",
  DISK_FULL: "DISK_FULL",
  EMPTY_TARGET: "INVALID_TARGET",
  ENGINE_FAILED: "INTERNAL",
  MISSING_TARGET: "INVALID_TARGET",
  OUT_OF_MEMORY: "TOO_LARGE",
  SQL_INVALID: "INVALID_SQL",
  SQL_NOT_ALLOWED: "INVALID_SQL",
  SQL_TIMEOUT: "TIMEOUT",
  TOO_LARGE: "TOO_LARGE",
  UNKNOWN_COLUMN: "INVALID_REQUEST",
  UNSUITABLE_TARGET: "INVALID_TARGET",
  WRITE_FAILED: "INTERNAL",
};
