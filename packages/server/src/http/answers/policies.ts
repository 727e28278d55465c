// Retraining policies: takes requests apart, calls a service, gives its answer back.

import type { Handlers } from "../handlers.ts";
import type { Services } from "./services.ts";

/** Handlers of retraining policies. */
export function policyHandlers({ policies }: Services) {
  return {
    setPolicy: ({ caller, params, body }) => policies.set(caller, { ...params, ...body }),
    listPolicies: ({ caller }) => policies.list(caller),
    getPolicy: ({ caller, params }) => policies.get(caller, params.name),
    deletePolicy: ({ caller, params }) => policies.remove(caller, params.name),
  } satisfies Partial<Handlers>;
}
