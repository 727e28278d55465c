// The server itself, its health and usage: takes requests apart, calls a service, gives its answer back.
import { ApiError, type Health } from "@massif/api";
import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of the server itself, its health and usage. */
export function systemHandlers({ system, usage, metricsText }: Services) {
  return {
    live: async () => system.live(),
    ready: async () => unlessReady(await system.ready()),
    metrics: () => metricsText(),
    system: async () => system.info(),
    catalogue: async () => system.catalogue(),
    audit: ({ caller, query }) => system.audit(caller, query.limit),
    usage: ({ caller, query }) => usage.read(caller, query),
  } satisfies Partial<Handlers>;
}

// Internal

function unlessReady(health: Health): Health {
  if (health.status !== "unhealthy") return health;
  const reasons = health.checks.filter(({ ok }) => !ok);
  const details = reasons.map(({ name, reason }) => ({ field: name, problem: reason ?? "" }));
  throw new ApiError("OVERLOADED", `not ready: ${reasons.map(({ reason }) => reason).join("; ")}`, {
    details,
    retryAfter: 2,
  });
}
