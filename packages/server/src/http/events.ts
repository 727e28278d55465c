// Server-sent events (WHATWG HTML §9.2): one writer per caller, which reads on only when the caller has taken what was
// sent. A slow or vanished caller costs a waiting generator and nothing else.
import { once } from "node:events";
import type { FastifyReply, FastifyRequest } from "fastify";
import { errorBody } from "./error-answer.ts";
import { failureOf } from "./failures.ts";
import type { StreamEvent } from "./handlers.ts";

/** Sends events until they end or the caller goes; `idle` becomes a comment that keeps connections open. */
export async function sendEvents(
  events: AsyncIterable<StreamEvent<unknown> | "idle">,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  // The first event is read before the headers go out, so that an unknown run is still an ordinary 404.
  let next = await iterator.next();
  reply.hijack();
  const { raw } = reply;
  raw.socket?.setTimeout(0);
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    connection: "keep-alive",
    "x-accel-buffering": "no",
    "x-request-id": request.id,
  });
  try {
    for (; !next.done; next = await iterator.next()) {
      if (raw.destroyed) break;
      if (!raw.write(lines(next.value))) await Promise.race([once(raw, "drain"), once(raw, "close")]);
    }
  } catch (error) {
    const failure = failureOf(error, { bodyBytes: 0 });
    request.log.error({ err: error }, "an event stream broke off");
    if (!raw.destroyed) raw.write(`event: error\ndata: ${JSON.stringify(errorBody(failure, request.id))}\n\n`);
  } finally {
    await iterator.return?.();
    raw.end();
  }
}

// Internal

function lines(event: StreamEvent<unknown> | "idle"): string {
  return event === "idle" ? ": idle\n\n" : `id: ${event.id}\ndata: ${JSON.stringify(event.data)}\n\n`;
}
