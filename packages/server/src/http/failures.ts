// Every error that reaches the edge becomes one ApiError here. What is not known is a fault of ours: the caller gets
// the request id and nothing else, the log gets everything.
import { ApiError, type ErrorDetail } from "@massif/api";
import type { z } from "zod";
import { toApiError } from "../services/failures.ts";

/** The ApiError that `error` stands for; INTERNAL for what nobody foresaw. */
export function failureOf(error: unknown, limits: { readonly bodyBytes: number }): ApiError {
  const known = toApiError(error) ?? frameworkError(error, limits);
  return known ?? new ApiError("INTERNAL", "something went wrong inside Massif", { cause: error });
}

/** The error for a part of a request that does not fit its schema. */
export function refusedPart(part: string, error: z.core.$ZodError, value: unknown): ApiError {
  const details = error.issues.slice(0, MAX_DETAILS).map((issue) => detailOf(issue, value));
  const [first] = details;
  const where = first.field === "" ? `the ${part}` : `\`${first.field}\``;
  return new ApiError("INVALID_REQUEST", `${where}: ${first.problem}`, { details });
}

// Internal

/** Details that one answer lists. */
const MAX_DETAILS = 20;
/** Characters of a refused value that an answer repeats. */
const MAX_SHOWN = 80;

function detailOf(issue: z.core.$ZodIssue, value: unknown): ErrorDetail {
  const field = fieldName(issue.path);
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const shown = showable(
    issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null)?.[key], value),
  );
  const problem = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return { field: unknown === undefined ? field : [field, unknown].filter(Boolean).join("."), value: shown, problem };
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) => (typeof key === "number" ? `${name}[${key}]` : name === "" ? String(key) : `${name}.${String(key)}`),
    "",
  );
}

function showable(value: unknown): unknown {
  if (value === null || typeof value === "number" || typeof value === "boolean" || value === undefined) return value;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function frameworkError(error: unknown, { bodyBytes }: { readonly bodyBytes: number }): ApiError | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new ApiError("TOO_LARGE", `the body is over the limit of ${bodyBytes} bytes (bodyLimitBytes)`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new ApiError("UNSUPPORTED_MEDIA_TYPE", (error as Error).message);
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
      return new ApiError("INVALID_JSON", "the body is empty");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new ApiError("INVALID_REQUEST", "the body is shorter or longer than `content-length` says");
    case "FST_ERR_BAD_URL":
    case "FST_ERR_ASYNC_CONSTRAINT":
      return new ApiError("INVALID_REQUEST", "the address is not a valid URL path");
    default:
      return undefined;
  }
}
