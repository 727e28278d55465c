// What a failure is to the console: the server's own error, or anything else in its form.
import { ApiError } from "@massif/api";

/** Any thrown thing as an ApiError. */
export function failureOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("INTERNAL", error instanceof Error ? error.message : String(error), { cause: error });
}

/** Whether the server was not reached, so that asking again may help. */
export function isLost(error: unknown): boolean {
  return error instanceof ApiError && error.code === "SERVER_UNREACHABLE";
}
