// Registers a handler for every entry of the route table: who may call, what comes in, how the answer travels.
import type { Readable } from "node:stream";
import { ROUTES, type Route, type RouteName } from "@massif/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { type Caller, requireRole } from "../services/caller.ts";
import type { AppMeans } from "./app.ts";
import { bearerOf } from "./bearer.ts";
import { sendEvents } from "./events.ts";
import { refusedPart } from "./failures.ts";
import type { Asked, FileAnswer, StreamAnswer, StreamEvent } from "./handlers.ts";

/** Adds all routes. */
export function addRoutes(app: FastifyInstance, means: AppMeans): void {
  app.decorateRequest("caller", null as unknown as Caller);
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (value) => {
    const read = schema.safeParse(value ?? {});
    return read.success ? { value: read.data } : { error: refusedPart(httpPart ?? "body", read.error, value) };
  });
  app.setSerializerCompiler<z.ZodType>(
    ({ schema }) =>
      (value) =>
        JSON.stringify(schema.parse(value)),
  );
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) addRoute(app, { name, route, means });
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set before the body is read. */
    caller: Caller;
  }
}

// Internal

/** Answers that are large, and made of checked parts. */
const UNCHECKED: readonly RouteName[] = ["predict", "infer", "inferVersion"];

const ANONYMOUS: Caller = { projectId: "", keyId: "", role: "predict", requestId: "" };

function addRoute(
  app: FastifyInstance,
  { name, route, means }: { name: RouteName; route: Route; means: AppMeans },
): void {
  const handler = means.handlers[name] as unknown as (asked: Asked<Route>) => Promise<unknown>;
  const json = route.answer === undefined || route.answer === "json";
  app.route({
    method: route.method,
    url: route.path,
    config: { massif: route },
    // Rows are checked against the model's own columns, which says more than a schema of all rows could, and faster.
    schema: { ...parts(route), ...(json && !UNCHECKED.includes(name) ? { response: { "2xx": route.response } } : {}) },
    onRequest: async (request, reply) => {
      request.caller =
        route.role === null ? { ...ANONYMOUS, requestId: request.id } : await admit({ request, reply }, route, means);
    },
    handler: async (request, reply) => {
      // The connection is silent while work is done for it; only the caller's own silence is limited.
      if (!route.upload) request.raw.socket.setTimeout(0);
      const answer = await handler(ask(request, reply));
      return send(answer, { route, request, reply });
    },
  });
}

function parts(route: Route): Record<string, z.ZodType> {
  const schema: Record<string, z.ZodType> = {};
  if (route.params !== undefined) schema.params = route.params;
  if (route.query !== undefined) schema.querystring = route.query.strict();
  if (route.body !== undefined) schema.body = route.body;
  return schema;
}

/** Who asks, when the key is right, its role suffices, and neither its rate nor its budget is used up. */
async function admit(
  { request, reply }: Pick<Sending, "request" | "reply">,
  route: Route,
  { keys, admission }: AppMeans,
): Promise<Caller> {
  const key = await keys.identify(bearerOf(request.headers.authorization));
  if (route.role !== null) requireRole(key, route.role);
  const allowance = await admission.enter(key, { spends: route.spends === true });
  if (allowance !== undefined) {
    reply.header("x-ratelimit-limit", allowance.limit).header("x-ratelimit-remaining", allowance.remaining);
  }
  const { projectId, keyId, role, keyBudget, projectBudget } = key;
  return { projectId, keyId, role, requestId: request.id, keyBudget, projectBudget };
}

function ask(request: FastifyRequest, reply: FastifyReply): Asked<Route> {
  const { body } = request;
  return {
    params: request.params,
    query: request.query,
    body,
    file: request.routeOptions.config.massif?.upload ? (body as Readable) : undefined,
    caller: request.caller,
    // Made when asked for: a signal and its abort cost more than the rest of a small request.
    get signal() {
      return goneSignal(reply);
    },
    header: (name: string, value: string) => void reply.header(name, value),
    sent: (callback: (bytes: number) => void) => whenSent({ request, reply }, callback),
    bytesIn: Number(request.headers["content-length"] ?? 0),
    lastEventId: request.headers["last-event-id"] as string | undefined,
    origin: `${request.protocol}://${request.host}`,
  } as Asked<Route>;
}

function whenSent({ request, reply }: Pick<Sending, "request" | "reply">, callback: (bytes: number) => void): void {
  const { socket } = request.raw;
  const before = socket.bytesWritten;
  // An answer that is compressed on its way has no length before it is out.
  reply.raw.once("close", () => callback(Number(reply.getHeader("content-length") ?? socket.bytesWritten - before)));
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.destroyed) gone.abort();
  else reply.raw.once("close", () => gone.abort());
  return gone.signal;
}

interface Sending {
  readonly route: Route;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function send(answer: unknown, { route, request, reply }: Sending): unknown {
  if (route.answer === "events") {
    return sendEvents(answer as AsyncIterable<StreamEvent<unknown> | "idle">, { request, reply });
  }
  reply.code(route.status ?? 200);
  if (route.answer === "text") return reply.type("text/plain; charset=utf-8").send(answer);
  if (route.answer === "file" || route.answer === "stream") {
    const file = answer as FileAnswer | StreamAnswer;
    // A stream ends when it ends: its length would be a promise that a failure on the way could not keep.
    const length = route.answer === "file" ? "content-length" : "x-massif-content-bytes";
    return reply
      .type("application/octet-stream")
      .header(length, file.bytes)
      .header("content-disposition", `attachment; filename="${file.name}"`)
      .send(file.stream);
  }
  return reply.send(answer);
}
