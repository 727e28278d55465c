// What a failure looks like: `error CODE: message`, the refused fields, and the cure from the error table.
import { ApiError, type ErrorDetail } from "@massif/api";
import type { Colours } from "./session.ts";

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
  readonly exit: number;
  readonly details: readonly ErrorDetail[];
  readonly requestId?: string;
}

/** Any thrown value as a failure; what is no ApiError is a fault of ours, except errors of the file system. */
export function failureOf(error: unknown): Failure {
  if (isApiError(error)) {
    const { code, message, cure, exit, details, requestId } = error;
    return { code, message, cure, exit, details, requestId };
  }
  return failureOf(fileSystemError(error) ?? internal(error));
}

/** The lines a user reads. */
export function failureText({ code, message, cure, details, requestId }: Failure, colours: Colours): string {
  const lines = [`${colours.red(colours.bold(`error ${code}:`))} ${message}`];
  for (const { field, problem } of details.slice(0, MAX_DETAILS)) {
    const line = field === "" ? problem : `${field}: ${problem}`;
    // One refused field is usually the message itself.
    if (!message.includes(problem)) lines.push(`  ${line}`);
  }
  if (details.length > MAX_DETAILS) lines.push(`  … and ${details.length - MAX_DETAILS} more`);
  lines.push(cure);
  if (code === "INTERNAL" && requestId !== undefined) lines.push(colours.dim(`request id ${requestId}`));
  return lines.join("\n");
}

// Internal

const MAX_DETAILS = 10;

// The server package may load its own copy of the class, so the class's name is asked, not its identity.
function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError || (error instanceof Error && error.name === "ApiError" && "cure" in error);
}

function fileSystemError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  const where = path ?? "a file";
  switch (code) {
    case "ENOENT":
      return new ApiError("INVALID_FILE", `there is no file ${where}`, { cause: error });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new ApiError("INVALID_FILE", `${where} may not be opened: ${error.message}`, { cause: error });
    case "EISDIR":
      return new ApiError("INVALID_FILE", `${where} is a folder, not a file`, { cause: error });
    case "ENOSPC":
      return new ApiError("DISK_FULL", `no space is left for ${where}`, { cause: error });
    default:
      return undefined;
  }
}

function internal(error: unknown): ApiError {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new ApiError("INTERNAL", message, { cause: error });
}
