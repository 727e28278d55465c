// The one place that answers a failure: status, cure and request id from the error table, the log line beside it.
import type { ApiError, ErrorBody } from "@massif/api";
import type { FastifyReply, FastifyRequest } from "fastify";
import { failureOf } from "./failures.ts";

/** Answers `error`. */
export function answerFailure(
  error: unknown,
  { request, reply, limits }: { request: FastifyRequest; reply: FastifyReply; limits: { readonly bodyBytes: number } },
): FastifyReply {
  const failure = failureOf(error, limits);
  log(request, failure);
  if (failure.retryAfter !== undefined) reply.header("retry-after", String(Math.ceil(failure.retryAfter)));
  if (failure.code === "UNAUTHENTICATED") reply.header("www-authenticate", 'Bearer realm="massif"');
  // What is left of a refused body is not read: the connection cannot be used again.
  if (failure.code === "TOO_LARGE" || failure.code === "TIMEOUT") reply.header("connection", "close");
  return reply
    .code(failure.status)
    .type("application/json; charset=utf-8")
    .serializer((body: unknown) => JSON.stringify(body))
    .header(ERROR_HEADER, failure.code)
    .send(isInference(request.url) ? { error: failure.message } : errorBody(failure, request.id));
}

/** The error's code; the only place for it where the Open Inference Protocol says what the body is. */
export const ERROR_HEADER = "x-massif-error";

/** The body that says what went wrong. */
export function errorBody(failure: ApiError, requestId: string): ErrorBody {
  const { code, message, cure, retryAfter } = failure;
  const details = failure.details.length > 0 ? [...failure.details] : undefined;
  return { error: { code, message, cure, details, retryAfter, requestId } };
}

// Internal

function isInference(url: string): boolean {
  return url === "/v2" || url.startsWith("/v2/");
}

function log(request: FastifyRequest, failure: ApiError): void {
  const about = { method: request.method, url: request.url, code: failure.code };
  if (failure.status < 500) request.log.info(about, failure.message);
  else request.log.error({ ...about, err: failure.cause ?? failure }, failure.message);
}
