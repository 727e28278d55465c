// How bodies come in: JSON with a size and a time limit, raw bytes for uploads, nothing else.
import { ApiError, type Route } from "@massif/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpLimits } from "./app.ts";
import { answerFailure } from "./error-answer.ts";
import { parseJsonBody } from "./json-body.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The entry of the route table. */
    massif?: Route;
  }
}

const JSON_TYPE = "application/json";
const BYTES_TYPE = "application/octet-stream";

/** Adds the parsers and the checks before them. */
export function addBodyParsers(app: FastifyInstance, limits: HttpLimits): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: "string" }, async (request: FastifyRequest, body: string) => {
    if (body !== "") return parseJsonBody(body);
    if (request.routeOptions.config.massif?.body === undefined) return undefined;
    throw new ApiError("INVALID_JSON", "the body is empty");
  });
  app.addContentTypeParser(BYTES_TYPE, (_request, payload, done) => done(null, payload));
  app.addHook("onRequest", async (request, reply) => {
    checkType(request);
    limitTime(request, reply, limits);
  });
  app.addHook("preValidation", async (request) => clearTimeout(request.bodyTimer));
  app.addHook("onResponse", async (request) => clearTimeout(request.bodyTimer));
  app.decorateRequest("bodyTimer", undefined);
}

declare module "fastify" {
  interface FastifyRequest {
    bodyTimer: NodeJS.Timeout | undefined;
  }
}

// Internal

function checkType(request: FastifyRequest): void {
  const route = request.routeOptions.config.massif;
  if (route === undefined) return;
  const given = request.headers["content-type"];
  const type = given?.split(";")[0].trim().toLowerCase();
  const takes = route.upload ? BYTES_TYPE : route.body ? JSON_TYPE : undefined;
  if (takes === undefined ? type === undefined || type === JSON_TYPE || !hasBody(request) : type === takes) return;
  if (takes === undefined) throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "this route takes no body");
  const got = given === undefined ? "there is none" : `got ${JSON.stringify(given.slice(0, 80))}`;
  throw new ApiError("UNSUPPORTED_MEDIA_TYPE", `\`content-type\` must be ${takes}, ${got}`);
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** A body that trickles in byte by byte would hold its connection for ever. */
function limitTime(request: FastifyRequest, reply: FastifyReply, limits: HttpLimits): void {
  if (request.routeOptions.config.massif?.upload || !hasBody(request)) return;
  request.bodyTimer = setTimeout(() => {
    const late = new ApiError("TIMEOUT", `the body did not arrive within ${limits.bodyMs / 1000} s`);
    answerFailure(late, { request, reply, limits });
  }, limits.bodyMs);
}
