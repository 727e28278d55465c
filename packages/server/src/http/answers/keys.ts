// API keys: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of aPI keys. */
export function keyHandlers({ keys }: Services) {
  return {
    createKey: ({ caller, body }) => keys.create(caller, body),
    listKeys: ({ caller }) => keys.list(caller),
    getOwnKey: ({ caller }) => keys.own(caller),
    revokeKey: ({ caller, params }) => keys.revoke(caller, params.id),
  } satisfies Partial<Handlers>;
}
