// The HTTP face: a Fastify instance with every route of the table, one place for errors, and nothing of the product's
// rules. It is given its handlers; it opens no port.
import { randomUUID } from "node:crypto";
import { ApiError } from "@massif/api";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import type { Logger } from "pino";
import type { Admission } from "../services/admission.ts";
import type { KeyRing } from "../services/key-ring.ts";
import { addBodyParsers } from "./bodies.ts";
import { addCompression } from "./compression.ts";
import { addConsole } from "./console.ts";
import { addDocs } from "./docs.ts";
import { answerFailure } from "./error-answer.ts";
import type { Handlers } from "./handlers.ts";
import { PID_HEADER } from "./listen.ts";
import type { HttpMetrics } from "./metrics.ts";
import { addRoutes } from "./routes.ts";
import { unknownRoute } from "./unknown-route.ts";

/** Limits at the door. */
export interface HttpLimits {
  /** Most bytes of a JSON body. */
  readonly bodyBytes: number;
  /** How long a JSON body may take to arrive. */
  readonly bodyMs: number;
  /** How long a connection may say nothing. */
  readonly idleMs: number;
}

/** What the HTTP face is made of. */
export interface AppMeans {
  readonly handlers: Handlers;
  readonly keys: KeyRing;
  readonly admission: Admission;
  readonly log: Logger;
  readonly limits: HttpLimits;
  readonly metrics: HttpMetrics;
  readonly version: string;
  /** The folder of the built console. */
  readonly console: string | undefined;
}

/** Builds the HTTP face; `listen` is the caller's. */
export async function buildApp(means: AppMeans): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: means.log.child({ part: "http" }) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: requestId,
    bodyLimit: means.limits.bodyBytes,
    connectionTimeout: means.limits.idleMs,
    // Uploads take as long as they take; JSON bodies have a time limit of their own (bodies.ts).
    requestTimeout: 0,
    return503OnClosing: true,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => void answerFailure(error, { request, reply, limits: means.limits }),
  });
  app.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, limits: means.limits }));
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request.method, request.url);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    // Tells who holds the port to a second server that wants it.
    if (request.url === "/healthz") reply.header(PID_HEADER, process.pid);
  });
  app.addHook("onResponse", async (request, reply) => record(means, request, reply));
  addBodyParsers(app, means.limits);
  await addCompression(app);
  await addDocs(app, means.version);
  await addConsole(app, means.console);
  addRoutes(app, means);
  return app;
}

// Internal

const REQUEST_ID = /^[\w.:-]{1,100}$/;

function requestId(request: { headers: Record<string, unknown> }): string {
  const given = request.headers["x-request-id"];
  // Only what is safe to write to a log and a header is taken over.
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

function record(means: AppMeans, request: FastifyRequest, reply: { statusCode: number; elapsedTime: number }): void {
  const route = request.routeOptions.url ?? "unknown";
  means.metrics.request({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  const line = {
    method: request.method,
    url: request.url,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
  };
  request.log.debug(line, "answered");
}

/** Answers what is not HTTP at all, which never reaches the framework. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: import("node:stream").Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const tooLarge = error.code === "HPE_HEADER_OVERFLOW";
  const failure = new ApiError(
    "INVALID_REQUEST",
    tooLarge ? "the headers are over the limit of 16 KB" : "this is not a valid HTTP request",
  );
  const { code, message, cure } = failure;
  const body = JSON.stringify({ error: { code, message, cure, requestId: randomUUID() } });
  const status = tooLarge ? "431 Request Header Fields Too Large" : "400 Bad Request";
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
